package dev.postmaster;

/**
 * The phase that a worker waits for before its first start and before every restart.
 *
 * <p>Source: PostgreSQL {@code BgWorkerStartTime}; the gate is {@code bgworker_should_start_now}.
 */
public enum StartTime {
  POSTMASTER_START(Phase.STARTUP),
  CONSISTENT_STATE(Phase.CONSISTENT),
  RECOVERY_FINISHED(Phase.RUN);

  private final Phase phase;

  StartTime(Phase phase) {
    this.phase = phase;
  }

  /** The first phase in which such a worker may be started. */
  public Phase phase() {
    return phase;
  }
}
