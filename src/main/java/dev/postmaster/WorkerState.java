package dev.postmaster;

/** The state of a slot (contract §5). Codes are those of the journal. */
public enum WorkerState implements Stage {
  /** No registration. */
  FREE(0),
  /** Waits for its phase, for what it requires, for its turn. */
  REGISTERED(1),
  /** A run was launched and has not begun. */
  STARTING(2),
  /** The run has begun. */
  RUNNING(3),
  /** Told to stop, or ended with something left to close. */
  STOPPING(4),
  /** The run is gone and another will be started. */
  BACKOFF(5),
  /** Spent its restart budget; one probe start at a known time. */
  PARKED(6),
  /** Told, interrupted, and a thread is still inside its code. */
  ABANDONED(7);

  private final int code;

  WorkerState(int code) {
    this.code = code;
  }

  @Override
  public String word() {
    return name();
  }

  @Override
  public int code() {
    return code;
  }

  /** Whether a run exists: launched, and not gone yet. */
  public boolean hasRun() {
    return this == STARTING || this == RUNNING || this == STOPPING || this == ABANDONED;
  }
}
