package dev.postmaster;

import java.util.function.IntConsumer;

/**
 * Which slots show something new that no transition says: {@code waiting}, {@code paused}, {@code
 * pausedUntil} or {@code deadlineAt}. Changes are counted; whoever has noted the count asks for
 * what came since.
 *
 * <p>Ordering: a change is counted after it can be read.
 *
 * <p>Threading: any; a reader never touches the writer.
 */
public interface StatusChanges {

  /** How many changes there have been. */
  long count();

  /**
   * Names each slot that has changed since there were so many. It looks at every slot that was ever
   * used, 0.1 ms for 100,000: one asks for all viewers, not each of them.
   */
  void since(long count, IntConsumer slot);
}
