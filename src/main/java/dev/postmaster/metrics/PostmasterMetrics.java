package dev.postmaster.metrics;

import dev.postmaster.Postmaster;
import dev.postmaster.metrics.Meters.Named;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/**
 * The figures of a postmaster in a registry of Micrometer's, from now until it ends. Every meter
 * has its name as the tag {@code postmaster}; what there is, says {@code docs/OPERATIONS.md}.
 *
 * <p>Gauges, and the count of refusals, are read from what is published, whenever somebody asks.
 * All other counters and the durations are of the transitions that are heard from now on: bound
 * before the start, of all of this life. They are heard a few milliseconds late, to cost the
 * postmaster little, but none is missed. The gauge {@code postmaster.metrics.since} says since
 * when.
 *
 * <p>Bound again, in the same registry under the same name, the newer one has the meters.
 *
 * <p>Threading: any; where transitions are heard, see {@link Postmaster#onTransition}.
 */
public final class PostmasterMetrics implements AutoCloseable {

  /** How much later a transition may be counted. */
  private static final Duration PATIENCE = Duration.ofMillis(5);

  private final Meters meters;
  private final Runnable deaf;

  private PostmasterMetrics(Postmaster postmaster, MeterRegistry registry) {
    meters = new Meters(registry, postmaster.name());
    double since = System.currentTimeMillis() / 1_000.0;
    meters.gauge(
        Named.seconds("metrics.since", "When counting began, in seconds of the epoch."),
        () -> since);
    Gauges.register(meters, postmaster);
    deaf = postmaster.onTransition(new Counts(meters)::heard, PATIENCE);
  }

  /** Binds it; once in a registry. */
  public static PostmasterMetrics bind(Postmaster postmaster, MeterRegistry registry) {
    PostmasterMetrics bound = new PostmasterMetrics(postmaster, registry);
    postmaster.ended().onComplete(ended -> bound.close());
    return bound;
  }

  /** Takes its meters out of the registry, and hears no more. */
  @Override
  public void close() {
    deaf.run();
    meters.remove();
  }
}
