package dev.postmaster.core;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.WorkerState;

/**
 * The stop ladder, for every stop whatever its reason (contract §8): tell, interrupt, abandon.
 *
 * <p>Source: PostgreSQL has the first rung, SIGTERM, and SIGKILL after five seconds in a crash or
 * an immediate shutdown; a thread cannot be killed, so the last rung here is quarantine.
 */
final class Ladder {

  static final int EXTENSIONS_MAX = 9;

  private final Table table;

  Ladder(Table table) {
    this.table = table;
  }

  /** STARTING or RUNNING to STOPPING, told at once. */
  void stop(Slot slot, Cause reason, By by, long now) {
    stop(slot, reason, slot.graceNs, by, now);
  }

  /** The same with another grace than its own. */
  void stop(Slot slot, Cause reason, long graceNs, By by, long now) {
    enter(slot, reason, graceNs, by, now);
    tell(slot, now);
  }

  /** STOPPING with the tell left for later. */
  void enter(Slot slot, Cause reason, long graceNs, By by, long now) {
    if (slot.uptime != null) {
      slot.uptime.cancel();
    }
    slot.reason = reason;
    slot.rung = Rung.UNTOLD;
    slot.interruptAt = table.judgedNow(now) + graceNs;
    slot.abandonAt = slot.interruptAt + slot.forceNs;
    table.edge(slot, WorkerState.STOPPING, reason, by, now);
  }

  /** The first rung. A grace that is over makes it the second too. */
  void tell(Slot slot, long now) {
    slot.rung = Rung.TOLD;
    table.effects.tell(slot.run(), slot.reason);
    if (slot.interruptAt <= table.judgedNow(now)) {
      interrupt(slot);
    } else {
      arm(slot, slot.interruptAt);
    }
  }

  private void interrupt(Slot slot) {
    slot.rung = Rung.INTERRUPTED;
    table.effects.interrupt(slot.run());
    arm(slot, slot.abandonAt);
  }

  private void arm(Slot slot, long at) {
    table.judged.put(slot.alarm, at, slot.registration);
  }

  /** The last rung. */
  void abandon(Slot slot, long now) {
    slot.alarm.cancel();
    table.edge(slot, WorkerState.ABANDONED, Cause.STOP_TIMEOUT, By.POSTMASTER, now);
    table.effects.abandon(slot.run());
  }

  /** The deadline of a STOPPING worker is over. */
  void next(Slot slot, long now) {
    switch (slot.rung) {
      case UNTOLD -> tell(slot, now);
      case TOLD -> interrupt(slot);
      case INTERRUPTED -> abandon(slot, now);
      case NONE -> throw new AssertionError("a stopping worker is on no rung");
    }
  }

  /** Cuts the grace of one that is stopping to nothing. */
  void cut(Slot slot, long now) {
    long judgedNow = table.judgedNow(now);
    slot.abandonAt = Math.min(slot.abandonAt, judgedNow + slot.forceNs);
    slot.interruptAt = Math.min(slot.interruptAt, judgedNow);
    if (slot.rung == Rung.UNTOLD) {
      tell(slot, now);
    } else if (slot.rung == Rung.TOLD) {
      interrupt(slot);
    }
  }

  /** Brings the rungs forward, never back: judged times at the latest. */
  void limit(Slot slot, long interruptAt, long abandonAt) {
    slot.interruptAt = Math.min(slot.interruptAt, interruptAt);
    slot.abandonAt = Math.min(slot.abandonAt, abandonAt);
    if (slot.rung == Rung.TOLD) {
      arm(slot, slot.interruptAt);
    } else if (slot.rung == Rung.INTERRUPTED) {
      arm(slot, slot.abandonAt);
    }
  }

  /** Waits with the tell until then, at the latest. */
  void hold(Slot slot, long tellAt) {
    arm(slot, Math.min(tellAt, slot.interruptAt));
  }

  /** One more grace, for a worker that asked for it. */
  boolean extend(Slot slot) {
    if (slot.rung != Rung.TOLD || slot.stopExtensions == EXTENSIONS_MAX) {
      return false;
    }
    slot.stopExtensions++;
    slot.interruptAt += slot.graceNs;
    slot.abandonAt += slot.graceNs;
    arm(slot, slot.interruptAt);
    return true;
  }
}
