package dev.postmaster.web;

/**
 * The state of many slots at one point of the journal, written in parts that fit into a frame, each
 * made when the socket can take it.
 *
 * <p>It is read slot by slot while the postmaster goes on: an object may be newer than {@link
 * #seq()}, and is then ahead of the transitions that follow, which a viewer ignores.
 */
interface Picture {

  /** The head when it was begun: transitions follow from the next. */
  long seq();

  /** Whether nothing is left of it. */
  boolean done();

  /** The next part; empty when it has only looked around, a bounded stretch. */
  String next();
}
