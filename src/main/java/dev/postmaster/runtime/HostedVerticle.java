package dev.postmaster.runtime;

import dev.postmaster.Signal;
import dev.postmaster.Uncaught;
import dev.postmaster.WorkerExit;
import dev.postmaster.WorkerFactory;
import dev.postmaster.core.End;
import io.vertx.core.AsyncResult;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Handler;

/**
 * Hosts one run of a verticle that knows nothing of us.
 *
 * <p>Its start may fail, never end, or be overtaken by a stop; its stop too. What it throws where
 * Vert.x lets us see it ends the run. All of this happens on the run's context, one thing at a
 * time.
 */
final class HostedVerticle extends RunDeployment {

  private Deployable verticle;
  private boolean isStarted;
  private boolean startIsOver;
  private boolean isStopWanted;
  private boolean isStopping;
  private boolean isStopped;

  HostedVerticle(HostedRun run, RunServices host) {
    super(run, host);
  }

  @Override
  RunContext newContext() {
    return new VerticleContext(this, host);
  }

  @Override
  void begin() {
    if (run.isStopping()) {
      startIsOver = true;
      host.left(run, run.end(End.returned()), null);
      return;
    }
    context().exceptionHandler(this::uncaught);
    whenOver(call(this::make), this::started);
  }

  private Future<?> make() throws Exception {
    verticle = ((WorkerFactory.Verticle) host.factory(run)).supplier().get();
    if (verticle == null) {
      throw new IllegalStateException("the factory made no verticle");
    }
    Future<?> start = verticle.deploy(context());
    if (start == null) {
      // Vert.x itself would wait for ever.
      throw new IllegalStateException("start() returned null");
    }
    return start;
  }

  private interface Call {
    Future<?> run() throws Exception;
  }

  private static Future<?> call(Call call) {
    try {
      return call.run();
    } catch (Throwable thrown) {
      return Future.failedFuture(thrown);
    }
  }

  /** A future of somebody's may complete anywhere, twice, or never. */
  private void whenOver(Future<?> future, Handler<AsyncResult<?>> then) {
    if (future.isComplete()) {
      then.handle(future);
    } else {
      future.onComplete(done -> context().runOnContext(nothing -> then.handle(done)));
    }
  }

  private void started(AsyncResult<?> start) {
    startIsOver = true;
    if (isClosing()) {
      return; // too late: it was closed without it
    }
    if (start.failed()) {
      Throwable cause = start.cause();
      boolean asked = cause instanceof WorkerExit && run.isTerminationRequested();
      End end = run.end(asked ? End.returned() : Faults.startFailed(cause));
      host.left(run, end, asked ? null : cause);
      return;
    }
    isStarted = true;
    if (run.begin()) {
      host.began(run);
    }
    if (isStopWanted) {
      stop();
    }
  }

  @Override
  void stop() {
    isStopWanted = true;
    if (isStarted && !isStopping) {
      isStopping = true;
      whenOver(call(this::unmake), this::stopped);
    }
  }

  private Future<?> unmake() throws Exception {
    Future<?> stop = verticle.undeploy(context());
    if (stop == null) {
      throw new IllegalStateException("stop() returned null");
    }
    return stop;
  }

  private void stopped(AsyncResult<?> stop) {
    isStopped = true;
    End end = run.end(stop.failed() ? Faults.end(stop.cause()) : End.returned());
    run.closeAll();
    host.left(run, end, stop.failed() ? stop.cause() : null);
  }

  /** One that nobody has asked for, and that comes after the start, is ignored. */
  void signal(Signal signal) {
    if (hasContext()) {
      ((VerticleContext) workerContext()).signal(signal);
    } else if (!run.hasBegun()) {
      run.keep(signal);
    }
  }

  /** Whether its handlers may still be run; on its context. */
  boolean serves() {
    return !isStopped && !isClosing();
  }

  /** What nobody caught on its context, or in a guarded handler. */
  void uncaught(Throwable thrown) {
    if (thrown instanceof WorkerExit) {
      return; // what it says has been said
    }
    if (run.spec.uncaught() == Uncaught.LOG || run.isOver()) {
      host.survived(run, thrown);
      return;
    }
    End end = run.say(run.hasBegun() ? Faults.end(thrown) : Faults.startFailed(thrown));
    host.decided(run, end, thrown);
  }
}
