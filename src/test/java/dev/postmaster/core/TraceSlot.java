package dev.postmaster.core;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.HandleStatus;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerTerms;

/** What the records say of a slot: the state as a reader of the journal rebuilds it. */
final class TraceSlot implements Cloneable {

  final int index;
  WorkerState state = WorkerState.FREE;
  WorkerTerms terms;
  long generation;
  long seq;
  long runId;
  boolean ready;
  boolean terminate;
  int starts;

  /** Of the run. */
  boolean begun;

  boolean everBegun;
  boolean wasReady;
  Cause reason;

  /** The run between its launch and its end. */
  Run live;

  /** The run before. */
  Run last;

  boolean launchOwed;
  boolean told;
  boolean interrupted;
  boolean abandoned;

  /** TERM was sent: the run may say that it was told. */
  boolean signalled;

  /** How it ended first. */
  End end;

  /** Judged time. */
  long startLimit;

  int startExtensions;
  long interruptAt;
  long abandonAt;
  int stopExtensions;

  /** Its ladder was shortened: by a crash cycle or a shutdown. */
  boolean cut;

  /** Not started again before, but in a crash cycle. */
  long notBefore;

  /** A cycle of its domain began since its last launch. */
  boolean cycled;

  TraceSlot(int index) {
    this.index = index;
  }

  TraceSlot copy() {
    try {
      return (TraceSlot) clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }

  boolean busy() {
    return state.hasRun() && state != WorkerState.ABANDONED;
  }

  boolean shares() {
    return state != WorkerState.FREE && terms.flags().contains(dev.postmaster.Flag.SHARED_MEMORY);
  }

  boolean isParallel() {
    return state != WorkerState.FREE && terms.flags().contains(dev.postmaster.Flag.PARALLEL);
  }

  boolean never() {
    return terms.restart().isNegative();
  }

  void registered(WorkerTerms of) {
    terms = of;
    generation++;
    runId = 0;
    ready = false;
    terminate = false;
    starts = 0;
    begun = false;
    everBegun = false;
    reason = null;
    notBefore = Long.MIN_VALUE;
    cycled = false;
  }

  void launched(Run run, long judgedNow) {
    live = run;
    runId = run.runId();
    starts++;
    begun = false;
    wasReady = false;
    reason = null;
    told = false;
    interrupted = false;
    abandoned = false;
    signalled = false;
    end = null;
    cut = false;
    cycled = false;
    launchOwed = true;
    startLimit = judgedNow + terms.startTimeout().toNanos();
    startExtensions = 0;
    stopExtensions = 0;
  }

  /** What PostgreSQL would answer for the handle. */
  HandleStatus status() {
    if (state == WorkerState.FREE) {
      return HandleStatus.STOPPED;
    }
    if (live != null && begun) {
      return HandleStatus.STARTED;
    }
    return everBegun ? HandleStatus.STOPPED : HandleStatus.NOT_YET_STARTED;
  }

  /** Contract §7, read again. */
  Exit verdict(End gone) {
    End first = end == null ? gone : end;
    if (!first.told()) {
      return first.exit() == Exit.FAILED && !begun ? Exit.START_FAILED : first.exit();
    }
    if (reason == Cause.START_TIMEOUT) {
      return Exit.START_TIMEOUT;
    }
    if (first.explicit()) {
      return first.exit();
    }
    if (reason == null || reason == Cause.SIGNAL || reason == Cause.EXIT) {
      return Exit.FAILED;
    }
    return first.interrupted() ? Exit.KILLED : Exit.TERMINATED;
  }

  @Override
  public String toString() {
    return String.format(
        "slot %d.%d %s run %d told %s interrupted %s reason %s",
        index, generation, state, runId, told, interrupted, reason);
  }
}
