package dev.postmaster.core;

import dev.postmaster.ErrorCode;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import java.util.List;
import java.util.Optional;

/**
 * Those who wait for something of a registration. Each wait ends exactly once (contract §11).
 *
 * <p>Source: PostgreSQL {@code WaitForBackgroundWorkerStartup} and {@code …Shutdown}, {@code
 * ReportBackgroundWorkerPID} and {@code …Exit} for who is told when.
 */
final class Waits {

  private final Table table;
  private final Views views;
  private long count;

  Waits(Table table, Views views) {
    this.table = table;
    this.views = views;
  }

  /** Becomes a copy. */
  void take(Waits other) {
    count = other.count;
  }

  /** Looks, and registers the wait if what it is for is not decided yet: one step. */
  void await(Slot slot, AwaitFor what, long timeoutNs, Object waiter, long now) {
    if (isTrue(slot, what) || slot.state == WorkerState.FREE) {
      answer(slot, what, waiter, now);
      return;
    }
    Wait wait = new Wait(slot, what, waiter);
    slot.add(wait);
    long end = now + timeoutNs;
    table.real.put(wait.timeout, end < now ? Long.MAX_VALUE : end, ++count);
  }

  /** After the end: what was decided counts, nothing else will be. */
  void awaitTooLate(Slot slot, AwaitFor what, Object waiter, long now) {
    if (isTrue(slot, what) || slot.state == WorkerState.FREE) {
      answer(slot, what, waiter, now);
    } else {
      table.effects.answer(waiter, Optional.of(ErrorCode.POSTMASTER_DIED), views.of(slot, now));
    }
  }

  static boolean isTrue(Slot slot, AwaitFor what) {
    boolean free = slot.state == WorkerState.FREE;
    boolean resting = slot.state == WorkerState.BACKOFF || slot.state == WorkerState.PARKED;
    return switch (what) {
      case STARTED -> slot.everBegun;
      case READY -> slot.ready;
      case STOPPED -> free || resting && slot.everBegun;
      case GONE -> free;
    };
  }

  private void answer(Slot slot, AwaitFor what, Object waiter, long now) {
    Optional<ErrorCode> failure =
        isTrue(slot, what) ? Optional.empty() : Optional.of(ErrorCode.NOT_STARTED);
    table.effects.answer(waiter, failure, views.of(slot, now));
  }

  /** Tells those whose wait an edge has decided, and the notify address of a start or an exit. */
  void tell(Slot slot, boolean startOrExit, long now) {
    boolean free = slot.state == WorkerState.FREE;
    for (int w = 0; w < slot.waits.size(); ) {
      Wait wait = slot.waits.get(w);
      if (free || isTrue(slot, wait.what)) {
        slot.waits.remove(w);
        wait.timeout.cancel();
        answer(slot, wait.what, wait.waiter, now);
      } else {
        w++;
      }
    }
    if (startOrExit && !slot.terms.notifyAddress().isEmpty()) {
      table.effects.notify(slot.terms.notifyAddress(), views.of(slot, now));
    }
  }

  void timeout(Wait wait, long now) {
    wait.slot.waits.remove(wait);
    WorkerStatus status = views.of(wait.slot, now);
    table.effects.answer(wait.waiter, Optional.of(ErrorCode.TIMEOUT), status);
  }

  /** The postmaster is gone: nobody may wait on. */
  void end(long now) {
    for (Slot slot : table.registered) {
      for (Wait wait : slot.waits) {
        wait.timeout.cancel();
        table.effects.answer(
            wait.waiter, Optional.of(ErrorCode.POSTMASTER_DIED), views.of(slot, now));
      }
      slot.waits = List.of();
    }
  }
}
