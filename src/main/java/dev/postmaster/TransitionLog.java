package dev.postmaster;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The journal as its readers see it: a ring of the last transitions, in memory or in a file.
 *
 * <p>Threading: any; a reader never touches the writer.
 */
public interface TransitionLog {

  String epoch();

  /** The highest sequence number, 0 if there is none. */
  long head();

  /** The lowest sequence number that can still be read. */
  long oldest();

  /** How many records the ring holds. */
  int capacity();

  /** The file; empty if it is in memory. */
  Optional<Path> path();

  /** Whether the file met a fault: since then the journal has been in memory, numbers go on. */
  boolean isFaulted();

  /**
   * Reads what follows {@code after}, in order.
   *
   * @param limit at most so many, from 1
   */
  Page read(long after, int limit);

  /**
   * A stretch of the log. A gap comes before the transitions.
   *
   * @param next read on after this
   */
  record Page(List<Transition> transitions, long next, Optional<Gap> gap) {}

  /** Sequence numbers that cannot be read any more, both included. */
  record Gap(long from, long to, String reason) {}
}
