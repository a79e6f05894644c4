package dev.postmaster.core;

import static dev.postmaster.WorkerState.ABANDONED;
import static dev.postmaster.WorkerState.BACKOFF;
import static dev.postmaster.WorkerState.FREE;
import static dev.postmaster.WorkerState.PARKED;
import static dev.postmaster.WorkerState.REGISTERED;
import static dev.postmaster.WorkerState.RUNNING;
import static dev.postmaster.WorkerState.STARTING;
import static dev.postmaster.WorkerState.STOPPING;

import dev.postmaster.Cause;
import dev.postmaster.WorkerState;
import java.util.EnumSet;
import java.util.Set;

/** The edges of the state graph with their causes, contract §5; no other exists. */
public final class Edges {

  private static final int STATES = WorkerState.values().length;

  /** By from and to: the causes as bits. */
  private static final long[] LEGAL = new long[STATES * STATES];

  static {
    legal(FREE, REGISTERED, Cause.REGISTERED);
    legal(REGISTERED, STARTING, Cause.LAUNCH);
    legal(STARTING, RUNNING, Cause.STARTED);
    legal(RUNNING, RUNNING, Cause.READY, Cause.NOT_READY);
    Set<Cause> tells =
        EnumSet.of(
            Cause.TERMINATE,
            Cause.SHUTDOWN,
            Cause.CRASH_CYCLE,
            Cause.GROUP,
            Cause.DRAIN,
            Cause.START_TIMEOUT,
            Cause.EXIT);
    for (Cause tell : tells) {
      legal(STARTING, STOPPING, tell);
      legal(RUNNING, STOPPING, tell);
    }
    legal(RUNNING, STOPPING, Cause.WATCHDOG, Cause.SIGNAL);
    for (WorkerState end : EnumSet.of(BACKOFF, FREE)) {
      legal(STARTING, end, Cause.START_FAILED, Cause.EXIT);
      legal(RUNNING, end, Cause.EXIT);
      legal(STOPPING, end, Cause.EXIT);
      legal(ABANDONED, end, Cause.THREAD_RETURNED);
    }
    legal(STOPPING, ABANDONED, Cause.STOP_TIMEOUT);
    legal(STOPPING, STOPPING, Cause.TERMINATE);
    legal(ABANDONED, ABANDONED, Cause.TERMINATE);
    legal(BACKOFF, STARTING, Cause.RESTART_TIMER, Cause.CRASH_CYCLE, Cause.GROUP);
    legal(BACKOFF, PARKED, Cause.BUDGET);
    legal(BACKOFF, FREE, Cause.BUDGET);
    legal(PARKED, STARTING, Cause.PROBE, Cause.GROUP);
    for (WorkerState idle : EnumSet.of(REGISTERED, BACKOFF, PARKED)) {
      legal(idle, FREE, Cause.TERMINATE, Cause.SHUTDOWN, Cause.GROUP);
    }
    legal(REGISTERED, FREE, Cause.CRASH_CYCLE);
    for (WorkerState any : EnumSet.complementOf(EnumSet.of(FREE))) {
      legal(any, FREE, Cause.ORPHANED);
    }
  }

  private Edges() {}

  private static void legal(WorkerState from, WorkerState to, Cause... causes) {
    for (Cause cause : causes) {
      LEGAL[from.ordinal() * STATES + to.ordinal()] |= 1L << cause.ordinal();
    }
  }

  /** Whether the contract knows this edge. */
  public static boolean isLegal(WorkerState from, WorkerState to, Cause cause) {
    return (LEGAL[from.ordinal() * STATES + to.ordinal()] & 1L << cause.ordinal()) != 0;
  }
}
