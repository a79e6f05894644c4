package dev.postmaster;

/** The four answers of PostgreSQL's {@code BgwHandleStatus}. */
public enum HandleStatus {
  NOT_YET_STARTED,
  STARTED,
  STOPPED,
  POSTMASTER_DIED
}
