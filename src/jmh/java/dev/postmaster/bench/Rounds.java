package dev.postmaster.bench;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Rounds of several kinds in turn, and what raw Vert.x costs.
 *
 * <p>Raw is a WORKER verticle on a named pool that is kept, whose {@code start()} schedules main on
 * its own context, and which is undeployed when main has returned: what a launch costs without a
 * supervisor.
 */
final class Rounds {

  private static final int ROUNDS = 15;

  /** Until then the compiler's threads have one of the two cores. */
  private static final int WARM_UPS = 12;

  private static final int CYCLES = 30_000;

  private Rounds() {}

  /** As the program has it: with the native transport. */
  static Vertx vertx() {
    Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    if (!vertx.isNativeTransportEnabled()) {
      throw new IllegalStateException(
          "no native transport", vertx.unavailableNativeTransportCause());
    }
    return vertx;
  }

  /** One round; returns its figure. */
  interface Round {
    double run() throws Exception;
  }

  /** The median of each kind. */
  static double[] medians(Round... kinds) throws Exception {
    double[][] figures = new double[kinds.length][ROUNDS];
    for (int round = 0; round < WARM_UPS; round++) {
      for (Round kind : kinds) {
        kind.run();
      }
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (int kind = 0; kind < kinds.length; kind++) {
        figures[kind][round] = kinds[kind].run();
      }
    }
    return Arrays.stream(figures).peek(Arrays::sort).mapToDouble(f -> f[ROUNDS / 2]).toArray();
  }

  /** One whole cycle. */
  interface Cycle {
    Future<?> run();
  }

  /** Cycles a second, as many in flight as there are slots. */
  static double pipelined(int slots, Cycle cycle) throws Exception {
    Semaphore free = new Semaphore(slots);
    AtomicInteger failed = new AtomicInteger();
    long from = System.nanoTime();
    for (int n = 0; n < CYCLES; n++) {
      free.acquire();
      cycle
          .run()
          .onComplete(
              done -> {
                if (done.failed()) {
                  failed.incrementAndGet();
                }
                free.release();
              });
    }
    free.acquire(slots);
    double seconds = (System.nanoTime() - from) / 1e9;
    if (failed.get() > 0) {
      throw new IllegalStateException(failed + " cycles failed");
    }
    return CYCLES / seconds;
  }

  /** The reference. */
  static final class Raw {

    private final Vertx vertx;
    private final WorkerExecutor pool;
    private final DeploymentOptions options;

    Raw(Vertx vertx, String name, int slots) {
      this.vertx = vertx;
      pool = vertx.createSharedWorkerExecutor(name, slots, 1, TimeUnit.HOURS);
      options =
          new DeploymentOptions()
              .setThreadingModel(ThreadingModel.WORKER)
              .setWorkerPoolName(name)
              .setWorkerPoolSize(slots);
    }

    Future<?> enter(Runnable main) {
      RawVerticle verticle = new RawVerticle(main);
      return vertx
          .deployVerticle(verticle, options)
          .compose(id -> verticle.over.compose(nothing -> vertx.undeploy(id)));
    }

    void close() {
      pool.close();
    }
  }

  private static final class RawVerticle extends VerticleBase {

    final Runnable main;
    final Promise<Void> done = Promise.promise();
    final Future<Void> over = done.future();

    RawVerticle(Runnable main) {
      this.main = main;
    }

    @Override
    public Future<?> start() {
      context.runOnContext(
          nothing -> {
            main.run();
            done.complete();
          });
      return Future.succeededFuture();
    }
  }
}
