package dev.postmaster.core;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Flag;
import dev.postmaster.HandleStatus;
import dev.postmaster.Threading;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerTerms;
import java.util.ArrayList;
import java.util.List;

/**
 * One place for a worker. What it says of a registration stays readable until the next one comes.
 *
 * <p>Units: times are monotonic nanoseconds; those of the ladder and of {@link #alarm} while a run
 * exists are <i>judged</i> time, which stands still while the loop or the JVM does.
 *
 * <p>Source: PostgreSQL's {@code BackgroundWorkerSlot} and {@code RegisteredBgWorker}, which are
 * one here because one thread owns both.
 */
final class Slot {

  static final List<Integer> NO_EXITS = List.of(0, 0, 0, 0, 0, 0, 0, 0);

  final int index;
  long generation;
  WorkerState state = WorkerState.FREE;
  long stateSince;

  /** Of the record that produced the state. */
  long seq;

  // ---- the registration
  WorkerTerms terms;
  boolean dynamic;

  /** Counts registrations: the order among equals. */
  long registration;

  long registeredAt;
  Name name;

  /** Null unless it shares memory. */
  Domain domain;

  long restartNs;
  long graceNs;
  long forceNs;
  boolean terminate;

  /** Its own pause, or null. */
  Pause pause;

  // ---- the run: from launch until it is gone
  long runId;
  long startedAt;

  /** Whether this run reached RUNNING. */
  boolean begun;

  boolean ready;

  /** Why it is being stopped; after the run, why it was. */
  Cause reason;

  Rung rung = Rung.NONE;
  long interruptAt;
  long abandonAt;
  int startExtensions;
  int stopExtensions;

  /** At shutdown: whether it is counted in {@link Name#requiring}. */
  boolean requiring;

  /** How it ended, while something is left to close. */
  End end;

  // ---- between runs
  /** Whether any run of this registration reached RUNNING. */
  boolean everBegun;

  /** When it may be started, while it has no run. */
  long due;

  /** What the edge of the next launch will say. */
  Cause launchCause;

  Hold hold = Hold.NONE;
  String holdName = "";

  // ---- what is remembered
  int starts;
  int failures;
  List<Integer> exits = NO_EXITS;
  Exit lastExit = Exit.NONE;
  int lastCode = Transition.NO_CODE;
  String lastMessage = "";
  Cause lastCause;
  long lastRunId;
  long lastAt;
  long lastFirstAt;
  int lastTimes;

  /**
   * Without a run: the restart time, or its place in the ready queue. With one: the deadline that
   * judges it. One suffices, because a slot never has both.
   */
  final Alarm alarm = new Alarm(this, Alarm.Kind.SLOT);

  /** For readiness by uptime; made when first needed. */
  Alarm uptime;

  /** Made when first needed. */
  List<Wait> waits = List.of();

  Slot(int index) {
    this.index = index;
  }

  Run run() {
    return new Run(index, generation, runId);
  }

  boolean is(Run run) {
    return run.generation() == generation && run.runId() == runId && state.hasRun();
  }

  boolean sharesMemory() {
    return terms.flags().contains(Flag.SHARED_MEMORY);
  }

  boolean isParallel() {
    return terms.flags().contains(Flag.PARALLEL);
  }

  /** Whether a run of it holds a thread of the pool. */
  boolean blocks() {
    return terms.threading() == Threading.WORKER;
  }

  boolean neverRestarts() {
    return restartNs < 0;
  }

  /** Whether it has no run and its time has come. */
  boolean isDue(long now) {
    return state == WorkerState.REGISTERED || state == WorkerState.BACKOFF && due <= now;
  }

  /** PostgreSQL's answer for the handle of this registration, contract §5. */
  HandleStatus status() {
    return switch (state) {
      case FREE -> HandleStatus.STOPPED;
      case REGISTERED -> HandleStatus.NOT_YET_STARTED;
      case RUNNING -> HandleStatus.STARTED;
      case STARTING -> before();
      case STOPPING, ABANDONED -> begun ? HandleStatus.STARTED : before();
      case BACKOFF, PARKED -> before();
    };
  }

  private HandleStatus before() {
    return everBegun ? HandleStatus.STOPPED : HandleStatus.NOT_YET_STARTED;
  }

  void add(Wait wait) {
    if (waits.isEmpty()) {
      waits = new ArrayList<>(2);
    }
    waits.add(wait);
  }

  /** Forgets what the last tenant left. */
  void clear() {
    terminate = false;
    pause = null;
    runId = 0;
    startedAt = 0;
    begun = false;
    everBegun = false;
    hold = Hold.NONE;
    holdName = "";
    ready = false;
    reason = null;
    rung = Rung.NONE;
    requiring = false;
    end = null;
    starts = 0;
    failures = 0;
    exits = NO_EXITS;
    lastExit = Exit.NONE;
    lastCode = Transition.NO_CODE;
    lastMessage = "";
    lastCause = null;
    lastRunId = 0;
    lastAt = 0;
    lastFirstAt = 0;
    lastTimes = 0;
    uptime = null;
    waits = List.of();
  }
}
