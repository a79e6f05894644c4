package dev.postmaster;

import java.time.Duration;
import java.util.List;

/**
 * How the postmaster is doing, for those who watch over it: what neither its status nor a
 * transition says.
 *
 * <p>Threading: any; nothing here takes a turn of the postmaster's loop, or waits for one.
 */
public interface Vitals {

  /** Whether it has started, and has not ended. */
  boolean isAlive();

  /**
   * How long ago the postmaster's loop last turned, as far as a beat on it shows, which comes once
   * a second; zero before the start and after the end.
   */
  Duration sinceTurn();

  /** How late such a beat was at worst in the last minute. */
  Duration lag();

  /** How many {@code critical} registrations are not ready now; what is gone does not count. */
  int unready();

  /** These, by slot, at most so many. It looks at a bit a slot. */
  List<WorkerStatus> unready(int limit);

  /** How many requests were refused with that code, each counted, also those not journaled yet. */
  long refusals(ErrorCode code);
}
