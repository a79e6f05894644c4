package dev.postmaster.core;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.ShutdownMode;
import dev.postmaster.WorkerState;

/**
 * What follows when a run is gone (contract §7).
 *
 * <p>Source: PostgreSQL {@code CleanupBackgroundWorker} and {@code ReportBackgroundWorkerExit}: the
 * slot is free before anybody is told.
 */
final class Endings {

  private final Table table;
  private final Starter starter;
  private final Cycles cycles;
  private final Shutdown shutdown;
  private final Waits waits;

  Endings(Table table, Starter starter, Cycles cycles, Shutdown shutdown, Waits waits) {
    this.table = table;
    this.starter = starter;
    this.cycles = cycles;
    this.shutdown = shutdown;
    this.waits = waits;
  }

  void end(Slot slot, End end, long now) {
    Verdict verdict = Verdict.of(slot, end);
    Cause cause = cause(slot, verdict);
    Domain domain = slot.domain;
    boolean crashed = verdict.exit() == Exit.CRASHED && domain != null;
    boolean cycle = crashed && !end.told();
    Views.remember(slot, verdict, cause, now);
    if (slot.uptime != null) {
      slot.uptime.cancel();
    }
    if (verdict.exit() == Exit.COMPLETED) {
      table.names.completed(slot);
    }
    boolean told = slot.begun;
    if (isForgotten(slot, verdict)) {
      table.forget(slot, cause, verdict, By.WORKER, now);
      told = true;
    } else {
      plan(slot, verdict, cycle, now);
      table.edge(slot, WorkerState.BACKOFF, cause, verdict, By.WORKER, now);
    }
    slot.runId = 0;
    slot.rung = Rung.NONE;
    slot.end = null;
    if (slot.state == WorkerState.BACKOFF) {
      starter.schedule(slot, slot.due, slot.launchCause, now);
    }
    waits.tell(slot, told, now);
    shutdown.gone(slot, now);
    if (crashed && shutdown.gateClosed()) {
      shutdown.makeAbnormal();
    } else if (cycle) {
      crash(slot, domain, verdict, now);
    }
  }

  private static Cause cause(Slot slot, Verdict verdict) {
    if (slot.state == WorkerState.ABANDONED) {
      return Cause.THREAD_RETURNED;
    }
    boolean startFailed = slot.state == WorkerState.STARTING && verdict.exit() == Exit.START_FAILED;
    return startFailed ? Cause.START_FAILED : Cause.EXIT;
  }

  private boolean isForgotten(Slot slot, Verdict verdict) {
    return shutdown.gateClosed()
        || slot.terminate
        || slot.neverRestarts()
        || verdict.exit() == Exit.COMPLETED;
  }

  /** When it is due again, and what the launch will be called. */
  private static void plan(Slot slot, Verdict verdict, boolean cycle, long now) {
    boolean resetting = cycle || slot.domain != null && slot.domain.resetting;
    if (resetting || verdict.isTold() && slot.reason == Cause.CRASH_CYCLE) {
      slot.due = now;
      slot.launchCause = Cause.CRASH_CYCLE;
    } else {
      boolean drained = verdict.isTold() && slot.reason == Cause.DRAIN;
      slot.due = drained ? now : now + slot.restartNs;
      slot.launchCause = Cause.RESTART_TIMER;
    }
  }

  private void crash(Slot slot, Domain domain, Verdict verdict, long now) {
    String message = "worker \"" + slot.terms.name() + "\" crashed with code " + verdict.code();
    if (cycles.isFatal(domain, now)) {
      shutdown.makeAbnormal();
      String why =
          table.options.restartAfterCrash()
              ? message + ", more cycles than the crash limit"
              : message + ", restartAfterCrash is false";
      shutdown.raise(ShutdownMode.IMMEDIATE, why, By.POSTMASTER, now);
    } else {
      cycles.begin(domain, message, now);
    }
  }
}
