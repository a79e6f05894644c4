package dev.postmaster.runtime;

import dev.postmaster.Cause;
import dev.postmaster.Flag;
import dev.postmaster.Transition;
import dev.postmaster.WorkerStatus;
import dev.postmaster.journal.Ring;
import dev.postmaster.journal.SlotEntry;
import dev.postmaster.journal.SlotFlags;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps the journal's entries of the slots: for whoever reads the file of a dead postmaster, and
 * for the next life.
 *
 * <p>Threading: the postmaster's loop.
 */
final class SlotMirror {

  private static final long MS = 1_000_000;

  private final SlotEntry entry = new SlotEntry();

  /** By slot: the record whose state was written last. */
  private final long[] written;

  /** By slot: the registration whose names, and the failure whose text, were written last. */
  private final long[] named;

  private final String[] details;
  private final BitSet dynamic = new BitSet();
  private final Map<Integer, SlotEntry> left = new HashMap<>();
  private boolean started;

  /**
   * Has written nothing yet.
   *
   * @param orphans what the life before left
   */
  SlotMirror(int slots, List<SlotEntry> orphans) {
    written = new long[slots];
    named = new long[slots];
    details = new String[slots];
    orphans.forEach(slot -> left.put(slot.slot, slot));
  }

  /** Static registration is over. */
  void started() {
    started = true;
  }

  /** Sees a record before anybody is told of it. */
  void recorded(Transition t, Ring ring) {
    if (t.cause() == Cause.REGISTERED) {
      dynamic.set(t.slot(), started);
    } else if (t.cause() == Cause.ORPHANED) {
      free(left.remove(t.slot()), t.seq(), ring);
    }
  }

  private static void free(SlotEntry slot, long seq, Ring ring) {
    slot.sequence = seq;
    slot.state = 0;
    slot.runId = 0;
    slot.nextNs = 0;
    slot.flags = 0;
    ring.mirror(slot, true);
  }

  /**
   * Writes the state that a record has brought about. What changes without one is left out: a kill
   * in the middle of it would leave a state that no record can mend.
   */
  void write(WorkerStatus s, Ring ring) {
    int slot = s.handle().slot();
    if (written[slot] == s.seq()) {
      return;
    }
    written[slot] = s.seq();
    String detail = s.last() == null ? "" : s.last().message();
    boolean cold = named[slot] != s.generation() || !detail.equals(details[slot]);
    named[slot] = s.generation();
    details[slot] = detail;
    fill(s);
    entry.detail = detail;
    ring.mirror(entry, cold);
  }

  private void fill(WorkerStatus s) {
    entry.slot = s.handle().slot();
    entry.sequence = s.seq();
    entry.generation = s.generation();
    entry.runId = s.runId() == 0 && s.starts() == 0 ? -1 : s.runId();
    entry.sinceNs = s.stateSince() * MS;
    entry.startedNs = s.startedAt() * MS;
    entry.nextNs = s.restartAt() * MS;
    entry.state = s.state().code();
    entry.flags = flags(s);
    entry.starts = s.starts();
    entry.code = s.last() == null ? Transition.NO_CODE : s.last().code();
    entry.cause = s.last() == null ? 0 : s.last().cause().code();
    entry.restartMs = (int) Math.min(Integer.MAX_VALUE, s.restartMs());
    entry.exits = s.exits();
    entry.registeredNs = s.registeredAt() * MS;
    entry.name = s.name();
    entry.type = s.type();
  }

  private int flags(WorkerStatus s) {
    int flags = s.state().code() == 0 ? 0 : SlotFlags.USED;
    flags |= s.ready() ? SlotFlags.READY : 0;
    flags |= s.terminate() ? SlotFlags.TERMINATE : 0;
    flags |= s.paused() ? SlotFlags.PAUSED : 0;
    flags |= dynamic.get(s.handle().slot()) ? SlotFlags.DYNAMIC : 0;
    flags |= s.flags().contains(Flag.SHARED_MEMORY) ? SlotFlags.SHARED_MEMORY : 0;
    flags |= s.flags().contains(Flag.DATABASE_CONNECTION) ? SlotFlags.DATABASE_CONNECTION : 0;
    flags |= s.flags().contains(Flag.PARALLEL) ? SlotFlags.PARALLEL : 0;
    int phase = s.start() == null ? 0 : s.start().phase().code();
    return flags | SlotFlags.start(phase) | SlotFlags.threading(threading(s));
  }

  private static int threading(WorkerStatus s) {
    return s.threading() == null
        ? 0
        : switch (s.threading()) {
          case WORKER -> 0;
          case EVENT_LOOP -> 1;
          case VIRTUAL_THREAD -> 2;
        };
  }
}
