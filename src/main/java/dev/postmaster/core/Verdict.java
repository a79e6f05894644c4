package dev.postmaster.core;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;

/**
 * What the end of a run counts as (contract §7).
 *
 * @param code {@link Transition#NO_CODE} if the exit has none
 */
record Verdict(Exit exit, int code, String message) {

  /** No run ended. */
  static final Verdict NONE = new Verdict(Exit.NONE, Transition.NO_CODE, "");

  /**
   * Decides: who ended first counts, and an explicit {@code exit(n)} counts also after the tell.
   *
   * <p>Source: PostgreSQL {@code CleanupBackgroundWorker}, with what a JVM has instead of signals.
   */
  static Verdict of(Slot slot, End end) {
    Cause reason = slot.reason;
    boolean stopped = slot.state == WorkerState.STOPPING || slot.state == WorkerState.ABANDONED;
    if (!end.told()) {
      boolean startFailed = !slot.begun && end.exit() == Exit.FAILED;
      return startFailed ? plain(Exit.START_FAILED, end) : of(end);
    }
    if (stopped && reason == Cause.START_TIMEOUT) {
      return plain(Exit.START_TIMEOUT, end);
    }
    if (stopped && reason == Cause.WATCHDOG) {
      return plain(Exit.WATCHDOG, end);
    }
    if (end.explicit()) {
      return of(end);
    }
    // On the ladder for its own end it was told before that, by a TERM.
    if (!stopped || reason == Cause.SIGNAL || reason == Cause.EXIT) {
      return new Verdict(Exit.FAILED, 1, end.message());
    }
    return plain(end.interrupted() ? Exit.KILLED : Exit.TERMINATED, end);
  }

  private static Verdict of(End end) {
    return new Verdict(end.exit(), end.code(), end.message());
  }

  private static Verdict plain(Exit exit, End end) {
    return new Verdict(exit, Transition.NO_CODE, end.message());
  }

  /** Whether the postmaster, not the run, brought the end about, so that the reason decides. */
  boolean isTold() {
    return exit == Exit.TERMINATED || exit == Exit.KILLED;
  }
}
