package dev.postmaster.runtime;

import dev.postmaster.StatusChanges;
import dev.postmaster.WorkerStatus;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntConsumer;

/** The count of the last change of each slot. Written by the postmaster's loop. */
final class TableChanges implements StatusChanges {

  private final AtomicLongArray last;
  private volatile long count;
  private volatile int used;

  TableChanges(int slots) {
    last = new AtomicLongArray(slots);
  }

  /** Sees what has just been published, and what was there before; null for nothing. */
  void published(WorkerStatus before, WorkerStatus now) {
    boolean same = before == null || before.generation() != now.generation() || isSame(before, now);
    if (same) {
      return;
    }
    int slot = now.slot();
    long next = count + 1;
    last.setRelease(slot, next);
    if (slot >= used) {
      used = slot + 1;
    }
    count = next; // after the mark, which a reader of this count must find
  }

  private static boolean isSame(WorkerStatus one, WorkerStatus other) {
    return one.deadlineAt() == other.deadlineAt()
        && one.paused() == other.paused()
        && one.pausedUntil() == other.pausedUntil()
        && one.waiting().equals(other.waiting());
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public void since(long from, IntConsumer slot) {
    int end = used;
    for (int s = 0; s < end; s++) {
      if (last.getAcquire(s) > from) {
        slot.accept(s);
      }
    }
  }
}
