package dev.postmaster.examples;

import dev.postmaster.WaitResult;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerExit;
import java.time.Duration;

/** Waits on the latch that a stop ends. */
final class Naps {

  /** For those who have nothing to do: any signal ends it. */
  static final Duration IDLE = Duration.ofHours(1);

  private Naps() {}

  /**
   * Waits until the latch is set or the time is over.
   *
   * @throws WorkerExit if the run is to end
   */
  static void nap(WorkerContext context, Duration time) throws InterruptedException {
    WaitResult result = context.awaitLatch(time);
    context.checkInterrupts();
    if (result == WaitResult.POSTMASTER_DIED) {
      // Every later wait would end at once: going on would be going on without a pause.
      throw new WorkerExit("the postmaster has ended");
    }
  }

  /** Waits for the whole time, however often the latch is set meanwhile. */
  static void sleep(WorkerContext context, Duration time) throws InterruptedException {
    until(context, System.nanoTime() + time.toNanos());
  }

  /** Waits until that monotonic time, however often the latch is set meanwhile. */
  static void until(WorkerContext context, long deadlineNs) throws InterruptedException {
    context.checkInterrupts();
    for (long left = deadlineNs - System.nanoTime();
        left > 0;
        left = deadlineNs - System.nanoTime()) {
      nap(context, Duration.ofNanos(left));
    }
  }
}
