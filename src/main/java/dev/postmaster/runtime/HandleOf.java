package dev.postmaster.runtime;

import dev.postmaster.By;
import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.PostmasterException;
import dev.postmaster.Signal;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.core.AwaitFor;
import io.vertx.core.Future;
import java.time.Duration;

/** A handle in somebody's hands. */
final class HandleOf implements WorkerHandle {

  private final EventLoopPostmaster postmaster;
  private final Handle handle;
  private final String name;

  HandleOf(EventLoopPostmaster postmaster, Handle handle, String name) {
    this.postmaster = postmaster;
    this.handle = handle;
    this.name = name;
  }

  @Override
  public Handle handle() {
    return handle;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public WorkerStatus status() {
    return postmaster.loop().table().of(handle, postmaster.epoch());
  }

  /** In Java a handle whose registration is gone is as good as terminated. */
  @Override
  public Future<WorkerState> terminate() {
    return postmaster.ask(
        now -> {
          try {
            return postmaster.loop().core().terminate(handle, postmaster.by(), now);
          } catch (PostmasterException refusal) {
            if (refusal.code() == ErrorCode.STALE_HANDLE && postmaster.by() == By.CODE) {
              return WorkerState.FREE;
            }
            throw refusal;
          }
        });
  }

  @Override
  public Future<Void> signal(Signal signal) {
    return postmaster.ask(
        now -> {
          postmaster.loop().core().signal(handle, signal, postmaster.by(), now);
          return null;
        },
        signal);
  }

  private Future<WorkerStatus> await(AwaitFor what, Duration timeout) {
    return postmaster.await(handle, what, timeout);
  }

  @Override
  public Future<WorkerStatus> awaitStarted() {
    return awaitStarted(postmaster.awaitTimeout());
  }

  @Override
  public Future<WorkerStatus> awaitStarted(Duration timeout) {
    return await(AwaitFor.STARTED, timeout);
  }

  @Override
  public Future<WorkerStatus> awaitReady() {
    return awaitReady(postmaster.awaitTimeout());
  }

  @Override
  public Future<WorkerStatus> awaitReady(Duration timeout) {
    return await(AwaitFor.READY, timeout);
  }

  @Override
  public Future<WorkerStatus> awaitStopped() {
    return awaitStopped(postmaster.awaitTimeout());
  }

  @Override
  public Future<WorkerStatus> awaitStopped(Duration timeout) {
    return await(AwaitFor.STOPPED, timeout);
  }

  @Override
  public Future<WorkerStatus> awaitGone() {
    return awaitGone(postmaster.awaitTimeout());
  }

  @Override
  public Future<WorkerStatus> awaitGone(Duration timeout) {
    return await(AwaitFor.GONE, timeout);
  }
}
