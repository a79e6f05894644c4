package dev.postmaster.runtime;

import io.vertx.core.internal.WorkerPool;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A pool of somebody else's, as one run uses it: which threads are inside the run's code is known,
 * so that they, and nobody else, can be interrupted.
 */
final class RunPool extends AbstractExecutorService {

  private final HostedRun run;
  private final ExecutorService threads;

  private RunPool(HostedRun run, ExecutorService threads) {
    this.run = run;
    this.threads = threads;
  }

  static WorkerPool of(HostedRun run, WorkerPool pool) {
    return new WorkerPool(new RunPool(run, pool.executor()), pool.metrics());
  }

  @Override
  public void execute(Runnable task) {
    threads.execute(
        () -> {
          if (!run.come()) {
            return; // it was left to wait until its run was gone
          }
          try {
            task.run();
          } finally {
            run.leave();
          }
        });
  }

  // ---- the pool is not ours to close

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return threads.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return threads.isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return threads.awaitTermination(timeout, unit);
  }
}
