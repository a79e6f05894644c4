package dev.postmaster.bench;

import com.sun.management.GarbageCollectionNotificationInfo;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.runtime.PostmasterVerticle;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/**
 * A storm of 100,000 registrations, all at once, at 64 slots, most of them refused, those that are
 * not run and end: how long does a task wait on the postmaster's loop? A probe on that very loop
 * comes back again and again; the gap between two visits is as long as what ran between them. Gaps
 * that a GC pause falls into are left out, and counted.
 */
public final class StormTurns {

  private static final int REGISTRATIONS = 100_000;
  private static final int ROUNDS = 12;

  private StormTurns() {}

  /** Prints the figures of the rounds after the first two. */
  public static void main(String[] args) throws Exception {
    List<long[]> pauses = Collections.synchronizedList(new ArrayList<>());
    watchPauses(pauses);
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
    int[] left = new int[1];
    for (int round = 0; round < ROUNDS; round++) {
      List<long[]> seen = storm(verticle.postmaster(), loop[0]);
      if (round >= 2) {
        keep(seen, pauses, gaps, left);
      }
    }
    Collections.sort(gaps);
    System.out.printf(
        "turns in a storm of %d registrations, %d gaps: p50 %.3f ms, p99 %.3f ms, p99.9 %.3f ms,"
            + " max %.3f ms; %d gaps with a GC pause left out%n",
        REGISTRATIONS,
        gaps.size(),
        ms(gaps, 0.5),
        ms(gaps, 0.99),
        ms(gaps, 0.999),
        ms(gaps, 1),
        left[0]);
    vertx.close();
  }

  private static void watchPauses(List<long[]> pauses) {
    long zero = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getUptime();
    for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
      ((NotificationEmitter) gc)
          .addNotificationListener(
              (notification, handback) -> {
                var info =
                    GarbageCollectionNotificationInfo.from(
                        (CompositeData) notification.getUserData());
                pauses.add(
                    new long[] {
                      zero + info.getGcInfo().getStartTime(), zero + info.getGcInfo().getEndTime()
                    });
              },
              null,
              null);
    }
  }

  /** The gaps of one storm: when each began, in epoch milliseconds, and its nanoseconds. */
  private static List<long[]> storm(Postmaster postmaster, Context loop) throws Exception {
    List<long[]> gaps = new ArrayList<>();
    AtomicBoolean over = new AtomicBoolean();
    CountDownLatch probed = new CountDownLatch(1);
    probe(loop, gaps, System.nanoTime(), over, probed);
    CountDownLatch answered = new CountDownLatch(REGISTRATIONS);
    WorkerSpec spec = WorkerSpec.of("w", () -> context -> {});
    for (int n = 0; n < REGISTRATIONS; n++) {
      postmaster
          .register(spec)
          .compose(WorkerHandle::awaitGone)
          .onComplete(done -> answered.countDown());
    }
    answered.await();
    over.set(true);
    probed.await();
    return gaps;
  }

  private static void probe(
      Context loop, List<long[]> gaps, long last, AtomicBoolean over, CountDownLatch done) {
    loop.runOnContext(
        nothing -> {
          long now = System.nanoTime();
          gaps.add(new long[] {System.currentTimeMillis() - (now - last) / 1_000_000, now - last});
          if (over.get()) {
            done.countDown();
          } else {
            probe(loop, gaps, now, over, done);
          }
        });
  }

  private static void keep(List<long[]> seen, List<long[]> pauses, List<Long> gaps, int[] left) {
    for (long[] gap : seen) {
      long end = gap[0] + gap[1] / 1_000_000 + 2;
      boolean paused =
          gap[1] > 1_000_000
              && List.copyOf(pauses).stream().anyMatch(p -> p[0] <= end && p[1] >= gap[0] - 2);
      if (paused) {
        left[0]++;
      } else {
        gaps.add(gap[1]);
      }
    }
  }

  private static double ms(List<Long> sorted, double quantile) {
    return sorted.get((int) Math.min(sorted.size() - 1, quantile * sorted.size())) / 1e6;
  }
}
