package dev.postmaster;

/** How a run ended (contract §7). Codes are those of the journal. */
public enum Exit {
  /** No run ended here. */
  NONE(0),
  /** Done for good: forgotten, whatever its restart interval. */
  COMPLETED(1),
  /** Restarted after its interval. */
  FAILED(2),
  /** May have damaged what it shares: a crash cycle with {@link Flag#SHARED_MEMORY}. */
  CRASHED(3),
  /** Never reached RUNNING. */
  START_FAILED(4),
  /** Not ready in time. */
  START_TIMEOUT(5),
  /** Missed its beats. */
  WATCHDOG(6),
  /** Left its code after it was told. */
  TERMINATED(7),
  /** Left its code only after the interrupt. */
  KILLED(8);

  private final int code;

  Exit(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
