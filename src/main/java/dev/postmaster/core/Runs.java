package dev.postmaster.core;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.Readiness;
import dev.postmaster.WorkerState;

/**
 * What a run says while it lives (contract §5, §6). Each method takes the slot that the run is in,
 * or null for a late answer, which is dropped.
 *
 * <p>Source: PostgreSQL {@code ReportBackgroundWorkerPID} for {@link #started}; readiness is
 * systemd's.
 */
final class Runs {

  private final Table table;
  private final Ladder ladder;
  private final Waits waits;

  Runs(Table table, Ladder ladder, Waits waits) {
    this.table = table;
    this.ladder = ladder;
    this.waits = waits;
  }

  void started(Slot slot, long now) {
    if (slot == null || slot.state != WorkerState.STARTING) {
      return;
    }
    slot.begun = true;
    slot.everBegun = true;
    table.edge(slot, WorkerState.RUNNING, Cause.STARTED, By.WORKER, now);
    if (slot.ready) {
      slot.alarm.cancel();
    } else if (slot.terms.ready().kind() == Readiness.Kind.UPTIME) {
      slot.uptime = new Alarm(slot, Alarm.Kind.UPTIME);
      long at = table.judgedNow(now) + slot.terms.ready().uptime().toNanos();
      table.judged.put(slot.uptime, at, slot.registration);
    }
    waits.tell(slot, true, now);
  }

  void ready(Slot slot, boolean ready, long now) {
    if (slot == null || slot.state != WorkerState.RUNNING || slot.ready == ready) {
      return;
    }
    if (ready) {
      slot.alarm.cancel();
      if (slot.uptime != null) {
        slot.uptime.cancel();
      }
    }
    Cause cause = ready ? Cause.READY : Cause.NOT_READY;
    table.edge(slot, WorkerState.RUNNING, cause, By.WORKER, now);
    waits.tell(slot, false, now);
  }

  void extendStart(Slot slot) {
    boolean starts =
        slot != null
            && (slot.state == WorkerState.STARTING || slot.state == WorkerState.RUNNING)
            && slot.alarm.armed();
    if (starts && slot.startExtensions < Ladder.EXTENSIONS_MAX) {
      slot.startExtensions++;
      long at = slot.alarm.at + slot.terms.startTimeout().toNanos();
      table.judged.put(slot.alarm, at, slot.registration);
      table.effects.changed(slot.index);
    }
  }

  /** Not during a crash cycle of its domain, because that has interrupted it. */
  void extendStop(Slot slot) {
    if (slot != null && ladder.extend(slot)) {
      table.effects.changed(slot.index);
    }
  }

  /** It has ended, but something is left to close: the ladder runs. */
  void ended(Slot slot, End end, long now) {
    if (slot == null || slot.end != null) {
      return;
    }
    slot.end = end;
    if (slot.state == WorkerState.STARTING || slot.state == WorkerState.RUNNING) {
      ladder.stop(slot, Cause.EXIT, By.WORKER, now);
    }
  }
}
