package dev.postmaster.runtime;

import dev.postmaster.Handle;
import dev.postmaster.HandleStatus;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;

/**
 * What everybody may read of the slots at any time, from any thread: a status a slot, replaced
 * whole after each turn that changed it.
 */
final class PublishedTable {

  private final AtomicReferenceArray<WorkerStatus> slots;
  private final TableChanges changes;
  private final UnreadySlots unready;
  private volatile int used;
  private volatile boolean dead;

  PublishedTable(int slots) {
    this.slots = new AtomicReferenceArray<>(slots);
    changes = new TableChanges(slots);
    unready = new UnreadySlots(slots);
  }

  /** By the postmaster's loop only. */
  void publish(WorkerStatus status) {
    WorkerStatus before = slots.getPlain(status.slot());
    slots.setRelease(status.slot(), status);
    if (status.slot() >= used) {
      used = status.slot() + 1;
    }
    changes.published(before, status);
    unready.published(status);
  }

  TableChanges changes() {
    return changes;
  }

  UnreadySlots unready() {
    return unready;
  }

  /** The critical workers that are not ready, by slot. */
  List<WorkerStatus> unready(int limit) {
    List<WorkerStatus> found = new ArrayList<>();
    if (limit > 0) {
      unready.each(
          slot -> {
            slot(slot).filter(status -> !status.ready()).ifPresent(found::add);
            return found.size() < limit;
          });
    }
    return found;
  }

  /** The postmaster has ended: those that were not gone have lost it. */
  void die() {
    dead = true;
  }

  /** The registration of that handle, also if it is gone. */
  WorkerStatus of(Handle handle, String epoch) {
    boolean known =
        handle.epoch().equals(epoch) && handle.slot() >= 0 && handle.slot() < slots.length();
    WorkerStatus status = known ? slots.getAcquire(handle.slot()) : null;
    if (status == null || status.generation() != handle.generation()) {
      return WorkerStatus.gone(handle);
    }
    return now(status);
  }

  /** What is in the slot; empty if it is free. */
  Optional<WorkerStatus> slot(int slot) {
    if (slot < 0 || slot >= slots.length()) {
      return Optional.empty();
    }
    WorkerStatus status = slots.getAcquire(slot);
    return status == null || status.state() == WorkerState.FREE
        ? Optional.empty()
        : Optional.of(now(status));
  }

  /** Registrations in slots above that, by slot. */
  List<WorkerStatus> list(int afterSlot, int limit, Predicate<WorkerStatus> filter) {
    List<WorkerStatus> found = new ArrayList<>();
    int end = used;
    for (int slot = Math.max(0, afterSlot + 1); slot < end && found.size() < limit; slot++) {
      slot(slot).filter(filter).ifPresent(found::add);
    }
    return found;
  }

  /** A status is as old as its turn: what counts down is counted from now. */
  private WorkerStatus now(WorkerStatus status) {
    if (dead && status.state() != WorkerState.FREE) {
      return status.with(HandleStatus.POSTMASTER_DIED, -1);
    }
    if (status.restartAt() == 0) {
      return status;
    }
    return status.with(
        status.status(), Math.max(0, status.restartAt() - System.currentTimeMillis()));
  }
}
