package dev.postmaster.app;

import dev.postmaster.Postmaster;
import dev.postmaster.metrics.PostmasterMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.EnumSet;

/**
 * The program's one registry, and what reports into it: the postmaster, the JVM, and of each Vertx
 * one domain whose tags are bounded. Not the event bus, on which every worker has an address of its
 * own.
 */
final class Metered implements AutoCloseable {

  /** A pool's name ends with the epoch of the postmaster whose it is. */
  private static final String EPOCH = "-[0-9A-Z]{26}$";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private final JvmGcMetrics collections = new JvmGcMetrics();

  Metered() {
    registry
        .config()
        .meterFilter(MeterFilter.replaceTagValues("pool_name", name -> name.replaceAll(EPOCH, "")));
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  PrometheusMeterRegistry registry() {
    return registry;
  }

  /** A Vertx of which that domain is shown. Of no two the same: their pools have the same names. */
  Vertx vertx(VertxOptions options, MetricsDomain shown) {
    // Not the method of a request, which its sender makes up.
    MicrometerMetricsOptions metrics =
        new MicrometerMetricsOptions()
            .setLabels(EnumSet.of(Label.HTTP_ROUTE, Label.HTTP_CODE, Label.POOL_NAME));
    metrics.setEnabled(true);
    EnumSet.complementOf(EnumSet.of(shown)).forEach(metrics::addDisabledMetricsCategory);
    return Vertx.builder()
        .with(options.setMetricsOptions(metrics))
        .withMetrics(new MicrometerMetricsFactory(registry))
        .build();
  }

  /** Counts from before its start on. */
  void bind(Postmaster postmaster) {
    PostmasterMetrics.bind(postmaster, registry);
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
