package dev.postmaster.client;

/**
 * When to acknowledge: half a window before it is used up, and no later than after {@value
 * #COUNT_MAX} transitions or {@value #DELAY_MS} ms; but never sooner than {@value #PAUSE_MS} ms
 * after the last time, because a viewer may send ten messages a second in all.
 *
 * <p>Units: monotonic milliseconds.
 */
final class FeedAcks {

  static final int COUNT_MAX = 128;
  static final long DELAY_MS = 250;
  static final long PAUSE_MS = 125;

  private final int due;
  private int open;
  private long openSinceMs;
  private long lastMs;
  private boolean first = true;

  /** For a window of at least 1. */
  FeedAcks(int window) {
    due = Math.max(1, Math.min(COUNT_MAX, window / 2));
  }

  /** A transition has come. */
  void came(long nowMs) {
    if (open++ == 0) {
      openSinceMs = nowMs;
    }
  }

  /** How long until it is time to acknowledge: 0 now, -1 as there is nothing to. */
  long waitMs(long nowMs) {
    if (open == 0) {
      return -1;
    }
    long wanted = open >= due ? nowMs : openSinceMs + DELAY_MS;
    long allowed = first ? nowMs : lastMs + PAUSE_MS;
    return Math.max(0, Math.max(wanted, allowed) - nowMs);
  }

  void sent(long nowMs) {
    open = 0;
    lastMs = nowMs;
    first = false;
  }
}
