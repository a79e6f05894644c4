package dev.postmaster.request;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;

/**
 * How much one door may ask of the postmaster at one time; what is beyond that is refused at once
 * and costs the postmaster nothing.
 *
 * <p>At most {@value #IN_FLIGHT_MAX} requests are in flight to the postmaster. A wait is in flight
 * only until the postmaster has it: from then on it may last for a day and asks for nothing. It
 * holds one of the places for waits until it ends, so that those who wait can neither use up the
 * places of those who act, nor memory without end.
 *
 * <p>Threading: the loop of its {@link Requests}.
 *
 * <p>Errors: {@code RATE_LIMITED}, with the time after which to try again.
 */
final class FloodGuard {

  static final int IN_FLIGHT_MAX = 1_024;

  private final int waitsMax;

  private static final int RETRY_MS = 100;

  private int inFlight;
  private int waits;

  /**
   * Counts.
   *
   * @param waitsMax places for those who wait
   */
  FloodGuard(int waitsMax) {
    this.waitsMax = waitsMax;
  }

  void enter() {
    if (inFlight == IN_FLIGHT_MAX) {
      throw limited("requests are in flight to the postmaster", IN_FLIGHT_MAX);
    }
    inFlight++;
  }

  void leave() {
    inFlight--;
  }

  void enterWait() {
    if (waits == waitsMax) {
      throw limited("requests wait for a worker", waitsMax);
    }
    waits++;
  }

  void leaveWait() {
    waits--;
  }

  private static PostmasterException limited(String what, int limit) {
    return PostmasterException.retry(
        ErrorCode.RATE_LIMITED, limit + " " + what + ", and that is the limit", RETRY_MS);
  }
}
