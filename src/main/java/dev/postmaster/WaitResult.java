package dev.postmaster;

/** What ended a wait on the latch. */
public enum WaitResult {
  SET,
  TIMEOUT,
  POSTMASTER_DIED
}
