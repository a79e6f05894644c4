package dev.postmaster.bench;

import com.sun.management.GarbageCollectionNotificationInfo;
import io.vertx.core.Context;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/**
 * How long a task waits on a loop: a probe on that very loop comes back again and again; the gap
 * between two visits is as long as what ran between them. Gaps that a GC pause falls into are left
 * out, and counted.
 */
final class LoopProbe {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final List<long[]> PAUSES = Collections.synchronizedList(new ArrayList<>());

  static {
    watchPauses();
  }

  private final List<long[]> seen = new ArrayList<>();
  private final AtomicBoolean over = new AtomicBoolean();
  private final CountDownLatch probed = new CountDownLatch(1);
  private final List<Long> gaps = new ArrayList<>();
  private int left;
  private long lastWorkedNs = -1;
  private long mostWorkedNs = -1;

  private LoopProbe() {}

  /** Begins; takes a core for itself. */
  static LoopProbe on(Context loop) {
    LoopProbe probe = new LoopProbe();
    probe.visit(loop, System.nanoTime());
    return probe;
  }

  /**
   * Begins; visits once a millisecond, and counts how much later it came than it was to, and what
   * the loop's thread has worked since the last visit: a machine whose cores are all taken makes
   * every timer late, but no turn longer.
   */
  static LoopProbe sparse(Context loop) {
    LoopProbe probe = new LoopProbe();
    loop.runOnContext(on -> probe.visitLater(loop));
    return probe;
  }

  private void visitLater(Context loop) {
    long due = System.nanoTime() + 1_000_000;
    loop.owner()
        .setTimer(
            1,
            now -> {
              long late = Math.max(0, System.nanoTime() - due);
              seen.add(new long[] {System.currentTimeMillis() - late / 1_000_000, late});
              long workedNs = THREADS.getCurrentThreadCpuTime();
              mostWorkedNs = Math.max(mostWorkedNs, lastWorkedNs < 0 ? 0 : workedNs - lastWorkedNs);
              lastWorkedNs = workedNs;
              if (over.get()) {
                probed.countDown();
              } else {
                visitLater(loop);
              }
            });
  }

  private static void watchPauses() {
    long zero = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getUptime();
    for (GarbageCollectorMXBean gc : ManagementFactory.getGarbageCollectorMXBeans()) {
      ((NotificationEmitter) gc)
          .addNotificationListener(
              (notification, handback) -> {
                var info =
                    GarbageCollectionNotificationInfo.from(
                        (CompositeData) notification.getUserData());
                PAUSES.add(
                    new long[] {
                      zero + info.getGcInfo().getStartTime(), zero + info.getGcInfo().getEndTime()
                    });
              },
              null,
              null);
    }
  }

  private void visit(Context loop, long last) {
    loop.runOnContext(
        nothing -> {
          long now = System.nanoTime();
          seen.add(new long[] {System.currentTimeMillis() - (now - last) / 1_000_000, now - last});
          if (over.get()) {
            probed.countDown();
          } else {
            visit(loop, now);
          }
        });
  }

  /** Ends; the gaps are sorted then. */
  LoopProbe end() throws InterruptedException {
    over.set(true);
    probed.await();
    for (long[] gap : seen) {
      long end = gap[0] + gap[1] / 1_000_000 + 2;
      boolean paused =
          gap[1] > 1_000_000
              && List.copyOf(PAUSES).stream().anyMatch(p -> p[0] <= end && p[1] >= gap[0] - 2);
      if (paused) {
        left++;
      } else {
        gaps.add(gap[1]);
      }
    }
    Collections.sort(gaps);
    return this;
  }

  List<Long> gaps() {
    return gaps;
  }

  /** Left out for a GC pause. */
  int left() {
    return left;
  }

  @Override
  public String toString() {
    String worked =
        mostWorkedNs < 0
            ? ""
            : String.format("; at most %.3f ms of work between two visits", mostWorkedNs / 1e6);
    return late() + worked;
  }

  private String late() {
    return String.format(
        "%d gaps: p50 %.3f ms, p99 %.3f ms, p99.9 %.3f ms, max %.3f ms; %d with a GC pause left out",
        gaps.size(), ms(gaps, 0.5), ms(gaps, 0.99), ms(gaps, 0.999), ms(gaps, 1), left);
  }

  /** A quantile of sorted nanoseconds, in milliseconds. */
  static double ms(List<Long> sorted, double quantile) {
    return sorted.get((int) Math.min(sorted.size() - 1, quantile * sorted.size())) / 1e6;
  }
}
