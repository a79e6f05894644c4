package dev.postmaster.runtime;

import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.impl.VertxImpl;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.deployment.DeploymentContext;

/**
 * Where the futures that callers get are completed: on the caller's context if it is an event
 * loop's, else on a relay, an event loop that is not the postmaster's. A blocking run's own context
 * is deaf while the run lasts, and nobody's code may run inside the postmaster's turn.
 */
final class Completions {

  /** How many contexts to make before giving up on another loop: some Vertx have only one. */
  private static final int TRIES = 64;

  private final ContextInternal postmaster;
  private final ContextInternal relay;

  Completions(VertxInternal vertx, ContextInternal postmaster) {
    this.postmaster = postmaster;
    relay = otherLoop(vertx, postmaster);
  }

  /** A context on another event loop than that one, if the Vertx has one. */
  static ContextInternal otherLoop(VertxInternal vertx, ContextInternal than) {
    ContextInternal context = vertx.createEventLoopContext();
    for (int t = 0; t < TRIES && context.nettyEventLoop() == than.nettyEventLoop(); t++) {
      context = vertx.createEventLoopContext();
    }
    return context;
  }

  ContextInternal relay() {
    return relay;
  }

  /** Whether the Vertx is closed: then no loop takes anything, and no future completes on one. */
  boolean isOver() {
    return relay.nettyEventLoop().isShuttingDown();
  }

  /**
   * The context that the calling thread is answered on: for a run, one of its own, so that a
   * handler that blocks keeps nobody else's answers.
   */
  ContextInternal forCaller() {
    ContextInternal current = ContextInternal.current();
    boolean loop = current != null && current.isEventLoopContext();
    // A blocking main has one of these for its calls.
    return loop && (current.inThread() || isOfRun(current)) ? current : relay;
  }

  private static boolean isOfRun(ContextInternal context) {
    DeploymentContext deployment = context.deployment();
    return deployment != null && deployment.deployment() instanceof RunDeployment;
  }

  /**
   * The context that calls of Vert.x from a run are made on: its deployment's, so that what they
   * leave is closed with it, but an event loop's and never the postmaster's. On the run's own
   * context no reply, timer or result would come before main has left.
   */
  ContextInternal forRun(ContextInternal run) {
    if (!(run.owner() instanceof VertxImpl vertx)) {
      return run;
    }
    EventLoop own = run.nettyEventLoop();
    EventLoop loop = own == postmaster.nettyEventLoop() ? relay.nettyEventLoop() : own;
    return vertx.createContext(
        ThreadingModel.EVENT_LOOP,
        loop,
        run.closeFuture(),
        null,
        run.deploymentID(),
        run.classLoader());
  }

  /** A promise to be completed later, by a task of its own on its context. */
  <T> Reply<T> reply() {
    ContextInternal context = forCaller();
    return new Reply<>(context, context.promise());
  }

  /** What a caller waits for. */
  record Reply<T>(Context context, Promise<T> promise) {

    Future<T> future() {
      return promise.future();
    }

    void succeed(T result) {
      context.runOnContext(nothing -> promise.tryComplete(result));
    }

    void fail(Throwable failure) {
      context.runOnContext(nothing -> promise.tryFail(failure));
    }
  }
}
