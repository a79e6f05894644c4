package dev.postmaster;

/** Why a request was refused. Numbers travel over the event bus; they are never re-used. */
public enum ErrorCode {
  BAD_REQUEST(4000, 400),
  UNAUTHENTICATED(4010, 401),
  FORBIDDEN(4030, 403),
  UNKNOWN_WORKER(4040, 404),
  TIMEOUT(4080, 200),
  STALE_HANDLE(4090, 409),
  NO_FREE_SLOT(4091, 409),
  PARALLEL_LIMIT(4092, 409),
  ALREADY_REGISTERED(4093, 409),
  STATIC_TOO_LATE(4094, 409),
  NOT_STARTED(4095, 409),
  NOT_RUNNING(4096, 409),
  AMBIGUOUS_NAME(4097, 409),
  INVALID_SPEC(4220, 422),
  UNKNOWN_ENTRY_POINT(4221, 422),
  NOTIFY_NOT_ALLOWED(4222, 422),
  RATE_LIMITED(4290, 429),
  INTERNAL(5000, 500),
  SHUTTING_DOWN(5030, 503),
  POSTMASTER_DIED(5031, 503);

  private final int number;
  private final int http;

  ErrorCode(int number, int http) {
    this.number = number;
    this.http = http;
  }

  /** The number on the event bus. */
  public int number() {
    return number;
  }

  /** The HTTP status. */
  public int http() {
    return http;
  }
}
