package dev.postmaster.web;

/** Why the server ends a feed (protocols §4). */
enum CloseCode {
  GOING_AWAY(1001, "going away", true),
  TOO_LARGE(1009, "frame over 16 KiB", false),
  BAD_MESSAGE(4400, "bad message", false),
  SESSION(4401, "session over", false),
  REFUSED(4403, "refused", false),
  NO_SUBSCRIBE(4408, "no subscribe", true),
  NO_RESUME(4410, "resume impossible", false),
  TOO_MANY(4429, "too many messages", true),
  SLOW(4430, "slow consumer", true),
  INTERNAL(4500, "internal error", true);

  private final int number;
  private final String reason;
  private final boolean retry;

  CloseCode(int number, String reason, boolean retry) {
    this.number = number;
    this.reason = reason;
    this.retry = retry;
  }

  int number() {
    return number;
  }

  String reason() {
    return reason;
  }

  /** Whether the viewer may simply come back. */
  boolean retry() {
    return retry;
  }
}
