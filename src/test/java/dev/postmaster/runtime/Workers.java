package dev.postmaster.runtime;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.WorkerSpec;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Mains that tests register. */
final class Workers {

  static final Duration LONG = Duration.ofHours(1);
  static final Duration SHORT = Duration.ofMillis(30);

  private Workers() {}

  static WorkerSpec of(String name, BackgroundWorker main) {
    return WorkerSpec.of(name, () -> main);
  }

  /** One that waits until it is told. */
  static WorkerSpec idle(String name) {
    return of(
        name,
        context -> {
          while (true) {
            context.checkInterrupts();
            context.awaitLatch(LONG);
          }
        });
  }

  /** One that hears neither tell nor interrupt until it is released. */
  static WorkerSpec deaf(String name, CountDownLatch release) {
    return of(name, context -> awaitDeaf(release)).stop(SHORT, SHORT);
  }

  static void awaitDeaf(CountDownLatch release) {
    while (release.getCount() > 0) {
      try {
        release.await();
      } catch (InterruptedException ignored) {
        continue;
      }
    }
  }

  static void await(CountDownLatch latch) throws Exception {
    if (!latch.await(20, TimeUnit.SECONDS)) {
      throw new TimeoutException("nobody counted down");
    }
  }

  /** Waits for something that nothing tells of. */
  static void until(BooleanSupplier condition) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    for (int look = 0; !condition.getAsBoolean(); look++) {
      if (look == 4_000) {
        throw new TimeoutException("it never came true");
      }
      if (never.await(5, TimeUnit.MILLISECONDS)) {
        throw new AssertionError("unreachable");
      }
    }
  }
}
