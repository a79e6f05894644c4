package dev.postmaster;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.deployment.DeploymentContext;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * What a run has at hand.
 *
 * <p>Threading: for the run's own thread, but for {@link #setLatch}, {@link #ready}, {@link
 * #notReady}, {@link #isTerminationRequested} and the plain accessors, which any thread may call.
 * Everything opened through it is closed when the run ends, last first.
 */
public interface WorkerContext {

  /**
   * The context of the run that the calling code belongs to, whatever handler it is in.
   *
   * @throws IllegalStateException if that code is no run's
   */
  static WorkerContext current(Vertx vertx) {
    ContextInternal context = ContextInternal.current();
    DeploymentContext deployment =
        context == null || context.deploymentID() == null ? null : context.deployment();
    if (deployment != null && deployment.deployment() instanceof Holder holder) {
      return holder.workerContext();
    }
    throw new IllegalStateException("the calling code is not that of a run");
  }

  /** What Vert.x deploys for a run. */
  interface Holder {
    WorkerContext workerContext();
  }

  Vertx vertx();

  Handle handle();

  /** The id of this run. */
  long runId();

  String name();

  String type();

  /** The number of the specification. */
  long mainArg();

  /** A copy of the specification's arguments, the run's own. */
  JsonObject args();

  /** The postmaster's API: a worker may register workers and wait for them. */
  Postmaster postmaster();

  /**
   * Throws once termination was asked for, and again at each call; before that runs the handlers of
   * signals that have come (PostgreSQL's {@code CHECK_FOR_INTERRUPTS}).
   *
   * @throws WorkerExit if the run is to end
   */
  void checkInterrupts();

  boolean isTerminationRequested();

  /**
   * Waits until the latch is set, and resets it. A set before the wait is not lost; n sets are one
   * wake-up. The handlers of signals that have come are run before it returns. A stop sets the
   * latch: look at {@link #checkInterrupts()} after each wait.
   *
   * @throws InterruptedException if the run is interrupted
   */
  WaitResult awaitLatch(Duration timeout) throws InterruptedException;

  /** Sets this run's latch. */
  void setLatch();

  /**
   * Waits for something asynchronous; at most the postmaster's {@code awaitTimeout}.
   *
   * @throws WorkerExit if the run is to end meanwhile
   * @throws PostmasterException {@code TIMEOUT} or {@code POSTMASTER_DIED}
   * @throws Exception the future's failure
   */
  <T> T await(Future<T> future) throws Exception;

  /** As {@link #await(Future)}, at most so long. */
  <T> T await(Future<T> future, Duration timeout) throws Exception;

  /** Says that the run is ready (readiness {@code said}), or ready again. */
  void ready();

  /** Says that the run is not ready any more. */
  void notReady();

  /** Asks for one more {@code startTimeout}; at most nine times a run. */
  void extendStart();

  /** Asks for one more {@code grace}; at most nine times a stop. */
  void extendStop();

  /**
   * Ends the run: 0 {@link Exit#COMPLETED}, 1 {@link Exit#FAILED}, all else {@link Exit#CRASHED}.
   *
   * @throws WorkerExit always
   */
  WorkerExit exit(int code);

  /** As {@link #exit(int)}, with a message for the journal. */
  WorkerExit exit(int code, String message);

  /**
   * Handles a signal: HUP is ignored without; USR1 sets the latch in any case. The handler of one
   * that has a main runs on its thread, inside {@link #checkInterrupts()} or {@link #awaitLatch},
   * that of a verticle on the verticle's context. A verticle's stop is its {@code stop()}: TERM has
   * no handler.
   */
  void onSignal(Signal signal, Runnable handler);

  /**
   * Wraps a handler, so that what it throws counts as uncaught. There are two places where Vert.x
   * 5.2 shows a RuntimeException to nobody, and where nothing else can see it: a handler of
   * event-bus messages, and a listener of a future that belongs to no context, such as that of
   * {@code Promise.promise()}. A verticle that replaces the exception handler of its context hides
   * all others too; what a callable of {@code executeBlocking} throws fails its future, and what a
   * thread that is not Vert.x's throws is its own matter.
   */
  <T> Handler<T> guard(Handler<T> handler);

  /**
   * What INT runs, on a helper thread, to cancel the current action; only for a worker with a
   * connection.
   */
  void onCancel(Runnable handler);

  /**
   * The memory of the worker's domain.
   *
   * @throws IllegalStateException without {@link Flag#SHARED_MEMORY}
   */
  SharedMemory sharedMemory();

  /**
   * The run's database connection, closed when the run ends; once a run.
   *
   * @throws IllegalStateException without {@link Flag#DATABASE_CONNECTION}, or a second time; the
   *     run then ends FAILED whatever main does
   */
  Connection connect() throws SQLException;

  /** As {@link #connect()}, to a named database, as a user; empty: the configured one. */
  Connection connect(String database, String user) throws SQLException;

  /** Closes this when the run ends; last in, first closed. */
  <C extends AutoCloseable> C closeAtEnd(C resource);
}
