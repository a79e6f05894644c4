package dev.postmaster.examples;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.WorkerContext;
import java.time.Duration;

/** Runs at once but is ready later, when it says so; then idles until it is stopped. */
final class SlowStart implements BackgroundWorker {

  @Override
  public void run(WorkerContext context) throws InterruptedException {
    Naps.sleep(context, Args.of(context).time("readyAfter", Duration.ofSeconds(3)));
    context.ready();
    while (true) {
      Naps.nap(context, Naps.IDLE);
    }
  }
}
