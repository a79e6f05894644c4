package dev.postmaster.core;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Makes the slots of a copied table, with their alarms and waits; for search and simulation. */
final class Copies {

  private final Table from;
  private final Table to;
  private final Map<Slot, Slot> twins = new IdentityHashMap<>();

  Copies(Table from, Effects effects) {
    this.from = from;
    to = new Table(from, effects, this);
  }

  Table table() {
    return to;
  }

  /** Fills the slots of the new table. */
  void slots(Table table) {
    for (Slot slot : from.slots) {
      if (slot != null) {
        Slot twin = copy(slot);
        twins.put(slot, twin);
        table.slots[slot.index] = twin;
      }
    }
  }

  /** Links what refers to names and domains, once these were copied. */
  void link(Table to) {
    twins.forEach(
        (slot, twin) -> {
          twin.name = slot.name == null ? null : to.names.find(slot.name.text);
          twin.domain = slot.domain == null ? null : to.domains.get(slot.domain.name);
          arm(to, slot.alarm, twin.alarm);
          if (slot.uptime != null) {
            twin.uptime = new Alarm(twin, Alarm.Kind.UPTIME);
            arm(to, slot.uptime, twin.uptime);
          }
          List<Wait> waits = new ArrayList<>(slot.waits.size());
          for (Wait wait : slot.waits) {
            Wait copy = new Wait(twin, wait.what, wait.waiter);
            arm(to, wait.timeout, copy.timeout);
            waits.add(copy);
          }
          twin.waits = waits;
        });
  }

  /** Arms the twin of an alarm in the twin of its heap; ready queues refill themselves. */
  void arm(Alarm alarm, Alarm twin) {
    arm(to, alarm, twin);
  }

  private void arm(Table to, Alarm alarm, Alarm twin) {
    if (alarm.heap == from.real) {
      to.real.put(twin, alarm.at, alarm.tie);
    } else if (alarm.heap == from.judged) {
      to.judged.put(twin, alarm.at, alarm.tie);
    }
  }

  private static Slot copy(Slot slot) {
    Slot twin = new Slot(slot.index);
    twin.generation = slot.generation;
    twin.state = slot.state;
    twin.stateSince = slot.stateSince;
    twin.seq = slot.seq;
    twin.terms = slot.terms;
    twin.dynamic = slot.dynamic;
    twin.registration = slot.registration;
    twin.registeredAt = slot.registeredAt;
    twin.restartNs = slot.restartNs;
    twin.graceNs = slot.graceNs;
    twin.forceNs = slot.forceNs;
    twin.terminate = slot.terminate;
    twin.runId = slot.runId;
    twin.startedAt = slot.startedAt;
    twin.begun = slot.begun;
    twin.ready = slot.ready;
    twin.reason = slot.reason;
    twin.rung = slot.rung;
    twin.interruptAt = slot.interruptAt;
    twin.abandonAt = slot.abandonAt;
    twin.startExtensions = slot.startExtensions;
    twin.stopExtensions = slot.stopExtensions;
    twin.requiring = slot.requiring;
    twin.end = slot.end;
    twin.everBegun = slot.everBegun;
    twin.due = slot.due;
    twin.launchCause = slot.launchCause;
    twin.hold = slot.hold;
    twin.holdName = slot.holdName;
    twin.starts = slot.starts;
    twin.failures = slot.failures;
    twin.exits = slot.exits;
    twin.lastExit = slot.lastExit;
    twin.lastCode = slot.lastCode;
    twin.lastMessage = slot.lastMessage;
    twin.lastCause = slot.lastCause;
    twin.lastRunId = slot.lastRunId;
    twin.lastAt = slot.lastAt;
    twin.lastFirstAt = slot.lastFirstAt;
    twin.lastTimes = slot.lastTimes;
    return twin;
  }
}
