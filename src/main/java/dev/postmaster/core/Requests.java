package dev.postmaster.core;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.PostmasterException;
import dev.postmaster.Signal;
import dev.postmaster.Target;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import java.util.Optional;

/**
 * What somebody who holds a handle asks for (contract §4, §8, §11).
 *
 * <p>Source: PostgreSQL {@code TerminateBackgroundWorker} and {@code GetBackgroundWorkerPid}: a
 * handle whose generation is not the slot's is answered, never obeyed.
 */
final class Requests {

  private final Table table;
  private final Ladder ladder;
  private final Shutdown shutdown;
  private final Waits waits;

  Requests(Table table, Ladder ladder, Shutdown shutdown, Waits waits) {
    this.table = table;
    this.ladder = ladder;
    this.shutdown = shutdown;
    this.waits = waits;
  }

  private boolean knows(Handle handle) {
    return handle.epoch().equals(table.options.epoch())
        && handle.slot() >= 0
        && handle.slot() < table.slots.length;
  }

  /** The slot of a registration; null if it is gone and nobody else is there. */
  private Slot tenant(Handle handle) {
    if (shutdown.over()) {
      throw PostmasterException.of(ErrorCode.POSTMASTER_DIED, "the postmaster has ended");
    }
    Slot slot = knows(handle) ? table.slots[handle.slot()] : null;
    if (slot != null && slot.generation == handle.generation()) {
      return slot.state == WorkerState.FREE ? null : slot;
    }
    boolean free = slot == null || slot.state == WorkerState.FREE;
    if (free && knows(handle) && handle.generation() <= table.generation(handle.slot())) {
      return null;
    }
    throw PostmasterException.of(
        ErrorCode.STALE_HANDLE, "handle " + handle + " names no registration of now");
  }

  /** Whether a target is one registration, and that is gone. */
  boolean isGone(Target target) {
    return target.handle().isPresent() && tenant(target.handle().get()) == null;
  }

  WorkerState terminate(Handle handle, By by, long now) {
    Slot slot = tenant(handle);
    if (slot == null) {
      return WorkerState.FREE;
    }
    boolean isNew = !slot.terminate;
    slot.terminate = true;
    switch (slot.state) {
      case REGISTERED, BACKOFF, PARKED -> {
        slot.reason = Cause.TERMINATE;
        table.forget(slot, Cause.TERMINATE, Verdict.NONE, by, now);
        waits.tell(slot, true, now);
      }
      case STARTING, RUNNING -> ladder.stop(slot, Cause.TERMINATE, by, now);
      case STOPPING, ABANDONED -> {
        if (isNew) {
          table.edge(slot, slot.state, Cause.TERMINATE, by, now);
        }
      }
      case FREE -> throw new AssertionError("a tenant is in a free slot");
    }
    return slot.state;
  }

  void signal(Handle handle, Signal signal, By by, long now) {
    Slot slot = tenant(handle);
    if (slot == null || !slot.state.hasRun()) {
      throw PostmasterException.of(
          ErrorCode.NOT_RUNNING, "worker " + handle + " has no run to signal");
    }
    signal(slot, signal, by, now);
  }

  void signalAll(Signal signal, By by, long now) {
    if (!shutdown.gateClosed()) {
      table.registered.stream()
          .filter(slot -> slot.state.hasRun())
          .forEach(slot -> signal(slot, signal, by, now));
    }
  }

  private void signal(Slot slot, Signal signal, By by, long now) {
    if (signal == Signal.TERM && slot.terms.verticle() && slot.state == WorkerState.RUNNING) {
      ladder.stop(slot, Cause.SIGNAL, by, now);
    } else {
      table.effects.signal(slot.run(), signal);
    }
  }

  void await(Handle handle, AwaitFor what, long timeoutNs, Object waiter, long now) {
    Slot slot = knows(handle) ? table.slots[handle.slot()] : null;
    if (slot == null || slot.generation != handle.generation()) {
      boolean over = what == AwaitFor.STOPPED || what == AwaitFor.GONE;
      Optional<ErrorCode> failure = over ? Optional.empty() : Optional.of(ErrorCode.NOT_STARTED);
      table.effects.answer(waiter, failure, WorkerStatus.gone(handle));
    } else if (shutdown.over()) {
      waits.awaitTooLate(slot, what, waiter, now);
    } else {
      waits.await(slot, what, timeoutNs, waiter, now);
    }
  }
}
