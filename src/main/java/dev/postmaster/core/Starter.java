package dev.postmaster.core;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.Phase;
import dev.postmaster.WorkerState;
import java.util.ArrayList;
import java.util.List;

/**
 * Who may be started, and in which order (contract §5): earliest due first, then in order of
 * registration. A worker that something holds is in no queue; what lets go evaluates it again.
 *
 * <p>Source: PostgreSQL {@code bgworker_should_start_now} and {@code maybe_start_bgworkers}; its
 * scan of all workers is replaced by queues of those that can start.
 */
final class Starter {

  /** How many runs one pass starts before others get their turn. */
  static final int LAUNCHES_MAX = 100;

  private final Table table;
  private final Pauses pauses;
  private final AlarmHeap blocking = new AlarmHeap();
  private final AlarmHeap others = new AlarmHeap();

  /** Queued since all who are were last shown as waiting: the next pass launches or shows them. */
  private final List<Slot> fresh = new ArrayList<>();

  private Phase phase;

  Starter(Table table, Pauses pauses) {
    this.table = table;
    this.pauses = pauses;
    phase = table.options.phase();
  }

  /** Becomes a copy. */
  void take(Starter other) {
    phase = other.phase;
    other.fresh.forEach(slot -> fresh.add(table.slots[slot.index]));
    for (Slot slot : other.table.registered) {
      if (slot.alarm.heap == other.blocking || slot.alarm.heap == other.others) {
        Slot twin = table.slots[slot.index];
        queue(twin).put(twin.alarm, slot.alarm.at, slot.alarm.tie);
      }
    }
  }

  private AlarmHeap queue(Slot slot) {
    return slot.blocks() ? blocking : others;
  }

  Phase phase() {
    return phase;
  }

  void phase(Phase to) {
    phase = to;
  }

  /** Sets when a worker without a run is due. */
  void schedule(Slot slot, long due, Cause cause, long now) {
    slot.due = due;
    slot.launchCause = cause;
    if (due > now) {
      table.real.put(slot.alarm, due, slot.registration);
    } else {
      evaluate(slot, now);
    }
  }

  /** Looks again at what holds a due worker; does nothing to any other. */
  void evaluate(Slot slot, long now) {
    if (!slot.isDue(now)) {
      return;
    }
    Hold before = slot.hold;
    String nameBefore = slot.holdName;
    hold(slot);
    if (slot.hold != Hold.NONE) {
      slot.alarm.cancel();
    } else if (slot.alarm.heap != queue(slot)) {
      queue(slot).put(slot.alarm, slot.due, slot.registration);
      fresh.add(slot);
    }
    if (before != slot.hold || !nameBefore.equals(slot.holdName)) {
      table.effects.changed(slot.index);
    }
  }

  /** Whether a due worker says truly what holds it, and is queued exactly if nothing does. */
  boolean isSound(Slot slot) {
    Hold said = slot.hold;
    String name = slot.holdName;
    hold(slot);
    boolean same = said == slot.hold && name.equals(slot.holdName);
    slot.hold = said;
    slot.holdName = name;
    return same && (slot.alarm.heap == queue(slot)) == (said == Hold.NONE);
  }

  /** How many stand in the queues. */
  int queued() {
    return blocking.size() + others.size();
  }

  private void hold(Slot slot) {
    slot.holdName = "";
    if (slot.terms.start().phase().compareTo(phase) > 0) {
      slot.hold = Hold.PHASE;
    } else if (holds(slot, slot.terms.requires(), Hold.REQUIRES)) {
      slot.hold = Hold.REQUIRES;
    } else if (pauses.of(slot) != null) {
      slot.hold = Hold.PAUSED;
    } else if (slot.domain != null && slot.domain.resetting) {
      slot.hold = Hold.CRASH_CYCLE;
    } else if (slot.domain != null && slot.domain.closed) {
      slot.hold = Hold.DOMAIN;
    } else {
      slot.hold = holds(slot, slot.terms.after(), Hold.AFTER) ? Hold.AFTER : Hold.NONE;
    }
  }

  private boolean holds(Slot slot, List<String> names, Hold kind) {
    for (String text : names) {
      Name name = table.names.find(text);
      boolean met = kind == Hold.AFTER ? name.meetsAfter() : name.meetsRequires();
      if (!met) {
        slot.holdName = text;
        return true;
      }
    }
    return false;
  }

  /** What the status shows. */
  String waiting(Slot slot, long now) {
    if (!slot.isDue(now)) {
      return "";
    }
    if (slot.hold != Hold.NONE) {
      return slot.holdName.isEmpty() ? slot.hold.word : slot.hold.word + ':' + slot.holdName;
    }
    return slot.blocks() && !hasThread() ? "threads" : "turn";
  }

  private boolean hasThread() {
    return table.threadsUsed < table.options.maxWorkerThreads();
  }

  private Alarm next() {
    Alarm first = others.first();
    Alarm blocked = hasThread() ? blocking.first() : null;
    if (first == null || blocked == null) {
      return first == null ? blocked : first;
    }
    boolean earlier = blocked.isBefore(first);
    return earlier ? blocked : first;
  }

  /** Starts who can start, at most {@value #LAUNCHES_MAX}; asks for another turn for the rest. */
  void pass(long now) {
    int launched = 0;
    for (Alarm next = next(); next != null; next = next()) {
      if (launched++ == LAUNCHES_MAX) {
        table.effects.again();
        return;
      }
      launch((Slot) next.owner, now);
    }
    showWaiting();
  }

  /** Those who found no thread wait for one, which no record says. */
  private void showWaiting() {
    for (Slot slot : fresh) {
      if (slot.alarm.heap == blocking) {
        table.effects.changed(slot.index);
      }
    }
    fresh.clear();
  }

  private void launch(Slot slot, long now) {
    slot.runId = table.seq + 1;
    slot.startedAt = now;
    slot.begun = false;
    slot.reason = null;
    slot.rung = Rung.NONE;
    slot.end = null;
    slot.startExtensions = 0;
    slot.stopExtensions = 0;
    slot.starts++;
    table.edge(slot, WorkerState.STARTING, slot.launchCause, By.POSTMASTER, now);
    long timeout = slot.terms.startTimeout().toNanos();
    table.judged.put(slot.alarm, table.judgedNow(now) + timeout, slot.registration);
    table.effects.launch(slot.run());
  }
}
