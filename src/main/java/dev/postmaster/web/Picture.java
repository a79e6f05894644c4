package dev.postmaster.web;

/**
 * The state of many slots at one point of the journal, written in parts that fit into a frame, each
 * made when the socket can take it.
 *
 * <p>It is read slot by slot while the postmaster goes on: an object may be newer than {@link
 * #seq()}, and is then ahead of the transitions that follow, which a viewer ignores.
 */
interface Picture {

  /**
   * So many of the largest WORKER that can be, about 9 KiB with a message of control characters
   * only, fit into a part beside {@value #DOMAINS_MAX} domains: 60 KiB.
   */
  int WORKERS_MAX = 5;

  /** Domains shown in a snapshot. */
  int DOMAINS_MAX = 32;

  /** The head when it was begun: transitions follow from the next. */
  long seq();

  /** Whether nothing is left of it. */
  boolean done();

  /** The next part; empty when it has only looked around and wants another turn. */
  String next();
}
