package dev.postmaster.web;

import dev.postmaster.Postmaster;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The HTTP server: status, workers, the journal and the feed, health and metrics, and what may be
 * asked for.
 *
 * <p>Ordering: it can be bound before there is a postmaster, so that a taken port stops a program
 * before any worker runs; until {@link #serve} has been given a started one, requests wait for two
 * seconds, and are then answered with 503.
 *
 * <p>Threading: deployed on an event loop of its own choosing, which serves all connections; its
 * methods may be called from any thread.
 *
 * <p>Its access log goes to the logger {@code io.vertx.ext.web.handler.LoggerHandler}, each line in
 * the combined format and nothing else.
 */
public final class WebServer {

  private static final int SEND_BUFFER = 256 * 1_024;

  private static final int IDLE_MS = 60_000;

  /** How long the end waits for viewers to answer a close. */
  private static final int FAREWELL_MS = 1_000;

  /** How many deployments to try before giving up on another loop: some Vertx have only one. */
  private static final int TRIES = 16;

  private static final AtomicInteger SHARED_PORTS = new AtomicInteger();

  private final Vertx vertx;
  private final WebOptions options;
  private final Scrapes scrapes;

  /** Whose deployments ours are: undeployed with it. */
  private final Context home;

  private volatile Placed placed;

  /** Done when it serves, on the loop where it stays. */
  private volatile Future<Void> settled = Future.succeededFuture();

  private record Placed(Site site, String deployment) {}

  private WebServer(Vertx vertx, WebOptions options, Scrapes scrapes, Placed placed) {
    this.vertx = vertx;
    this.options = options;
    this.scrapes = scrapes;
    home = vertx.getOrCreateContext();
    this.placed = placed;
  }

  /**
   * Binds the port.
   *
   * @return fails with {@code IllegalArgumentException} for faulty options, each with its path, and
   *     with what the system said for a port that cannot be had
   */
  public static Future<WebServer> bind(Vertx vertx, WebOptions options) {
    return bind(vertx, options, null);
  }

  private static Future<WebServer> bind(Vertx vertx, WebOptions options, Postmaster apart) {
    return vertx
        .executeBlocking(() -> checked(options))
        .compose(
            own -> {
              if (own.port() == 0) {
                // Any free port, but one that servers with the same number share.
                own.setPort(-SHARED_PORTS.incrementAndGet());
              }
              Scrapes scrapes = new Scrapes(own);
              return place(vertx, own, scrapes, apart, TRIES)
                  .map(placed -> new WebServer(vertx, own, scrapes, placed));
            });
  }

  /** On another loop than the postmaster's, if there is one. */
  private static Future<Placed> place(
      Vertx vertx, WebOptions options, Scrapes scrapes, Postmaster apart, int tries) {
    Site site = new Site(vertx, options, scrapes, tries == 0 ? null : apart);
    Deployable deployable = site;
    return vertx
        .deployVerticle(deployable, new DeploymentOptions())
        .map(deployment -> new Placed(site, deployment))
        .recover(
            failure -> {
              if (failure != Site.SHARED) {
                return Future.failedFuture(failure);
              }
              if (tries % 2 == 0) {
                // Where a deployment takes loops by twos, it would always land on the same of two.
                ((VertxInternal) vertx).createEventLoopContext();
              }
              return place(vertx, options, scrapes, apart, tries - 1);
            });
  }

  /**
   * A copy of its own, with the token that stands in its file; it blocks for that, and for the
   * files of the page.
   *
   * @throws IllegalArgumentException for faulty options
   */
  static WebOptions checked(WebOptions options) {
    WebOptions copy = new WebOptions(options);
    List<String> faults = new ArrayList<>();
    if (copy.token().isEmpty()) {
      copy.tokenFile().ifPresent(file -> copy.setToken(token(file, faults)));
    }
    faults.addAll(copy.faults());
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
    Dashboard.get();
    return copy;
  }

  private static String token(Path file, List<String> faults) {
    try {
      return Files.readString(file, StandardCharsets.US_ASCII).strip();
    } catch (IOException unreadable) {
      faults.add("http.tokenFile: " + file + " cannot be read: " + unreadable);
      return null;
    }
  }

  /** Binds the port and serves that postmaster. */
  public static Future<WebServer> start(Vertx vertx, Postmaster postmaster, WebOptions options) {
    return bind(vertx, options, postmaster).map(server -> server.serve(postmaster));
  }

  /**
   * Shows that postmaster from its start on; its feeds are closed with 1001 when it has ended. A
   * server that was bound on the postmaster's loop moves to another first, with its port.
   */
  public WebServer serve(Postmaster postmaster) {
    Placed first = placed;
    settled =
        first
            .site()
            .shares(postmaster, home)
            .compose(shares -> shares ? move(first, postmaster) : Future.succeededFuture())
            .onFailure(
                stays -> Site.LOG.log(Level.WARNING, "it stays on the loop that it has", stays))
            .otherwiseEmpty()
            .onComplete(done -> show(postmaster));
    return this;
  }

  private void show(Postmaster postmaster) {
    Site last = placed.site();
    last.serve(postmaster);
    last.context().runOnContext(on -> scrapes.serve(postmaster));
  }

  /** Both listen for a moment, so that nobody is refused. */
  private Future<Void> move(Placed from, Postmaster postmaster) {
    return place(vertx, options, scrapes, postmaster, TRIES)
        .compose(
            to -> {
              placed = to;
              from.site().serve(postmaster);
              return from.site()
                  .retire(FAREWELL_MS)
                  .eventually(() -> vertx.undeploy(from.deployment()));
            });
  }

  /** Done when it serves. */
  Future<Void> settled() {
    return settled;
  }

  /** The loop that it is on. */
  Context context() {
    return placed.site().context();
  }

  /** The port that it listens on. */
  public int port() {
    return placed.site().port();
  }

  /**
   * Closes the feeds with 1001, then the port and every connection. Only the connection of a viewer
   * that reads nothing outlives this: it is cut by the limit on idle writes.
   */
  public Future<Void> close() {
    return settled.eventually(this::end);
  }

  private Future<Void> end() {
    Placed last = placed;
    return last.site()
        .leave()
        .timeout(FAREWELL_MS, TimeUnit.MILLISECONDS)
        .eventually(
            () -> vertx.undeploy(last.deployment()).timeout(FAREWELL_MS, TimeUnit.MILLISECONDS))
        .otherwiseEmpty();
  }

  /** Where to listen. */
  static SocketAddress address(WebOptions options) {
    String host = options.host().replace("[", "").replace("]", "");
    return options.port() < 0
        ? SocketAddress.sharedRandomPort(-options.port(), host)
        : SocketAddress.inetSocketAddress(options.port(), host);
  }

  static HttpServer create(Vertx vertx, WebOptions options) {
    HttpServerOptions http =
        limits(new HttpServerOptions()).setWriteIdleTimeout((int) options.writeIdle().toMillis());
    options.tls().ifPresent(tls -> Certificate.apply(tls, http));
    return vertx
        .createHttpServer(http)
        .invalidRequestHandler(
            request -> {
              Answers.secure(request.response());
              HttpServerRequest.DEFAULT_INVALID_REQUEST_HANDLER.handle(request);
            });
  }

  static HttpServerOptions limits(HttpServerOptions http) {
    return http.setHttp2ClearTextEnabled(false)
        .setCompressionSupported(false)
        .setDecompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false)
        .addWebSocketSubProtocol(Feed.PROTOCOL)
        .setMaxWebSocketFrameSize(Feed.FRAME_MAX)
        .setMaxWebSocketMessageSize(Feed.FRAME_MAX)
        // A viewer that does not answer a close keeps its place for so long.
        .setWebSocketClosingTimeout(2)
        .setMaxHeaderSize(8 * 1_024)
        // A viewer that stops reading shows after 256 KiB, not after the 4 MiB to which the
        // system would let its buffer grow.
        .setSendBufferSize(SEND_BUFFER)
        .setTcpKeepAlive(true)
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
        .setIdleTimeout(IDLE_MS);
  }
}
