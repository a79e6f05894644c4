package dev.postmaster.bench;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Launches beside raw Vert.x in one JVM: rounds of each in turn, and the medians of the rounds, so
 * that what else the machine does meets both alike.
 *
 * <p>Raw is a WORKER verticle on a named pool that is kept, whose {@code start()} schedules main on
 * its own context, and which is undeployed when main has returned: what a launch costs without a
 * supervisor.
 */
public final class LaunchRounds {

  private static final int ROUNDS = 15;
  private static final int ONE_AT_A_TIME = 2_000;
  private static final int CYCLES = 30_000;

  private final Vertx vertx = Vertx.vertx();

  private LaunchRounds() {}

  /** Prints the figures. */
  public static void main(String[] args) throws Exception {
    LaunchRounds rounds = new LaunchRounds();
    rounds.latency(64);
    rounds.cycles(8);
    rounds.cycles(64);
    rounds.vertx.close().toCompletionStage().toCompletableFuture().get();
  }

  /** One round; returns its figure. */
  private interface Round {
    double run() throws Exception;
  }

  private static double[] medians(Round... kinds) throws Exception {
    double[][] figures = new double[kinds.length][ROUNDS];
    for (Round kind : kinds) {
      kind.run(); // warm up
      kind.run();
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (int kind = 0; kind < kinds.length; kind++) {
        figures[kind][round] = kinds[kind].run();
      }
    }
    return Arrays.stream(figures).peek(Arrays::sort).mapToDouble(f -> f[ROUNDS / 2]).toArray();
  }

  private void latency(int slots) throws Exception {
    Raw raw = new Raw(vertx, "raw-latency", slots);
    Postmaster postmaster = started("latency", slots);
    Context loop = vertx.getOrCreateContext();
    // One that was made on this loop lives on it.
    Postmaster near =
        Future.<Postmaster>future(
                made -> loop.runOnContext(on -> create("near", slots).start().onComplete(made)))
            .toCompletionStage()
            .toCompletableFuture()
            .get();
    double[] us =
        medians(
            () -> oneAtATime(raw::enter),
            () -> oneAtATime(entered -> register(postmaster, entered)),
            () -> onLoop(loop, raw::enter),
            () -> onLoop(loop, entered -> register(near, entered)),
            () -> onLoop(loop, entered -> register(postmaster, entered)));
    System.out.printf(
        "until main entered, one at a time, %d slots: raw %.1f us, ours %.1f us, ratio %.2f%n",
        slots, us[0], us[1], us[1] / us[0]);
    System.out.printf(
        "the same, called on the event loop that the postmaster was made on:"
            + " raw %.1f us, ours %.1f us, ratio %.2f%n",
        us[2], us[3], us[3] / us[2]);
    System.out.printf(
        "the same, called on an event loop while the postmaster has another:"
            + " raw %.1f us, ours %.1f us, ratio %.2f%n",
        us[2], us[4], us[4] / us[2]);
    near.close().toCompletionStage().toCompletableFuture().get();
    postmaster.close().toCompletionStage().toCompletableFuture().get();
    raw.pool.close();
  }

  private static Future<?> register(Postmaster postmaster, Runnable entered) {
    return postmaster
        .register(WorkerSpec.of("w", () -> context -> entered.run()))
        .compose(WorkerHandle::awaitGone);
  }

  /** Something that enters a main and completes when all is over again. */
  private interface Launch {
    Future<?> launch(Runnable entered);
  }

  /** Microseconds from the call until main is entered, from a thread that is not Vert.x's. */
  private static double oneAtATime(Launch launch) throws Exception {
    long[] took = new long[ONE_AT_A_TIME];
    for (int n = 0; n < ONE_AT_A_TIME; n++) {
      CountDownLatch over = new CountDownLatch(1);
      long[] enteredAt = new long[1];
      long from = System.nanoTime();
      launch.launch(() -> enteredAt[0] = System.nanoTime()).onComplete(done -> over.countDown());
      over.await();
      took[n] = enteredAt[0] - from;
    }
    return p50(took);
  }

  /** The same, called on an event loop. */
  private static double onLoop(Context loop, Launch launch) throws Exception {
    long[] took = new long[ONE_AT_A_TIME];
    for (int n = 0; n < ONE_AT_A_TIME; n++) {
      CountDownLatch over = new CountDownLatch(1);
      long[] times = new long[2];
      loop.runOnContext(
          nothing -> {
            times[0] = System.nanoTime();
            launch.launch(() -> times[1] = System.nanoTime()).onComplete(done -> over.countDown());
          });
      over.await();
      took[n] = times[1] - times[0];
    }
    return p50(took);
  }

  private static double p50(long[] ns) {
    Arrays.sort(ns);
    return ns[ns.length / 2] / 1_000.0;
  }

  private void cycles(int slots) throws Exception {
    Raw raw = new Raw(vertx, "raw-cycles-" + slots, slots);
    Postmaster postmaster = started("cycles-" + slots, slots);
    AtomicInteger ran = new AtomicInteger();
    double[] perSecond =
        medians(
            () -> pipelined(slots, () -> raw.enter(ran::incrementAndGet)),
            () -> pipelined(slots, () -> register(postmaster, ran::incrementAndGet)));
    System.out.printf(
        "whole cycles, pipelined, %d slots: raw %.0f/s, ours %.0f/s, ratio %.2f%n",
        slots, perSecond[0], perSecond[1], perSecond[1] / perSecond[0]);
    postmaster.close().toCompletionStage().toCompletableFuture().get();
    raw.pool.close();
  }

  /** One whole cycle. */
  private interface Cycle {
    Future<?> run();
  }

  /** Cycles a second, as many in flight as there are slots. */
  private static double pipelined(int slots, Cycle cycle) throws Exception {
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

  private Postmaster create(String name, int slots) {
    return Postmaster.create(vertx, new PostmasterOptions().setName(name).setMaxWorkers(slots));
  }

  private Postmaster started(String name, int slots) throws Exception {
    return create(name, slots).start().toCompletionStage().toCompletableFuture().get();
  }

  /** The reference. */
  private static final class Raw {

    final Vertx vertx;
    final WorkerExecutor pool;
    final DeploymentOptions options;

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
  }

  private static final class RawVerticle extends VerticleBase {

    final Runnable main;
    final io.vertx.core.Promise<Void> done = io.vertx.core.Promise.promise();
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
