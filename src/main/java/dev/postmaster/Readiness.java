package dev.postmaster;

import java.time.Duration;

/**
 * When a run counts as ready (contract §6).
 *
 * @param uptime for {@link Kind#UPTIME}, how long it must have run; else zero
 */
public record Readiness(Kind kind, Duration uptime) {

  /** The three ways. */
  public enum Kind {
    AT_ONCE,
    SAID,
    UPTIME
  }

  /** Ready when it runs. */
  public static final Readiness AT_ONCE = new Readiness(Kind.AT_ONCE, Duration.ZERO);

  /** Ready when it says so. */
  public static final Readiness SAID = new Readiness(Kind.SAID, Duration.ZERO);

  /** Ready when it has run for so long. */
  public static Readiness after(Duration uptime) {
    return new Readiness(Kind.UPTIME, uptime);
  }
}
