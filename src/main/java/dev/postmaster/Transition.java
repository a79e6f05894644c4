package dev.postmaster;

/**
 * One record of the journal: an edge of a slot, or a record of the postmaster's own.
 *
 * <p>Ordering: {@code seq} rises by one; a record exists before anybody is told of what it says.
 *
 * <p>Units: {@code at} and {@code restartAt} epoch milliseconds, {@code restartInMs} milliseconds.
 *
 * @param slot from 0; -1 for the postmaster's own
 * @param generation 0 for the postmaster's own
 * @param runId the run that the edge begins, continues or ends; 0 if none
 * @param name of the worker; of the domain for a crash cycle; else empty for the postmaster's own
 * @param type empty for the postmaster's own
 * @param cut whether name or type were shortened by the journal
 * @param from null only where a record of the postmaster's own has none
 * @param to as {@code from}
 * @param ready whether the run is ready after this
 * @param terminate whether termination was asked for
 * @param starts launches of this registration so far
 * @param restartAt 0 if no restart time is known
 * @param restartInMs -1 if no restart time is known
 * @param exit {@link Exit#NONE} unless the edge ends a run
 * @param code {@link #NO_CODE} unless the exit has one
 * @param message empty if there is none
 */
public record Transition(
    long seq,
    long at,
    int slot,
    long generation,
    long runId,
    String name,
    String type,
    boolean cut,
    Stage from,
    Stage to,
    Cause cause,
    boolean ready,
    boolean terminate,
    int starts,
    long restartAt,
    long restartInMs,
    Exit exit,
    int code,
    String message,
    By by) {

  /** No exit code. */
  public static final int NO_CODE = Integer.MIN_VALUE;

  /** Whether this is a record of the postmaster's own. */
  public boolean own() {
    return slot < 0;
  }
}
