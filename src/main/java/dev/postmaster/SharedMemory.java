package dev.postmaster;

import java.util.concurrent.ConcurrentMap;

/**
 * The memory that the workers of one domain share: named maps, counters and message queues.
 *
 * <p>Threading: any. What is put in is shared by reference: let it be immutable.
 *
 * <p>Errors: after a crash cycle of the domain everything that was got from here before throws
 * {@link IllegalStateException}; the next run gets a fresh, empty one.
 */
public interface SharedMemory {

  /** The map of that name; made when first asked for. */
  <V> ConcurrentMap<String, V> map(String name);

  /** The counter of that name; made, at 0, when first asked for. */
  SharedCounter counter(String name);

  /**
   * The queue of that name; made when first asked for.
   *
   * @param capacity in messages, 1 to 65,536; the first to ask decides
   */
  <M> MessageQueue<M> queue(String name, int capacity);

  /** A named 64-bit counter. */
  interface SharedCounter {

    /** Adds and returns the new value. */
    long add(long delta);

    long get();

    void set(long value);
  }
}
