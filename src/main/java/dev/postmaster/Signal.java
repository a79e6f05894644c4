package dev.postmaster;

/** What can be sent to a run (contract §11). */
public enum Signal {
  /** Asks the run to end: flag and latch. */
  TERM,
  /** Cancels the current action of a worker that has a connection. */
  INT,
  /** Reload; ignored unless the worker asked for it. */
  HUP,
  /** Sets the latch. */
  USR1
}
