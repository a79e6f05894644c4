package dev.postmaster;

import io.vertx.core.Future;
import java.time.Duration;

/**
 * A registration in the hands of somebody who waits for it, asks for it or ends it.
 *
 * <p>Threading: any. Futures are completed on the caller's context if it is an event loop's, else
 * on an event loop that is not the postmaster's.
 *
 * <p>Errors of the waits: {@code NOT_STARTED}, {@code TIMEOUT}, {@code POSTMASTER_DIED}, each with
 * the status then known.
 */
public interface WorkerHandle {

  Handle handle();

  String name();

  /** From the published table, at once (PostgreSQL's {@code GetBackgroundWorkerPid}). */
  WorkerStatus status();

  /**
   * Asks for the end of the registration; done when the state has changed: from then on the worker
   * is never started again. Succeeds for one that is gone already.
   */
  Future<WorkerState> terminate();

  /** Sends a signal to the run; fails with {@code NOT_RUNNING} if there is none. */
  Future<Void> signal(Signal signal);

  /** Waits until a run has begun (PostgreSQL's {@code WaitForBackgroundWorkerStartup}). */
  Future<WorkerStatus> awaitStarted();

  Future<WorkerStatus> awaitStarted(Duration timeout);

  /** Waits until a run is ready. */
  Future<WorkerStatus> awaitReady();

  Future<WorkerStatus> awaitReady(Duration timeout);

  /** Waits until a run has ended, be it for a restart ({@code WaitForBackgroundWorkerShutdown}). */
  Future<WorkerStatus> awaitStopped();

  Future<WorkerStatus> awaitStopped(Duration timeout);

  /** Waits until the registration is forgotten. */
  Future<WorkerStatus> awaitGone();

  Future<WorkerStatus> awaitGone(Duration timeout);
}
