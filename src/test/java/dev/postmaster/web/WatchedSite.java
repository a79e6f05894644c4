package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.support.Life;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A postmaster's router that notes what comes and how it is answered, and beside it the server of
 * somebody else. Both serve an empty page at {@value #PAGE}, from which scripts attack.
 */
final class WatchedSite implements AutoCloseable {

  static final String PAGE = "/page";

  /** A request and its answer: of the headers those that a browser decides on. */
  record Seen(String method, String path, int status, String origin, boolean cookie, String cors) {}

  final Life life = Life.started();
  final int port;
  final int otherPort;
  private final Router router;
  private final List<Seen> seen = new ArrayList<>();
  private final long head = life.postmaster.transitions().head();

  WatchedSite() throws Exception {
    router =
        PostmasterRouter.create(life.vertx, life.postmaster, new WebOptions().setToken(Web.TOKEN));
    port = listen(PostmasterRouter.limits(new HttpServerOptions()), true);
    otherPort = listen(new HttpServerOptions(), false);
  }

  private int listen(HttpServerOptions options, boolean own) throws Exception {
    HttpServer server =
        life.vertx
            .createHttpServer(options)
            .requestHandler(
                request -> {
                  if (request.path().equals(PAGE) || !own) {
                    request.response().putHeader("Content-Type", "text/html").end("<p>nothing");
                  } else {
                    watch(request);
                    router.handle(request);
                  }
                });
    return get(server.listen(0, "127.0.0.1")).actualPort();
  }

  private void watch(HttpServerRequest request) {
    String cors =
        request.method().name().equals("OPTIONS")
            ? request.getHeader("Access-Control-Request-Method")
            : null;
    request
        .response()
        .headersEndHandler(
            end -> {
              boolean granted =
                  request.response().headers().names().stream()
                      .anyMatch(
                          name -> name.toLowerCase(java.util.Locale.ROOT).contains("-allow-"));
              saw(
                  new Seen(
                      request.method().name(),
                      request.path(),
                      request.response().getStatusCode(),
                      Optional.ofNullable(request.getHeader("Origin")).orElse(""),
                      request.getHeader("Cookie") != null,
                      granted ? "granted" : String.valueOf(cors)));
            });
  }

  private synchronized void saw(Seen one) {
    seen.add(one);
    notifyAll();
  }

  /** Waits for one that is so. */
  synchronized Seen await(Predicate<Seen> wanted) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      for (Seen one : seen) {
        if (wanted.test(one)) {
          return one;
        }
      }
      long leftMs = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      assertTrue(leftMs > 0, () -> "only " + seen);
      wait(leftMs);
    }
  }

  synchronized List<Seen> seen() {
    return List.copyOf(seen);
  }

  synchronized void forget() {
    seen.clear();
  }

  String own() {
    return "http://127.0.0.1:" + port;
  }

  /** Every path that has a route. */
  List<String> paths() {
    return router.getRoutes().stream()
        .map(Route::getPath)
        .filter(path -> path != null)
        .map(path -> path.replace(":worker", "%230"))
        .distinct()
        .toList();
  }

  /** Nothing was done for anybody. */
  void assertUnchanged() {
    life.postmaster
        .transitionsAfter(head)
        .transitions()
        .forEach(record -> assertEquals("refused", record.cause().word()));
    assertEquals(0, life.postmaster.status().slotsUsed());
  }

  @Override
  public void close() {
    life.close();
  }
}
