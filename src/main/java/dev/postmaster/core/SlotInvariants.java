package dev.postmaster.core;

import static dev.postmaster.core.Invariants.broken;

import dev.postmaster.WorkerState;

/** The invariants of one registration: see {@link Invariants}. */
final class SlotInvariants {

  private final Supervisor supervisor;
  private final Table table;
  private final Slot slot;

  SlotInvariants(Supervisor supervisor, Slot slot) {
    this.supervisor = supervisor;
    this.slot = slot;
    table = supervisor.table;
  }

  void all() {
    place();
    that(slot.state.hasRun() == slot.runId > 0, "31");
    that(slot.isParallel() == table.parallel().contains(slot), "18");
    that(!slot.isParallel() || slot.neverRestarts(), "13");
    switch (slot.state) {
      case REGISTERED, BACKOFF -> waiting();
      case STARTING, RUNNING -> running();
      case STOPPING -> stopping();
      case ABANDONED -> that(slot.rung == Rung.INTERRUPTED && !slot.alarm.armed(), "44");
      case FREE -> throw broken("3", facts(slot) + " is registered");
      case PARKED -> throw broken("23", facts(slot) + " without a budget");
    }
    boolean judges = slot.state == WorkerState.RUNNING && !slot.ready;
    that(slot.uptime == null || !slot.uptime.armed() || judges, "2");
    waits();
  }

  private void place() {
    that(table.slots[slot.index] == slot, "3");
    that(slot.generation > 0, "5");
    that(slot.name != null && slot.name == table.names.find(slot.terms.name()), "3");
    that(slot.name.holders.contains(slot), "3");
    that(slot.sharesMemory() == (slot.domain != null), "38");
    if (slot.domain != null) {
      that(table.domains.get(slot.terms.domain()) == slot.domain, "38");
      that(slot.domain.members.contains(slot), "38");
    }
  }

  private void waiting() {
    boolean first = slot.state == WorkerState.REGISTERED;
    that(!slot.terminate, "28");
    that(first == (slot.starts == 0), "23");
    that(first || !slot.neverRestarts(), "27");
    that(slot.rung == Rung.NONE && slot.end == null && !slot.requiring, "32");
    if (slot.alarm.heap == table.real) {
      that(!first && slot.alarm.at == slot.due, "25");
    } else {
      that(!supervisor.started || supervisor.starter.isSound(slot), "24");
    }
  }

  private void running() {
    boolean runs = slot.state == WorkerState.RUNNING;
    that(!slot.terminate, "28");
    that(slot.end == null, "32");
    that(Invariants.mayStart(slot.terms, supervisor.phase()), "24");
    that(slot.begun == runs && (!runs || slot.everBegun), "23");
    that(slot.starts == 1 || !slot.neverRestarts(), "27");
    that(slot.rung == Rung.NONE, "23");
    that(runs || slot.alarm.heap == table.judged, "44");
    that(!slot.ready || !slot.alarm.armed(), "23");
  }

  private void stopping() {
    that(slot.rung != Rung.NONE && slot.alarm.heap == table.judged, "44");
    that(slot.interruptAt <= slot.abandonAt, "44");
    that(!supervisor.gateClosed() || slot.abandonAt <= supervisor.shutdown.endsAt(), "44");
    boolean untold = slot.rung == Rung.UNTOLD;
    that(!untold || supervisor.gateClosed() && slot.name.requiring > 0, "44");
    that(slot.stopExtensions <= Ladder.EXTENSIONS_MAX, "44");
    long due =
        switch (slot.rung) {
          case TOLD -> slot.interruptAt;
          case INTERRUPTED -> slot.abandonAt;
          case UNTOLD, NONE -> Math.min(slot.alarm.at, slot.interruptAt);
        };
    that(slot.alarm.at == due, "44");
  }

  private void waits() {
    for (Wait wait : slot.waits) {
      that(wait.slot == slot && wait.timeout.heap == table.real, "37");
      that(!Waits.isTrue(slot, wait.what), "34");
    }
    that(slot.waits.isEmpty() || !supervisor.shutdown.over(), "36");
  }

  private void that(boolean holds, String invariant) {
    if (!holds) {
      throw broken(invariant, facts(slot));
    }
  }

  static String facts(Slot slot) {
    return String.format(
        "slot %d, generation %d, %s, run %d, rung %s, hold %s, starts %d, ready %s, terminate %s",
        slot.index,
        slot.generation,
        slot.state,
        slot.runId,
        slot.rung,
        slot.hold,
        slot.starts,
        slot.ready,
        slot.terminate);
  }
}
