package dev.postmaster.runtime;

import dev.postmaster.WorkerContext;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.deployment.Deployment;
import io.vertx.core.internal.deployment.DeploymentContext;
import java.util.Set;

/**
 * A run as Vert.x sees it: a deployment of one instance on a context of its own, whose start is
 * over at once.
 *
 * <p>With the deployment that Vert.x makes itself a start that never ends cannot be undeployed, the
 * end of a start waits behind a main that came first, and the event loop cannot be chosen.
 *
 * <p>Threading: {@link #begin} and {@link #stop} run on the run's context, {@link #undeploy} on any
 * thread, all else on the postmaster's loop.
 */
abstract class RunDeployment implements Deployment, WorkerContext.Holder {

  final HostedRun run;
  final RunServices host;

  /** What Vert.x waits for, once it undeploys it. */
  private Promise<Void> undeployed;

  private DeploymentContext deployment;
  private ContextInternal context;
  private RunContext own;
  private volatile boolean isUndeployed;
  private volatile boolean isClosing;

  RunDeployment(HostedRun run, RunServices host) {
    this.run = run;
    this.host = host;
  }

  /** Enters the run's code. */
  abstract void begin();

  /** Tells a verticle to stop; one that has a main was told by its flag and latch. */
  abstract void stop();

  abstract RunContext newContext();

  ContextInternal context() {
    return context;
  }

  @Override
  public synchronized RunContext workerContext() {
    if (own == null) {
      own = newContext();
    }
    return own;
  }

  synchronized boolean hasContext() {
    return own != null;
  }

  /** Whether nobody waits for its code any more. */
  boolean isClosing() {
    return isClosing;
  }

  // ---- the postmaster's loop

  /** Deploys it, and only then enters its code: while Vert.x moves a deployment, it finds none. */
  void launch() {
    host.vertx().deploymentManager().deploy(null, host.home(), this);
    context.runOnContext(nothing -> begin());
  }

  /**
   * Lets Vert.x undeploy it, the children first; if it does that already, what is left is closed.
   */
  void leave() {
    if (isUndeployed) {
      if (run.left != null) {
        close(false);
      }
    } else {
      undeployIt()
          .onFailure(
              child -> {
                // The stop() of a child failed, which keeps its parent deployed: once more.
                undeployIt();
              });
    }
  }

  /** Grace is over: nobody is waited for any more but threads. */
  void force() {
    if (!isUndeployed) {
      // Children that do not end keep Vert.x from it; it does not say which they are.
      host.vertx().deploymentManager().deployments().forEach(this::giveUp);
      undeployIt();
    }
    close(true);
  }

  /** For the postmaster: answered on the run's own context it would wake a thread once more. */
  private Future<?> undeployIt() {
    return deployment.undeploy(host.home());
  }

  private void giveUp(DeploymentContext other) {
    if (deployment.removeChild(other)) {
      other.deployment().contexts().forEach(left -> ((ContextInternal) left).closeFuture().close());
    }
  }

  /** Closes what is left behind; then the run is gone, once no thread is inside its code. */
  void close(boolean forced) {
    if (isClosing) {
      return;
    }
    isClosing = true;
    EventLoop loop = context.nettyEventLoop();
    if (run.latch != null && !forced) {
      context.closeFuture().close().onComplete(done -> whenOutside());
    } else if (forced) {
      // Its own loop may be blocked. The hop back proves that nobody is inside its code there.
      host.relay()
          .nettyEventLoop()
          .execute(
              () -> context.closeFuture().close().onComplete(d -> loop.execute(this::whenOutside)));
    } else {
      loop.execute(() -> context.closeFuture().close().onComplete(done -> whenOutside()));
    }
  }

  private void whenOutside() {
    run.whenOutside(this::outside);
  }

  private void outside() {
    if (run.hasOpen() && run.latch != null) {
      // What it opened may block when it closes.
      host.vertx().executeBlocking(this::closeAll, false).onComplete(done -> closed());
    } else {
      run.closeAll();
      closed();
    }
  }

  private Void closeAll() {
    run.closeAll();
    return null;
  }

  private void closed() {
    if (isUndeployed) {
      undeployed.complete();
    }
    host.closed(run);
  }

  // ---- Vert.x

  @Override
  public final Future<?> deploy(DeploymentContext deploymentContext) {
    deployment = deploymentContext;
    context = host.newContext(run, deploymentContext.id());
    return Future.succeededFuture();
  }

  @Override
  public final Future<?> undeploy() {
    Promise<Void> waits = Promise.promise();
    undeployed = waits;
    isUndeployed = true;
    host.undeploying(run);
    return waits.future();
  }

  @Override
  public final Set<Context> contexts() {
    return Set.of(context);
  }

  @Override
  public final DeploymentOptions options() {
    ThreadingModel model = ThreadingModel.valueOf(run.terms.threading().name());
    return new DeploymentOptions().setConfig(run.spec.args()).setThreadingModel(model);
  }

  @Override
  public final Set<Deployable> instances() {
    return Set.of();
  }

  @Override
  public final String identifier() {
    return "postmaster:" + run.terms.name();
  }

  @Override
  public final Future<?> cleanup() {
    return Future.succeededFuture();
  }
}
