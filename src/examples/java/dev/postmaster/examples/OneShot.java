package dev.postmaster.examples;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.WorkerContext;
import java.time.Duration;

/** Is done soon: main returns, the exit is COMPLETED, the registration is forgotten. */
final class OneShot implements BackgroundWorker {

  @Override
  public void run(WorkerContext context) throws InterruptedException {
    Naps.sleep(context, Args.of(context).time("takes", Duration.ofMillis(100)));
  }
}
