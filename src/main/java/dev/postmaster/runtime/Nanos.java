package dev.postmaster.runtime;

import java.time.Duration;

/** Durations as the core takes them. */
final class Nanos {

  /** About 73 years: so long that nothing is missed, so short that no sum overflows. */
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 4);

  private Nanos() {}

  /** Never negative, and never so long that adding it to a time overflows. */
  static long of(Duration duration) {
    if (duration.isNegative()) {
      return 0;
    }
    return duration.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : duration.toNanos();
  }
}
