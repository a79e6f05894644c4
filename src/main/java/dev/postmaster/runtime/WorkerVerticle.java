package dev.postmaster.runtime;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.WorkerExit;
import dev.postmaster.WorkerFactory;
import dev.postmaster.core.End;
import io.vertx.core.internal.ContextInternal;

/**
 * Hosts one run that has a main, on a thread of the postmaster's pool or on a virtual one.
 *
 * <p>Our frame is the only reliable witness of how main ended, and closes what the run has opened.
 */
final class WorkerVerticle extends RunDeployment {

  WorkerVerticle(HostedRun run, RunServices host) {
    super(run, host);
  }

  @Override
  RunContext newContext() {
    return new MainContext(run, host);
  }

  /** Its flag and latch have told it. */
  @Override
  void stop() {}

  @Override
  void begin() {
    if (!run.enter()) {
      host.left(run, run.end(End.returned()), null);
      return;
    }
    Thread thread = Thread.currentThread();
    String name = thread.getName();
    // Should this frame itself fail, say of memory, the run is gone all the same.
    Outcome outcome = new Outcome(End.crashed("the frame of the run failed"), null);
    try {
      thread.setName("pm-" + run.id.slot() + '-' + run.id.generation() + ' ' + run.terms.name());
      outcome = callWorker();
    } finally {
      run.unwind();
      End end = run.end(outcome.end());
      try {
        closeAll(end);
      } finally {
        run.leave();
        thread.setName(name);
        host.left(run, end, outcome.thrown());
      }
    }
  }

  /** Calls it where what it asks of Vert.x is answered although its thread is busy. */
  private Outcome callWorker() {
    ContextInternal calls = host.callsOf(context());
    ContextInternal before = calls.beginDispatch();
    try {
      return runWorker();
    } finally {
      calls.endDispatch(before);
    }
  }

  /** How main was left, and what came out of it, if anything did. */
  private record Outcome(End end, Throwable thrown) {}

  private Outcome runWorker() {
    BackgroundWorker worker;
    try {
      worker = ((WorkerFactory.Blocking) host.factory(run)).supplier().get();
      if (worker == null) {
        throw new IllegalStateException("the factory made no worker");
      }
    } catch (Throwable thrown) {
      return new Outcome(Faults.startFailed(thrown), thrown);
    }
    if (!run.begin()) {
      return new Outcome(End.returned(), null);
    }
    RunContext context = workerContext();
    try {
      host.began(run);
      worker.run(context);
      return new Outcome(End.returned(), null);
    } catch (WorkerExit exit) {
      boolean asked = run.isTerminationRequested();
      return new Outcome(asked ? End.returned() : Faults.end(exit), null);
    } catch (Throwable thrown) {
      return new Outcome(Faults.end(thrown), thrown);
    }
  }

  private void closeAll(End end) {
    if (run.hasOpen()) {
      host.decided(run, end, null);
    }
    run.closeAll();
  }
}
