package dev.postmaster.examples;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.WorkerContext;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Hears nothing until its time is over: it never looks whether it is to end, and swallows every
 * interrupt. What becomes of it is the postmaster's last rung: ABANDONED.
 */
final class Stubborn implements BackgroundWorker {

  @Override
  public void run(WorkerContext context) {
    deaf(Args.of(context).time("lasts", Duration.ofHours(24)));
  }

  /** Knows nothing of the run, so that this thread keeps alive nothing but itself. */
  private static void deaf(Duration lasts) {
    long end = System.nanoTime() + lasts.toNanos();
    for (long left = lasts.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
      // A pending interrupt would let park return at once, for ever.
      Thread.interrupted();
    }
  }
}
