package dev.postmaster.runtime;

import dev.postmaster.PostmasterOptions;
import dev.postmaster.Threading;
import io.netty.channel.EventLoop;
import io.vertx.core.ThreadingModel;
import io.vertx.core.impl.EventLoopExecutor;
import io.vertx.core.impl.VertxImpl;
import io.vertx.core.impl.WorkerExecutor;
import io.vertx.core.impl.WorkerTaskQueue;
import io.vertx.core.internal.CloseFuture;
import io.vertx.core.internal.CloseableResource;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.WorkerPool;
import io.vertx.core.internal.deployment.DeploymentContext;
import java.util.concurrent.TimeUnit;

/**
 * Where runs live: event loops, the postmaster's own pool of threads, or virtual threads.
 *
 * <p>Threading: the postmaster's loop.
 */
final class Places {

  static final long LOOK_MS = 1_000;

  private final VertxImpl vertx;
  private final ContextInternal postmaster;
  private final Loops loops;
  private final long looking;
  private final ClassLoader loader;
  private WorkerPool virtual;

  /**
   * Kept for the postmaster's life: without this reference Vert.x shuts the pool down whenever its
   * last verticle leaves, and a main that was just scheduled is lost for ever. The pool itself, not
   * a {@code WorkerExecutor}: that one closes with the context it was made on, or with the Vertx,
   * and interrupts the runs before their ladder does.
   */
  private final CloseableResource<WorkerPool> pool;

  Places(VertxInternal vertx, PostmasterOptions options, EventLoopPostmaster owner) {
    postmaster = owner.context();
    // A Vertx may come wrapped; its contexts know the one inside.
    this.vertx = (VertxImpl) postmaster.owner();
    loader = owner.getClass().getClassLoader();
    // Of this life alone: a thread that an earlier one left behind keeps its place in that pool.
    String name = "postmaster-" + options.name() + '-' + owner.epoch();
    pool =
        vertx.createSharedWorkerPool(
            name, options.maxWorkerThreads(), Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    EventLoop own = postmaster.nettyEventLoop();
    EventLoop relay = owner.completions().relay().nettyEventLoop();
    loops = new Loops(vertx, own, relay, Places::tenant);
    looking = postmaster.setPeriodic(LOOK_MS, tick -> loops.look());
  }

  /** A context of the run's own. */
  ContextInternal newContext(HostedRun run, String deploymentId) {
    EventLoop loop = loops.next();
    CloseFuture closing = new CloseFuture();
    ThreadingModel model = ThreadingModel.valueOf(run.terms.threading().name());
    WorkerPool threads =
        switch (run.terms.threading()) {
          case EVENT_LOOP -> vertx.workerPool();
          case WORKER -> pool.get();
          case VIRTUAL_THREAD -> virtual();
        };
    if (!run.terms.verticle()) {
      // Our frame around main knows when its thread is inside.
      return vertx.createContext(model, loop, closing, threads, deploymentId, loader);
    }
    EventLoopExecutor turns = new EventLoopExecutor(loop);
    WorkerPool watched = RunPool.of(run, threads);
    return vertx.createContext(
        model,
        turns,
        run.terms.threading() == Threading.EVENT_LOOP
            ? turns
            : new WorkerExecutor(watched, new WorkerTaskQueue()),
        watched,
        closing,
        deploymentId,
        loader);
  }

  private WorkerPool virtual() {
    if (virtual == null) {
      virtual = vertx.createVirtualThreadContext().workerPool();
    }
    return virtual;
  }

  /** What the event loop of a run does now. */
  StackTraceElement[] stack(RunDeployment run) {
    return loops.stack(run.context().nettyEventLoop());
  }

  /** Who runs on a context. */
  private static String tenant(ContextInternal context) {
    DeploymentContext deployment = context.deployment();
    if (deployment == null) {
      return "code that is no worker, or has more of it than it can do";
    }
    if (deployment.deployment() instanceof RunDeployment found) {
      return found.run.who(found.host.postmaster().name());
    }
    return "deployment " + deployment.id() + " (" + deployment.deployment().identifier() + ')';
  }

  /** No more runs. */
  void close() {
    postmaster.owner().cancelTimer(looking);
    pool.close();
  }
}
