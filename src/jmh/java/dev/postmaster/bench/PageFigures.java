package dev.postmaster.bench;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.Signal;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.web.WebOptions;
import dev.postmaster.web.WebServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/**
 * How soon the page is there, and how soon the end of a run is on it, in Debian's chromium.
 *
 * <p>References, in the same run: a page of one word from the same Vert.x, and the time until the
 * same transition is heard of in the process itself.
 */
public final class PageFigures {

  private static final int LOADS = 21;
  private static final int CRASHES = 100;
  private static final int WORKERS = 64;

  /** The wall clock, once what was changed has been painted. */
  private static final String WATCH =
      """
      window.painted = [];
      const tile = document.querySelector('.tile[data-slot="0"]');
      new MutationObserver(() => {
        if (tile.dataset.state === 'BACKOFF') {
          requestAnimationFrame(() => setTimeout(() => painted.push(Date.now())));
        }
      }).observe(tile, {attributeFilter: ['data-state']});
      """;

  private final Vertx vertx = Vertx.vertx();
  private final Postmaster postmaster =
      Postmaster.create(
          vertx, new PostmasterOptions().setMaxWorkers(WORKERS).setMaxWorkerThreads(WORKERS));
  private final ChromeDriver browser;

  private PageFigures() throws Exception {
    Path directory = Files.createTempDirectory("page-figures");
    ChromeOptions options = new ChromeOptions();
    options.setBinary("/usr/bin/chromium");
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--user-data-dir=" + directory);
    browser =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(new java.io.File("/usr/bin/chromedriver"))
                .usingAnyFreePort()
                .build(),
            options);
    browser.manage().timeouts().scriptTimeout(Duration.ofMinutes(1));
  }

  /** Prints the figures. */
  public static void main(String[] args) throws Exception {
    PageFigures figures = new PageFigures();
    int code = 1;
    try {
      figures.run();
      code = 0;
    } catch (Exception failure) {
      failure.printStackTrace();
    } finally {
      figures.browser.quit();
    }
    System.exit(code);
  }

  private void run() throws Exception {
    get(postmaster.start());
    WebServer server = get(WebServer.start(vertx, postmaster, new WebOptions().setPort(0)));
    WorkerHandle failing = null;
    for (int n = 0; n < WORKERS; n++) {
      WorkerHandle worker =
          get(
              postmaster.register(
                  WorkerSpec.of(
                          "worker-" + n,
                          () ->
                              context -> {
                                context.awaitLatch(Duration.ofHours(1));
                                context.checkInterrupts();
                                throw new IllegalStateException("asked to");
                              })
                      .restartAfter(Duration.ofMillis(300))));
      get(worker.awaitReady());
      failing = failing == null ? worker : failing;
    }
    HttpServer word =
        get(
            vertx
                .createHttpServer()
                .requestHandler(
                    request ->
                        request
                            .response()
                            .putHeader("Content-Type", "text/html")
                            .end("<!doctype html><title>x</title><p>word"))
                .listen(0, "127.0.0.1"));
    loads("http://127.0.0.1:" + server.port() + "/", "http://127.0.0.1:" + word.actualPort() + "/");
    crashes("http://127.0.0.1:" + server.port() + "/", failing);
  }

  /** Alternately, each without anything in the cache. */
  private void loads(String page, String word) {
    List<Double> first = new ArrayList<>();
    List<Double> whole = new ArrayList<>();
    List<Double> reference = new ArrayList<>();
    browser.executeCdpCommand("Network.enable", java.util.Map.of());
    browser.executeCdpCommand("Network.setCacheDisabled", java.util.Map.of("cacheDisabled", true));
    for (int n = 0; n < LOADS; n++) {
      browser.get(word);
      reference.add(paint());
      browser.get(page);
      first.add(paint());
      whole.add(
          (Double)
              browser.executeAsyncScript(
                  "const done = arguments[0]; const look = () =>"
                      + " document.querySelectorAll('.tile').length === "
                      + WORKERS
                      + " ? requestAnimationFrame(() => done(performance.now() + 0.001))"
                      + " : requestAnimationFrame(look); look();"));
    }
    print("first paint of the page", first);
    print("  reference, a page of one word", reference);
    print("all " + WORKERS + " workers are on it, as seen by the driver", whole);
  }

  private double paint() {
    return ((Number)
            browser.executeAsyncScript(
                "const done = arguments[0]; const look = () => {"
                    + " const p = performance.getEntriesByName('first-contentful-paint')[0];"
                    + " p ? done(p.startTime) : requestAnimationFrame(look); }; look();"))
        .doubleValue();
  }

  private void crashes(String page, WorkerHandle worker) throws Exception {
    browser.get(page);
    browser.executeAsyncScript(
        "const done = arguments[0]; const look = () => document.querySelector('.tile') ? done()"
            + " : requestAnimationFrame(look); look();");
    browser.executeScript(WATCH);
    List<Long> at = Collections.synchronizedList(new ArrayList<>());
    List<Double> heard = Collections.synchronizedList(new ArrayList<>());
    postmaster.onTransition(
        t -> {
          if (t.to() == WorkerState.BACKOFF) {
            at.add(t.at());
            heard.add((double) (System.currentTimeMillis() - t.at()));
          }
        });
    List<Double> shown = new ArrayList<>();
    for (int n = 1; n <= CRASHES; n++) {
      get(worker.signal(Signal.USR1));
      Number painted =
          (Number)
              browser.executeAsyncScript(
                  "const done = arguments[1]; const look = () => painted.length >= arguments[0]"
                      + " ? done(painted[painted.length - 1]) : setTimeout(look, 5); look();",
                  n);
      shown.add((double) (painted.longValue() - at.get(n - 1)));
      browser.executeAsyncScript(
          "const done = arguments[0]; const look = () =>"
              + " document.querySelector('.tile').dataset.state === 'RUNNING' ? done()"
              + " : setTimeout(look, 5); look();");
    }
    print("the end of a run, from its record until it is painted", shown);
    print("  reference, until it is heard of in the process", heard);
  }

  private static void print(String what, List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    System.out.printf(
        "%s: median %.0f ms, p99 %.0f ms of %d%n",
        what,
        sorted.get(sorted.size() / 2),
        sorted.get((int) Math.ceil(sorted.size() * 0.99) - 1),
        sorted.size());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
