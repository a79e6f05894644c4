package dev.postmaster;

/** What a run's code is called on. */
public enum Threading {
  /** A thread of the postmaster's own named pool; the code may block. */
  WORKER,
  /** A virtual thread, where the JVM has them. */
  VIRTUAL_THREAD,
  /** An event loop; the code must not block. */
  EVENT_LOOP
}
