package dev.postmaster;

/** What a worker asks for (PostgreSQL's {@code bgw_flags}). */
public enum Flag {
  /** Shares memory with the other workers of its domain, and goes through its crash cycles. */
  SHARED_MEMORY,
  /** May open one database connection a run; needs {@link #SHARED_MEMORY}. */
  DATABASE_CONNECTION,
  /** Counts against {@code maxParallelWorkers}; is never restarted. */
  PARALLEL
}
