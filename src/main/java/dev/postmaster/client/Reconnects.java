package dev.postmaster.client;

/**
 * How long to wait before connecting again: full jitter under a bound that doubles, so that many
 * viewers of a server that comes back do not come at once.
 */
record Reconnects(long minMs, long maxMs) {

  /** The bound before an attempt, counted from 0. */
  long bound(int attempt) {
    int doublings = Math.min(attempt, Long.numberOfLeadingZeros(minMs) - 1);
    return Math.min(maxMs, minMs << doublings);
  }

  /**
   * The wait before an attempt.
   *
   * @param chance from 0, less than 1
   * @param retryMs what the server asked for, or 0; followed up to the largest bound
   */
  long delayMs(int attempt, double chance, long retryMs) {
    long asked = Math.max(0, Math.min(maxMs, retryMs));
    return asked + Math.max(1, (long) (chance * bound(attempt)));
  }
}
