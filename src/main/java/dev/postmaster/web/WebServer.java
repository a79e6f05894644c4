package dev.postmaster.web;

import dev.postmaster.Postmaster;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The HTTP server: status, workers, the journal and the feed, and what may be asked for.
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

  private final Vertx vertx;
  private final Site site;
  private final String deployment;

  private WebServer(Vertx vertx, Site site, String deployment) {
    this.vertx = vertx;
    this.site = site;
    this.deployment = deployment;
  }

  /**
   * Binds the port.
   *
   * @return fails with {@code IllegalArgumentException} for faulty options, each with its path, and
   *     with what the system said for a port that cannot be had
   */
  public static Future<WebServer> bind(Vertx vertx, WebOptions options) {
    return vertx
        .executeBlocking(() -> checked(options))
        .compose(
            checked -> {
              Site site = new Site(vertx, checked);
              Deployable deployable = site;
              return vertx
                  .deployVerticle(deployable, new DeploymentOptions())
                  .map(deployment -> new WebServer(vertx, site, deployment));
            });
  }

  /**
   * A copy of its own, with the token that stands in the file; it blocks for that.
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
    return bind(vertx, options).map(server -> server.serve(postmaster));
  }

  /** Shows that postmaster from its start on; its feeds are closed with 1001 when it has ended. */
  public WebServer serve(Postmaster postmaster) {
    site.serve(postmaster);
    return this;
  }

  /** The port that it listens on. */
  public int port() {
    return site.port();
  }

  /**
   * Closes the feeds with 1001, then the port and every connection. Only the connection of a viewer
   * that reads nothing outlives this: it is cut by the limit on idle writes.
   */
  public Future<Void> close() {
    return site.leave()
        .timeout(FAREWELL_MS, TimeUnit.MILLISECONDS)
        .eventually(() -> vertx.undeploy(deployment).timeout(FAREWELL_MS, TimeUnit.MILLISECONDS))
        .otherwiseEmpty();
  }

  static HttpServer create(Vertx vertx, WebOptions options) {
    HttpServerOptions http =
        limits(new HttpServerOptions())
            .setHost(options.host().replace("[", "").replace("]", ""))
            .setPort(options.port())
            .setWriteIdleTimeout((int) options.writeIdle().toMillis());
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
        .setMaxHeaderSize(8 * 1_024)
        // A viewer that stops reading shows after 256 KiB, not after the 4 MiB to which the
        // system would let its buffer grow.
        .setSendBufferSize(SEND_BUFFER)
        .setTcpKeepAlive(true)
        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
        .setIdleTimeout(IDLE_MS);
  }
}
