package dev.postmaster;

import java.util.Locale;

/**
 * Why a transition happened. The first group are edges of a slot (contract §5), the second the
 * postmaster's own records (protocols §7). Codes are those of the journal, never re-used.
 */
public enum Cause {
  REGISTERED(1),
  LAUNCH(2),
  STARTED(3),
  READY(4),
  NOT_READY(5),
  EXIT(6),
  START_FAILED(7),
  START_TIMEOUT(8),
  TERMINATE(9),
  SHUTDOWN(10),
  CRASH_CYCLE(11),
  GROUP(12),
  DRAIN(13),
  SIGNAL(14),
  WATCHDOG(15),
  STOP_TIMEOUT(16),
  THREAD_RETURNED(17),
  RESTART_TIMER(18),
  BUDGET(19),
  PROBE(20),
  ORPHANED(21),

  PAUSE(22),
  RESUME(23),
  OPENED(32),
  CLOSED(33),
  PHASE(34),
  CRASH_BEGIN(35),
  CRASH_END(36),
  SHUTDOWN_BEGIN(37),
  LOST(38),
  REPLACED(39),
  REFUSED(40);

  private final int code;
  private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

  Cause(int code) {
    this.code = code;
  }

  /** The word of the contract, such as {@code restart-timer}. */
  public String word() {
    return word;
  }

  public int code() {
    return code;
  }
}
