package dev.postmaster;

import java.util.List;

/**
 * A request that was refused or could not be met: a caller's mistake or a limit, never a worker's
 * failure. It has no stack trace; its message is one sentence with every fact in it.
 */
public final class PostmasterException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final ErrorCode code;
  private final int limit;
  private final int used;
  private final long retryMs;
  private final transient List<Holder> holders;
  private final transient WorkerStatus status;

  private PostmasterException(
      ErrorCode code,
      String message,
      int limit,
      int used,
      long retryMs,
      List<Holder> holders,
      WorkerStatus at) {
    super(message, null, false, false);
    this.code = code;
    this.limit = limit;
    this.used = used;
    this.retryMs = retryMs;
    this.holders = List.copyOf(holders);
    this.status = at;
  }

  public static PostmasterException of(ErrorCode code, String message) {
    return new PostmasterException(code, message, -1, -1, -1, List.of(), null);
  }

  /** A refusal by a limit: which one, its size, how much is used, and the oldest who use it. */
  public static PostmasterException limit(
      ErrorCode code, String message, int limit, int used, List<Holder> oldest) {
    return new PostmasterException(code, message, limit, used, -1, oldest, null);
  }

  /** A wait that failed, with what is known of the worker. */
  public static PostmasterException wait(ErrorCode code, String message, WorkerStatus status) {
    return new PostmasterException(code, message, -1, -1, -1, List.of(), status);
  }

  /** A refusal for now: the message says, too, after how many milliseconds to try again. */
  public static PostmasterException retry(ErrorCode code, String message, long retryMs) {
    String whole = message + "; retryMs " + retryMs;
    return new PostmasterException(code, whole, -1, -1, retryMs, List.of(), null);
  }

  public ErrorCode code() {
    return code;
  }

  /** The size of the limit that refused, or -1. */
  public int limit() {
    return limit;
  }

  /** How much of it is used, or -1. */
  public int used() {
    return used;
  }

  /** After how many milliseconds to try again, or -1. */
  public long retryMs() {
    return retryMs;
  }

  /** The oldest registrations that use it, at most five. */
  public List<Holder> holders() {
    return holders == null ? List.of() : holders;
  }

  /** What was known of the worker when a wait on it failed; empty for anything else. */
  public java.util.Optional<WorkerStatus> status() {
    return java.util.Optional.ofNullable(status);
  }
}
