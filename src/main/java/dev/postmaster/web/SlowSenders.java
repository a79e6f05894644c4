package dev.postmaster.web;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Cuts connections whose next request is not there after a while, header and body. The limit on
 * idle connections is begun anew by every byte: whoever sends one now and then would hold a
 * connection for ever.
 *
 * <p>Not counted is the time in which a request is answered, and a WebSocket.
 *
 * <p>Threading: the server's event loop.
 */
final class SlowSenders {

  private static final int LOOKS = 4;

  /** The status of an answer that was an upgrade. */
  private static final int SWITCHED = 101;

  private static final class Sender {
    private long sinceNs = System.nanoTime();
    private HttpServerRequest request;

    /** Whether a request is with us. */
    private boolean waits() {
      return request != null && request.isEnded() && !request.response().ended();
    }

    /** Whether it is a WebSocket now, of whose end an HTTP connection is not told. */
    private boolean isWebSocket() {
      return request != null && request.response().getStatusCode() == SWITCHED;
    }
  }

  private final Map<HttpConnection, Sender> senders = new LinkedHashMap<>();
  private final long limitMs;

  SlowSenders(WebOptions options) {
    limitMs = options.requestTime().toMillis();
  }

  /** Serves requests to that server with that handler. */
  HttpServer guard(Vertx vertx, HttpServer server, Handler<HttpServerRequest> handler) {
    vertx.setPeriodic(Math.max(1, limitMs / LOOKS), look -> look());
    return server
        .connectionHandler(this::opened)
        .requestHandler(
            request -> {
              Sender sender = senders.get(request.connection());
              if (sender != null) {
                sender.request = request;
                sender.sinceNs = System.nanoTime();
              }
              handler.handle(request);
            });
  }

  private void opened(HttpConnection connection) {
    senders.put(connection, new Sender());
    connection.closeHandler(closed -> senders.remove(connection));
  }

  private void look() {
    long nowNs = System.nanoTime();
    senders.values().removeIf(Sender::isWebSocket);
    senders.values().stream().filter(Sender::waits).forEach(sender -> sender.sinceNs = nowNs);
    senders.entrySet().stream()
        .filter(entry -> nowNs - entry.getValue().sinceNs > limitMs * 1_000_000)
        .map(Map.Entry::getKey)
        .toList()
        .forEach(HttpConnection::close);
  }

  /** How many connections it looks at. */
  int watched() {
    return senders.size();
  }
}
