package dev.postmaster.bench;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.metrics.PostmasterMetrics;
import dev.postmaster.web.WebOptions;
import dev.postmaster.web.WebServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What a scrape and a probe take with many workers and with few, beside the status of the same
 * servers, one request of each in turn; and what the program's metrics cost whole cycles of
 * workers, beside the same without.
 */
public final class Scrape {

  private static final int WARM_UPS = 500;
  private static final int REQUESTS = 2_000;
  private static final int SLOTS = 64;

  private final HttpClient client = HttpClient.newHttpClient();

  private Scrape() {}

  /** Prints the figures. */
  public static void main(String[] args) throws Exception {
    FeedLoad.logAsTheProgram();
    new Scrape().requests();
    cycles();
    System.exit(0);
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(120, TimeUnit.SECONDS);
  }

  /** As the program has it: one domain, and tags that are bounded. */
  private static Vertx vertx(PrometheusMeterRegistry registry, MetricsDomain shown, int loops) {
    MicrometerMetricsOptions metrics =
        new MicrometerMetricsOptions()
            .setLabels(EnumSet.of(Label.HTTP_ROUTE, Label.HTTP_CODE, Label.POOL_NAME));
    metrics.setEnabled(true);
    EnumSet.complementOf(EnumSet.of(shown)).forEach(metrics::addDisabledMetricsCategory);
    return Vertx.builder()
        .with(
            new VertxOptions()
                .setPreferNativeTransport(true)
                .setEventLoopPoolSize(loops)
                .setMetricsOptions(metrics))
        .withMetrics(new MicrometerMetricsFactory(registry))
        .build();
  }

  /** A postmaster with so many workers, every other one critical and none ready; its server. */
  private static String url(int workers) throws Exception {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Vertx vertx = vertx(registry, MetricsDomain.NAMED_POOLS, 4);
    Postmaster postmaster =
        Postmaster.create(
            vertx, new PostmasterOptions().setName("w" + workers).setMaxWorkers(workers));
    PostmasterMetrics.bind(postmaster, registry);
    get(postmaster.start());
    List<Future<WorkerHandle>> all = new ArrayList<>();
    for (int n = 0; n < workers; n++) {
      all.add(
          postmaster.register(
              WorkerSpec.of("worker-" + n, () -> context -> {})
                  .critical(n % 2 == 0)
                  .requires("nobody")));
    }
    get(Future.all(all));
    WebServer server =
        get(
            WebServer.start(
                vertx(registry, MetricsDomain.HTTP_SERVER, 1),
                postmaster,
                new WebOptions().setPort(0).setRegistry(registry)));
    return "http://127.0.0.1:" + server.port();
  }

  private long ask(String url) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
    long from = System.nanoTime();
    if (client.send(request, BodyHandlers.ofByteArray()).body().length == 0) {
      throw new IllegalStateException("nothing came of " + url);
    }
    return System.nanoTime() - from;
  }

  private void requests() throws Exception {
    Map<String, List<Long>> took = new LinkedHashMap<>();
    for (int workers : new int[] {10, 10_000, 100_000}) {
      String url = url(workers);
      for (String path : List.of("/api/v1/status", "/metrics", "/health/ready")) {
        took.put(url + path, new ArrayList<>());
      }
      System.out.println(url + ": " + workers + " workers");
    }
    for (int n = 0; n < WARM_UPS + REQUESTS; n++) {
      for (Map.Entry<String, List<Long>> each : took.entrySet()) {
        long ns = ask(each.getKey());
        if (n >= WARM_UPS) {
          each.getValue().add(ns);
        }
      }
    }
    took.forEach(
        (url, times) -> {
          Collections.sort(times);
          System.out.printf(
              "%s: %d requests, p50 %.2f ms, p99 %.2f ms, max %.2f ms%n",
              url,
              times.size(),
              LoopProbe.ms(times, 0.5),
              LoopProbe.ms(times, 0.99),
              LoopProbe.ms(times, 1));
        });
  }

  private static void cycles() throws Exception {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Vertx plain = Rounds.vertx();
    Vertx metered =
        vertx(registry, MetricsDomain.NAMED_POOLS, VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE);
    Postmaster without = started(plain);
    Postmaster bound = started(plain, "bound");
    PostmasterMetrics.bind(bound, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
    Postmaster with = started(metered);
    PostmasterMetrics.bind(with, registry);
    double[] perSecond =
        Rounds.medians(
            () -> Rounds.pipelined(SLOTS, () -> cycle(without)),
            () -> Rounds.pipelined(SLOTS, () -> cycle(bound)),
            () -> Rounds.pipelined(SLOTS, () -> cycle(with)));
    System.out.printf(
        "whole cycles, pipelined, %d slots: without metrics %.0f/s, of the postmaster %.0f/s (%.2f),"
            + " and of the pools %.0f/s (%.2f)%n",
        SLOTS,
        perSecond[0],
        perSecond[1],
        perSecond[1] / perSecond[0],
        perSecond[2],
        perSecond[2] / perSecond[0]);
  }

  private static Postmaster started(Vertx vertx) throws Exception {
    return started(vertx, "default");
  }

  private static Postmaster started(Vertx vertx, String name) throws Exception {
    return get(
        Postmaster.create(vertx, new PostmasterOptions().setName(name).setMaxWorkers(SLOTS))
            .start());
  }

  private static Future<?> cycle(Postmaster postmaster) {
    return postmaster
        .register(WorkerSpec.of("w", () -> context -> {}))
        .compose(WorkerHandle::awaitGone);
  }
}
