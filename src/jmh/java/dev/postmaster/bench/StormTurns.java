package dev.postmaster.bench;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.runtime.PostmasterVerticle;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A storm of 100,000 registrations, all at once, at 64 slots, most of them refused, those that are
 * not run and end: how long does a task wait on the postmaster's loop?
 */
public final class StormTurns {

  private static final int REGISTRATIONS = 100_000;
  private static final int ROUNDS = 12;

  private StormTurns() {}

  /** Prints the figures of the rounds after the first two. */
  public static void main(String[] args) throws Exception {
    Vertx vertx = Rounds.vertx();
    PostmasterVerticle verticle = new PostmasterVerticle(new PostmasterOptions().setMaxWorkers(64));
    Context[] loop = new Context[1];
    vertx
        .deployVerticle(
            context -> {
              loop[0] = context;
              return verticle.deploy(context);
            })
        .toCompletionStage()
        .toCompletableFuture()
        .get();
    List<Long> gaps = new ArrayList<>();
    int left = 0;
    for (int round = 0; round < ROUNDS; round++) {
      LoopProbe probe = storm(verticle.postmaster(), loop[0]);
      if (round >= 2) {
        gaps.addAll(probe.gaps());
        left += probe.left();
      }
    }
    Collections.sort(gaps);
    System.out.printf(
        "turns in a storm of %d registrations, %d gaps: p50 %.3f ms, p99 %.3f ms, p99.9 %.3f ms,"
            + " max %.3f ms; %d gaps with a GC pause left out%n",
        REGISTRATIONS,
        gaps.size(),
        LoopProbe.ms(gaps, 0.5),
        LoopProbe.ms(gaps, 0.99),
        LoopProbe.ms(gaps, 0.999),
        LoopProbe.ms(gaps, 1),
        left);
    vertx.close();
  }

  private static LoopProbe storm(Postmaster postmaster, Context loop) throws Exception {
    LoopProbe probe = LoopProbe.on(loop);
    CountDownLatch answered = new CountDownLatch(REGISTRATIONS);
    WorkerSpec spec = WorkerSpec.of("w", () -> context -> {});
    for (int n = 0; n < REGISTRATIONS; n++) {
      postmaster
          .register(spec)
          .compose(WorkerHandle::awaitGone)
          .onComplete(done -> answered.countDown());
    }
    answered.await();
    return probe.end();
  }
}
