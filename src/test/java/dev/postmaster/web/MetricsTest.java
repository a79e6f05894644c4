package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static dev.postmaster.web.Web.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.metrics.PostmasterMetrics;
import dev.postmaster.support.HeldLoop;
import dev.postmaster.support.Life;
import dev.postmaster.support.Viewer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code /metrics} shows, and of whom. */
class MetricsTest extends FeedSetup {

  /** On loops of its own: one of the others is held. */
  private final Vertx vertx = Vertx.vertx();

  private final WebClient scraper = WebClient.create(vertx);

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private HttpResponse<Buffer> scrape() throws Exception {
    return get(scraper.get(server.port(), "127.0.0.1", "/metrics").send());
  }

  private static String line(String name, String tags, String value) {
    String more = tags.isEmpty() ? "" : ',' + tags;
    return "postmaster_" + name + "{postmaster=\"default\"" + more + "} " + value + '\n';
  }

  /** Scrapes until that stands there. */
  private String until(String line) throws Exception {
    for (int n = 0; n < 20_000; n++) {
      String text = String.valueOf(scrape().bodyAsString()); // nothing is null
      if (text.contains(line)) {
        return text;
      }
    }
    throw new TimeoutException("never scraped: " + line + scrape().bodyAsString());
  }

  @Test
  void itIsPrometheusText() throws Exception {
    until(line("feed_viewers", "", "0.0"));

    HttpResponse<Buffer> response = scrape();

    assertEquals(200, response.statusCode());
    assertEquals("text/plain; version=0.0.4; charset=utf-8", response.getHeader("Content-Type"));
    assertEquals("no-store", response.getHeader("Cache-Control"));
    assertTrue(response.bodyAsString().endsWith("\n"));
    HttpResponse<Buffer> head =
        get(scraper.request(HttpMethod.HEAD, server.port(), "127.0.0.1", "/metrics").send());
    assertEquals(200, head.statusCode());
    assertEquals(null, head.body());
  }

  @Test
  void aServerWithoutARegistryShowsThePostmasterThatItServes() throws Exception {
    until(line("feed_viewers", "", "0.0"));

    register("w");

    until(line("workers", "state=\"RUNNING\"", "1.0"));
    until(line("launches_total", "", "1.0"));
  }

  @Test
  void aScrapeIsAnsweredWhileThePostmastersLoopIsHeld() throws Exception {
    get(register("w").awaitReady());
    until(line("workers", "state=\"RUNNING\"", "1.0"));
    HeldLoop held = HeldLoop.of(life.vertx, postmaster);
    try {
      assertEquals(200, scrape().statusCode());
      until(line("workers", "state=\"RUNNING\"", "1.0"));
    } finally {
      held.letGo();
    }
  }

  @Test
  void whoWatchesIsCountedUntilHeLeaves() throws Exception {
    until(line("feed_viewers", "", "0.0"));
    Viewer one = subscribed();
    Viewer other = subscribed();

    until(line("feed_viewers", "", "2.0"));
    get(one.socket().close());
    until(line("feed_viewers", "", "1.0"));
    get(other.socket().close());
    until(line("feed_viewers", "", "0.0"));
    until(line("feed_slow_total", "", "0.0"));
  }

  @Test
  void whoIsClosedForBeingSlowIsCounted() throws Exception {
    restart(quickToClose());
    Viewer slow = subscribed();
    stormPast(slow);
    subscribed().await("heartbeat", 20);

    slow.socket().resume();

    assertEquals(4430, slow.awaitClose());
    until(line("feed_slow_total", "", "1.0"));
  }

  @Test
  void aRegistryThatIsGivenIsShownWithWhatIsInIt() throws Exception {
    PrometheusMeterRegistry given = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    given.counter("mine").increment();
    restart(new WebOptions().setRegistry(given));

    String text = until(line("feed_viewers", "", "0.0"));

    assertTrue(text.contains("mine_total 1.0\n"), text);
    assertTrue(!text.contains("postmaster_ready"), "the postmaster is for whoever gives it");
    PostmasterMetrics.bind(postmaster, given);
    until(line("ready", "", "1.0"));
  }

  @Test
  void afterTheEndThePostmasterIsShownNoMore() throws Exception {
    until(line("feed_viewers", "", "0.0"));

    get(postmaster.close());

    for (int n = 0; String.valueOf(scrape().bodyAsString()).contains("postmaster_"); n++) {
      assertTrue(n < 20_000, "it is still shown");
    }
  }

  @Test
  void beforeTheStartThereIsNothingAndItSaysSoAtOnce() throws Exception {
    WebServer bound = get(WebServer.bind(life.vertx, new WebOptions().setPort(0)));

    HttpResponse<Buffer> response = get(scraper.get(bound.port(), "127.0.0.1", "/metrics").send());

    assertEquals(200, response.statusCode());
    assertTrue(!String.valueOf(response.bodyAsString()).contains("postmaster_"));
  }

  @Test
  void whoMayNotReadMayNotScrape() throws Exception {
    restart(Life.options(), new WebOptions().setToken(Web.TOKEN).setRequireTokenForRead(true));

    assertProblem(401, "UNAUTHENTICATED", scrape());
  }
}
