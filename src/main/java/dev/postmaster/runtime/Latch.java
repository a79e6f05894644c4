package dev.postmaster.runtime;

import dev.postmaster.WaitResult;

/**
 * One sticky flag with one owner: anyone sets, only the owner waits and resets (contract §11).
 *
 * <p>Source: PostgreSQL's latch.
 */
final class Latch {

  private boolean set;
  private boolean dead;

  synchronized void set() {
    set = true;
    notifyAll();
  }

  /** The postmaster is gone: every wait ends, now and later. */
  synchronized void die() {
    dead = true;
    notifyAll();
  }

  synchronized boolean isDead() {
    return dead;
  }

  /** Waits until it is set, and resets it. A set latch comes before a dead postmaster. */
  synchronized WaitResult await(long timeoutNs) throws InterruptedException {
    long end = System.nanoTime() + timeoutNs;
    while (!set && !dead) {
      long leftNs = end - System.nanoTime();
      if (leftNs <= 0) {
        return WaitResult.TIMEOUT;
      }
      // Rounded up: a wait of 0 would have no end.
      wait(leftNs / 1_000_000, (int) (leftNs % 1_000_000));
    }
    if (set) {
      set = false;
      return WaitResult.SET;
    }
    return WaitResult.POSTMASTER_DIED;
  }

  /** Waits until the condition holds, or the latch is set, without resetting it. */
  synchronized boolean awaitUntil(java.util.function.BooleanSupplier condition, long timeoutNs)
      throws InterruptedException {
    long end = System.nanoTime() + timeoutNs;
    while (!condition.getAsBoolean()) {
      long leftNs = end - System.nanoTime();
      if (leftNs <= 0) {
        return false;
      }
      wait(leftNs / 1_000_000, (int) (leftNs % 1_000_000));
    }
    return true;
  }

  /** Lets those that wait look at their condition again. */
  synchronized void poke() {
    notifyAll();
  }
}
