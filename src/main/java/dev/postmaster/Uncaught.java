package dev.postmaster;

/** What becomes of an exception that nobody caught on a verticle's context (contract §2). */
public enum Uncaught {
  /** The run ends, FAILED. */
  FAIL,
  /** It is logged, and the run goes on. */
  LOG
}
