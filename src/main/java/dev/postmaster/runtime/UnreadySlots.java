package dev.postmaster.runtime;

import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntPredicate;

/**
 * The slots whose workers are {@code critical} and not ready: a bit each, so that whoever asks
 * often need not look at every worker. Written by the postmaster's loop, read by any thread.
 */
final class UnreadySlots {

  private final AtomicLongArray words;
  private volatile int count;

  UnreadySlots(int slots) {
    words = new AtomicLongArray((slots + Long.SIZE - 1) / Long.SIZE);
  }

  /** Sees what has just been published. */
  void published(WorkerStatus status) {
    boolean unready = status.critical() && status.state() != WorkerState.FREE && !status.ready();
    int word = status.slot() / Long.SIZE;
    long bit = 1L << status.slot() % Long.SIZE;
    long before = words.getPlain(word);
    long after = unready ? before | bit : before & ~bit;
    if (after != before) {
      words.setRelease(word, after);
      count = count + (unready ? 1 : -1); // one writer
    }
  }

  int count() {
    return count;
  }

  /** Names each, by slot, as long as there shall be more. */
  void each(IntPredicate more) {
    for (int word = 0; word < words.length(); word++) {
      for (long left = words.getAcquire(word); left != 0; left &= left - 1) {
        if (!more.test(word * Long.SIZE + Long.numberOfTrailingZeros(left))) {
          return;
        }
      }
    }
  }
}
