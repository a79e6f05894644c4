package dev.postmaster.runtime;

import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.journal.Entry;
import dev.postmaster.journal.Ring;
import dev.postmaster.journal.RingReader;
import dev.postmaster.journal.SlotEntry;
import dev.postmaster.journal.SlotFlags;
import dev.postmaster.journal.Tailer;
import java.util.Arrays;
import java.util.function.LongFunction;

/**
 * One that rebuilds the state from the journal alone, as another process does: the mirror of the
 * slots, one after the other, and what follows each in the records.
 *
 * <p>As in production: {@link RingReader} and {@link Tailer}. Simulated: the loop around them.
 */
public final class SimulatedFollower {

  /** What the journal says of a slot; {@link #FREE} of one that was never used. */
  private record Seen(
      long seq,
      long generation,
      long runId,
      WorkerState state,
      boolean ready,
      boolean terminate,
      int starts) {

    static final Seen FREE = new Seen(0, 0, 0, WorkerState.FREE, false, false, 0);

    static Seen of(SlotEntry e) {
      return new Seen(
          e.sequence,
          e.generation,
          Math.max(0, e.runId),
          Records.state(e.state),
          (e.flags & SlotFlags.READY) != 0,
          (e.flags & SlotFlags.TERMINATE) != 0,
          e.starts);
    }

    static Seen of(Transition t) {
      WorkerState to = (WorkerState) t.to();
      long runId = to.hasRun() ? t.runId() : 0;
      return new Seen(t.seq(), t.generation(), runId, to, t.ready(), t.terminate(), t.starts());
    }

    static Seen of(WorkerStatus s) {
      return new Seen(
          s.seq(), s.generation(), s.runId(), s.state(), s.ready(), s.terminate(), s.starts());
    }
  }

  private final Ring ring;
  private final RingReader reader;
  private final LongFunction<Transition> emitted;
  private final Seen[] slots;
  private final Entry entry = new Entry();
  private final SlotEntry slotEntry = new SlotEntry();
  private Tailer tailer;
  private int drawn;
  private long laps;

  /**
   * Follows from now on.
   *
   * @param emitted the record that must be found under a number
   */
  public SimulatedFollower(Ring ring, int slots, LongFunction<Transition> emitted) {
    this.ring = ring;
    this.emitted = emitted;
    reader = ring.reader();
    this.slots = new Seen[slots];
    begin();
  }

  private void begin() {
    // Not from the head: an entry may be older than that in the middle of a turn.
    tailer = ring.tailer(ring.oldest() - 1);
    Arrays.fill(slots, Seen.FREE);
    drawn = 0;
  }

  /** How often it was overtaken. */
  public long laps() {
    return laps;
  }

  /** Looks at as many slots or records; true if it has seen all that is there. */
  public boolean step(int most) {
    for (int looks = 0; looks < most; looks++) {
      if (drawn < slots.length) {
        draw();
      } else if (!follow()) {
        return true;
      }
    }
    return false;
  }

  private void draw() {
    switch (reader.slot(drawn, slotEntry)) {
      case OK -> slots[drawn++] = Seen.of(slotEntry);
      case EMPTY -> drawn++;
      case LAPPED -> {} // it is being written: another look
      case CORRUPT -> throw new AssertionError("invariant 47 is broken: damaged slot " + drawn);
    }
  }

  private boolean follow() {
    long next = tailer.next();
    Tailer.Step step = tailer.poll(entry);
    switch (step) {
      case RECORD -> record(next);
      case NOTHING -> {
        return false;
      }
      case LAPPED -> {
        if (tailer.gapFrom() != next || tailer.next() != tailer.gapTo() + 1) {
          throw new AssertionError("invariant 47 is broken: the gap does not begin at " + next);
        }
        laps++;
        begin();
      }
      case CORRUPT -> throw new AssertionError("invariant 47 is broken: damaged record " + next);
    }
    return true;
  }

  private void record(long next) {
    Transition read = Records.transition(entry, entry.name, entry.type, false);
    if (read.seq() != next || !read.equals(emitted.apply(next))) {
      throw new AssertionError("invariant 47 is broken: under " + next + " is " + read);
    }
    if (!read.own() && read.seq() > slots[read.slot()].seq) {
      slots[read.slot()] = Seen.of(read);
    }
  }

  /** Holds what it has rebuilt of a slot against the slot. */
  public void check(WorkerStatus status) {
    Seen is = Seen.of(status);
    if (!is.equals(slots[status.slot()])) {
      throw new AssertionError(
          "invariant 45 is broken: the journal says " + slots[status.slot()] + ", it is " + is);
    }
  }
}
