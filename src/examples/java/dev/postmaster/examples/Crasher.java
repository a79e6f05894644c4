package dev.postmaster.examples;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.WorkerContext;
import java.time.Duration;

/**
 * Throws after a while: the exit is FAILED, and a new run begins when its restart interval is over.
 */
final class Crasher implements BackgroundWorker {

  @Override
  public void run(WorkerContext context) throws InterruptedException {
    Duration after = Args.of(context).time("after", Duration.ofSeconds(8));
    Naps.sleep(context, after);
    throw new IllegalStateException("failed after " + after.toMillis() + " ms, as it was asked to");
  }
}
