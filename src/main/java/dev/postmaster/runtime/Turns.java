package dev.postmaster.runtime;

import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

/**
 * The postmaster's turns: what others want of the core, one at a time, on one event loop.
 *
 * <p>Ordering: first come, first served. At most {@value #TURNS_MAX} turns are taken before the
 * loop serves others.
 *
 * <p>Threading: {@link #submit} any thread; all else the postmaster's loop.
 */
final class Turns {

  static final int TURNS_MAX = 256;

  /** How late a tick must be for a stall (contract §6). */
  static final long STALL_NS = 100_000_000;

  private static final long TICK_MS = 50;
  private static final long TICK_NS = TICK_MS * 1_000_000;
  private static final long MS = 1_000_000;

  /** What the postmaster does around its turns. */
  interface Owner {

    /** Takes a turn; whatever it throws is our bug. */
    void take(LongConsumer turn, long now);

    /** Everything that was waiting has had its turn, or as many as are taken at one time. */
    void drained(long now);

    /** When it wants to be woken; {@link Long#MAX_VALUE} never. */
    long nextWake();

    void wake(long now);

    /** Whether it wants ticks. */
    boolean watches();

    void tick(long now);

    void stalled(long ns);
  }

  private final ContextInternal context;
  private final Owner owner;
  private final long zero = System.nanoTime();
  private final ConcurrentLinkedQueue<LongConsumer> queue = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private long armedAt = Long.MAX_VALUE;
  private long timer = -1;
  private long ticker = -1;
  private long tickedAt;
  private boolean closed;
  private boolean draining;
  private boolean held;

  Turns(ContextInternal context, Owner owner) {
    this.context = context;
    this.owner = owner;
  }

  /** Monotonic nanoseconds since this was made. */
  long now() {
    return System.nanoTime() - zero;
  }

  void submit(LongConsumer turn) {
    queue.add(turn);
    if (scheduled.compareAndSet(false, true)) {
      context.runOnContext(nothing -> drain());
    }
  }

  /**
   * Takes a turn now if this is the postmaster's loop between two turns, which spares a task of its
   * own; else submits it.
   */
  void here(LongConsumer turn) {
    if (draining || !context.inThread()) {
      submit(turn);
      return;
    }
    draining = true;
    try {
      owner.take(turn, now());
      finish(now());
    } finally {
      draining = false;
    }
  }

  /** After this turn no other is taken until {@link #resume}. */
  void hold() {
    held = true;
  }

  /** Takes this turn, then those that were held back. Any thread. */
  void resume(LongConsumer first) {
    context.runOnContext(
        nothing -> {
          held = false;
          here(first);
          drain();
        });
  }

  private void drain() {
    draining = true;
    try {
      takeAll();
    } finally {
      draining = false;
    }
    if (held || queue.isEmpty()) {
      scheduled.set(false);
      // One that came between the look and the mark would wait for the next otherwise.
      if (held || queue.isEmpty() || !scheduled.compareAndSet(false, true)) {
        return;
      }
    }
    context.runOnContext(nothing -> drain());
  }

  private void takeAll() {
    long now = now();
    noticeStall(now);
    for (int taken = 0; taken < TURNS_MAX && !held; taken++) {
      LongConsumer turn = queue.poll();
      if (turn == null) {
        break;
      }
      owner.take(turn, now);
      now = now();
    }
    finish(now);
  }

  private void finish(long now) {
    owner.drained(now);
    if (!closed) {
      arm();
    }
  }

  /** One timer, for the earliest deadline; one that comes too early is armed again. */
  private void arm() {
    long next = owner.nextWake();
    if (next < armedAt) {
      cancel();
      armedAt = next;
      long delayNs = Math.max(0, next - now());
      timer = context.setTimer(Math.max(1, (delayNs + MS - 1) / MS), id -> fire());
    }
    if (ticker < 0 && owner.watches()) {
      tickedAt = now();
      ticker = context.setPeriodic(TICK_MS, id -> tick());
    }
  }

  private void cancel() {
    if (timer >= 0) {
      context.owner().cancelTimer(timer);
      timer = -1;
    }
  }

  private void fire() {
    timer = -1;
    armedAt = Long.MAX_VALUE;
    submit(owner::wake);
  }

  private void tick() {
    long now = now();
    noticeStall(now);
    tickedAt = now;
    if (owner.watches()) {
      owner.tick(now);
    } else {
      stopTicking();
    }
  }

  private void stopTicking() {
    context.owner().cancelTimer(ticker);
    ticker = -1;
  }

  private void noticeStall(long now) {
    long late = now - tickedAt - TICK_NS;
    if (ticker >= 0 && late > STALL_NS) {
      tickedAt = now;
      owner.stalled(late);
    }
  }

  /** No more timers. */
  void close() {
    closed = true;
    cancel();
    if (ticker >= 0) {
      stopTicking();
    }
  }
}
