package dev.postmaster.metrics;

import dev.postmaster.Postmaster;
import dev.postmaster.metrics.Meters.Named;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts those who watch a server's feeds, and those that were too slow for it.
 *
 * <p>Threading: any.
 */
public final class FeedMetrics {

  private final AtomicInteger viewers = new AtomicInteger();
  private final LongAdder slow = new LongAdder();

  /** One came. */
  public void came() {
    viewers.incrementAndGet();
  }

  /** One left. */
  public void left() {
    viewers.decrementAndGet();
  }

  /** One is sent away for being slow. */
  public void wasSlow() {
    slow.increment();
  }

  /**
   * Shows the figures beside those of that postmaster until it ends. Of several servers that show
   * one postmaster in one registry the last has the meters.
   */
  public void bind(Postmaster postmaster, MeterRegistry registry) {
    Meters meters = new Meters(registry, postmaster.name());
    meters.gauge(Named.of("feed.viewers", "Feeds and event streams that are open."), viewers::get);
    meters.counted(
        Named.of("feed.slow", "Feeds and event streams that were closed for being slow."),
        slow::sum);
    postmaster.ended().onComplete(ended -> meters.remove());
  }
}
