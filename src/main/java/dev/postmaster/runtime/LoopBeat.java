package dev.postmaster.runtime;

import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A beat on the postmaster's loop, once a second: how long ago it last came, and how late it came,
 * say whether the loop turns.
 *
 * <p>Threading: {@link #begin} and {@link #end} the postmaster's loop; the rest any.
 */
final class LoopBeat {

  static final long BEAT_MS = 1_000;

  private static final long BEAT_NS = BEAT_MS * 1_000_000;

  /** Beats whose lateness is remembered: a minute. */
  private static final int REMEMBERED = 60;

  private final ContextInternal loop;
  private final LongSupplier clock;
  private final long[] late = new long[REMEMBERED];
  private int next;
  private long timer = -1;
  private volatile boolean beats;
  private volatile long beatAt;
  private volatile long worstNs;

  LoopBeat(ContextInternal loop) {
    this(loop, System::nanoTime);
  }

  /** With a monotonic clock in nanoseconds. */
  LoopBeat(ContextInternal loop, LongSupplier clock) {
    this.loop = loop;
    this.clock = clock;
  }

  void begin() {
    beatAt = clock.getAsLong();
    beats = true;
    timer = loop.setPeriodic(BEAT_MS, id -> beat());
  }

  void beat() {
    long now = clock.getAsLong();
    late[next] = Math.max(0, now - beatAt - BEAT_NS);
    next = (next + 1) % REMEMBERED;
    long worst = 0;
    for (long one : late) {
      worst = Math.max(worst, one);
    }
    worstNs = worst;
    beatAt = now;
  }

  void end() {
    beats = false;
    loop.owner().cancelTimer(timer);
  }

  boolean beats() {
    return beats;
  }

  /** Zero while it does not beat. */
  Duration since() {
    return Duration.ofNanos(ageNs());
  }

  /** The one that is due counts, too. */
  Duration worst() {
    return Duration.ofNanos(Math.max(worstNs, ageNs() - BEAT_NS));
  }

  private long ageNs() {
    // The mark before the clock: a beat between the two would make it negative.
    long at = beatAt;
    return beats ? Math.max(0, clock.getAsLong() - at) : 0;
  }
}
