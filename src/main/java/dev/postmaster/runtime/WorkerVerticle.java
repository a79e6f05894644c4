package dev.postmaster.runtime;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.WorkerExit;
import dev.postmaster.WorkerFactory;
import dev.postmaster.core.End;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.ContextInternal;

/**
 * Hosts one blocking run on a thread of the postmaster's pool.
 *
 * <p>Its {@code start()} completes at once, because a verticle that never starts cannot be
 * undeployed; main is a task of its own on the same context. Our frame is the only reliable witness
 * of how main ended, and closes what the run has opened.
 */
final class WorkerVerticle extends VerticleBase {

  /** Who is told how the run goes; may be called from the run's thread. */
  interface Host {

    void placed(HostedRun run, String deploymentId);

    void began(HostedRun run);

    /** How it ended is decided, but it has things to close. */
    void decided(HostedRun run, End end);

    /** No thread is inside its code, and all is closed. */
    void left(HostedRun run, End end, Throwable thrown);

    WorkerFactory factory(HostedRun run);

    RunContext context(HostedRun run);

    /** The context that calls of Vert.x from a run on this context are to be made on. */
    ContextInternal callsOf(ContextInternal run);
  }

  private final HostedRun run;
  private final Host host;

  WorkerVerticle(HostedRun run, Host host) {
    this.run = run;
    this.host = host;
  }

  @Override
  public Future<?> start() {
    host.placed(run, context.deploymentID());
    context.runOnContext(nothing -> main());
    return Future.succeededFuture();
  }

  private void main() {
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
    ContextInternal calls = host.callsOf((ContextInternal) context);
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
    RunContext context = host.context(run);
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

  /** Closes what the run has opened, last first, each taken out before it is closed. */
  private void closeAll(End end) {
    if (run.hasOpen()) {
      host.decided(run, end);
    }
    for (AutoCloseable next = run.takeLast(); next != null; next = run.takeLast()) {
      try {
        next.close();
      } catch (Throwable failure) {
        System.getLogger("dev.postmaster.runtime")
            .log(
                System.Logger.Level.WARNING,
                () -> "worker " + run.terms.name() + " left something that would not close",
                failure);
      }
    }
  }
}
