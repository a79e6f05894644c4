package dev.postmaster.bench;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Launches beside raw Vert.x in one JVM: rounds of each in turn, and the medians of the rounds, so
 * that what else the machine does meets both alike.
 */
public final class LaunchRounds {

  private static final int ONE_AT_A_TIME = 2_000;

  private final Vertx vertx = Rounds.vertx();

  private LaunchRounds() {}

  /** Prints the figures. */
  public static void main(String[] args) throws Exception {
    LaunchRounds rounds = new LaunchRounds();
    rounds.latency(64);
    rounds.cycles(8);
    rounds.cycles(64);
    rounds.vertx.close().toCompletionStage().toCompletableFuture().get();
  }

  private void latency(int slots) throws Exception {
    Rounds.Raw raw = new Rounds.Raw(vertx, "raw-latency", slots);
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
        Rounds.medians(
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
    raw.close();
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
    Rounds.Raw raw = new Rounds.Raw(vertx, "raw-cycles-" + slots, slots);
    Postmaster postmaster = started("cycles-" + slots, slots);
    AtomicInteger ran = new AtomicInteger();
    double[] perSecond =
        Rounds.medians(
            () -> Rounds.pipelined(slots, () -> raw.enter(ran::incrementAndGet)),
            () -> Rounds.pipelined(slots, () -> register(postmaster, ran::incrementAndGet)));
    System.out.printf(
        "whole cycles, pipelined, %d slots: raw %.0f/s, ours %.0f/s, ratio %.2f%n",
        slots, perSecond[0], perSecond[1], perSecond[1] / perSecond[0]);
    postmaster.close().toCompletionStage().toCompletableFuture().get();
    raw.close();
  }

  private Postmaster create(String name, int slots) {
    return Postmaster.create(vertx, new PostmasterOptions().setName(name).setMaxWorkers(slots));
  }

  private Postmaster started(String name, int slots) throws Exception {
    return create(name, slots).start().toCompletionStage().toCompletableFuture().get();
  }
}
