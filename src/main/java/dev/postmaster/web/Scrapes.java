package dev.postmaster.web;

import dev.postmaster.Postmaster;
import dev.postmaster.metrics.FeedMetrics;
import dev.postmaster.metrics.PostmasterMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/**
 * What {@code /metrics} shows: the registry that was given with the options, or one of the server's
 * own, in which the postmaster that it serves is then bound.
 *
 * <p>Threading: any, but for {@link #show}, which is the server's event loop.
 */
final class Scrapes {

  private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final FeedMetrics feeds = new FeedMetrics();
  private final boolean isOwn;
  private final PrometheusMeterRegistry registry;

  Scrapes(WebOptions options) {
    isOwn = options.registry().isEmpty();
    registry =
        options.registry().orElseGet(() -> new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  /** Those who watch. */
  FeedMetrics feeds() {
    return feeds;
  }

  /** Shows that postmaster from now on; its transitions are heard on the caller's context. */
  void serve(Postmaster postmaster) {
    if (isOwn) {
      PostmasterMetrics.bind(postmaster, registry);
    }
    feeds.bind(postmaster, registry);
  }

  /** Answers at once, from what is published. */
  void show(RoutingContext context) {
    Answers.file(context, 200, Map.of("Content-Type", TYPE), Buffer.buffer(registry.scrape(TYPE)));
  }
}
