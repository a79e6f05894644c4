package dev.postmaster.core;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import java.util.ArrayList;
import java.util.List;

/** What is shown of a slot. */
final class Views {

  private static final long MS = 1_000_000;

  private final Table table;
  private final Pauses pauses;
  private final Starter starter;

  Views(Table table, Pauses pauses, Starter starter) {
    this.table = table;
    this.pauses = pauses;
    this.starter = starter;
  }

  /** The status now; for a free slot that of its last tenant. */
  WorkerStatus of(Slot slot, long now) {
    Pause pause = slot.state == WorkerState.FREE ? null : pauses.of(slot);
    boolean waits = slot.state == WorkerState.BACKOFF && slot.due > now;
    return new WorkerStatus(
        slot.seq,
        table.handle(slot),
        slot.terms.name(),
        slot.terms.type(),
        slot.terms.library(),
        slot.terms.function(),
        slot.state,
        slot.ready,
        slot.status(),
        slot.runId,
        starter.waiting(slot, now),
        slot.reason,
        deadline(slot),
        pause != null,
        pause == null || pause.until == Long.MAX_VALUE ? 0 : table.wall(pause.until),
        slot.terms.domain(),
        "",
        slot.terms.flags(),
        slot.terms.start(),
        slot.terms.threading(),
        slot.terms.critical(),
        slot.restartNs < 0 ? -1 : slot.restartNs / MS,
        slot.terminate,
        table.wall(slot.registeredAt),
        slot.starts == 0 ? 0 : table.wall(slot.startedAt),
        table.wall(slot.stateSince),
        waits ? table.wall(slot.due) : 0,
        waits ? (slot.due - now) / MS : -1,
        slot.starts,
        slot.failures,
        slot.exits,
        last(slot));
  }

  private long deadline(Slot slot) {
    boolean judged = slot.state.hasRun() && slot.alarm.armed();
    return judged ? table.wall(slot.alarm.at + table.stalled) : 0;
  }

  private WorkerStatus.LastEnd last(Slot slot) {
    if (slot.lastExit == Exit.NONE) {
      return null;
    }
    return new WorkerStatus.LastEnd(
        slot.lastExit,
        slot.lastCode,
        slot.lastMessage,
        slot.lastCause,
        slot.lastRunId,
        table.wall(slot.lastAt),
        table.wall(slot.lastFirstAt),
        slot.lastTimes);
  }

  /** Remembers how a run ended, before the edge that says so. */
  static void remember(Slot slot, Verdict verdict, Cause cause, long now) {
    List<Integer> exits = new ArrayList<>(slot.exits);
    int place = verdict.exit().ordinal() - 1;
    exits.set(place, exits.get(place) + 1);
    slot.exits = List.copyOf(exits);
    boolean same =
        verdict.exit() == slot.lastExit
            && verdict.code() == slot.lastCode
            && verdict.message().equals(slot.lastMessage);
    slot.lastTimes = same ? slot.lastTimes + 1 : 1;
    slot.lastFirstAt = same ? slot.lastFirstAt : now;
    slot.lastExit = verdict.exit();
    slot.lastCode = verdict.code();
    slot.lastMessage = verdict.message();
    slot.lastCause = cause;
    slot.lastRunId = slot.runId;
    slot.lastAt = now;
    if (verdict.exit() != Exit.COMPLETED && !verdict.isTold()) {
      slot.failures++;
    }
  }

  List<DomainStatus> domains() {
    return table.domains.values().stream()
        .map(domain -> new DomainStatus(domain.name, domain.resetting, domain.cycles))
        .toList();
  }
}
