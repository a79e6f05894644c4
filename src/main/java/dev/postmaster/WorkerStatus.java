package dev.postmaster;

import java.util.List;
import java.util.Set;

/**
 * What is known of a registration: PostgreSQL's four-valued status with everything beside it.
 *
 * <p>Units: {@code …At} and {@code …Since} epoch milliseconds, 0 if unknown; {@code …Ms}
 * milliseconds, -1 if unknown.
 *
 * @param seq of the record that produced this
 * @param runId the run's id from launch until it is gone, else 0
 * @param waiting what holds a due worker, such as {@code phase} or {@code requires:db}; else empty
 * @param reason why it is being stopped, in STOPPING and ABANDONED; after a run that was told, why;
 *     else null
 * @param deadlineAt when the deadline that judges it now runs out
 * @param restartMs the restart interval; -1 never
 * @param exits how often runs of this registration ended, in the order of {@link Exit}, without
 *     NONE: eight figures
 * @param last how the last run ended; null if none has
 */
public record WorkerStatus(
    long seq,
    Handle handle,
    String name,
    String type,
    String library,
    String function,
    WorkerState state,
    boolean ready,
    HandleStatus status,
    long runId,
    String waiting,
    Cause reason,
    long deadlineAt,
    boolean paused,
    long pausedUntil,
    String domain,
    String group,
    Set<Flag> flags,
    StartTime start,
    Threading threading,
    boolean critical,
    long restartMs,
    boolean terminate,
    long registeredAt,
    long startedAt,
    long stateSince,
    long restartAt,
    long restartInMs,
    int starts,
    int failures,
    List<Integer> exits,
    LastEnd last) {

  /**
   * How the last run ended.
   *
   * @param code {@link Transition#NO_CODE} if the exit has none
   * @param message at most 1,024 bytes
   * @param firstAt when this exit with this message was first seen in a row
   * @param times how often in a row
   */
  public record LastEnd(
      Exit exit,
      int code,
      String message,
      Cause cause,
      long runId,
      long at,
      long firstAt,
      int times) {}

  /** What is known of a registration that is gone and whose slot has had another tenant since. */
  public static WorkerStatus gone(Handle handle) {
    return new WorkerStatus(
        0,
        handle,
        "",
        "",
        "",
        "",
        WorkerState.FREE,
        false,
        HandleStatus.STOPPED,
        0,
        "",
        null,
        0,
        false,
        0,
        "",
        "",
        Set.of(),
        StartTime.RECOVERY_FINISHED,
        Threading.WORKER,
        false,
        -1,
        false,
        0,
        0,
        0,
        0,
        -1,
        0,
        0,
        List.of(0, 0, 0, 0, 0, 0, 0, 0),
        null);
  }

  /** The same with another four-valued status and another time to go until the restart. */
  public WorkerStatus with(HandleStatus to, long restartsInMs) {
    return new WorkerStatus(
        seq,
        handle,
        name,
        type,
        library,
        function,
        state,
        ready,
        to,
        runId,
        waiting,
        reason,
        deadlineAt,
        paused,
        pausedUntil,
        domain,
        group,
        flags,
        start,
        threading,
        critical,
        restartMs,
        terminate,
        registeredAt,
        startedAt,
        stateSince,
        restartAt,
        restartsInMs,
        starts,
        failures,
        exits,
        last);
  }

  public int slot() {
    return handle.slot();
  }

  public long generation() {
    return handle.generation();
  }
}
