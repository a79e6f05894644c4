package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Opens feeds, counts them, and wakes them: protocols §4.
 *
 * <p>A feed reads the journal by itself; a transition that is heard of only says that there is
 * something to read, and however many are heard of in one turn of the loop, each feed is woken
 * once.
 *
 * <p>Threading: the server's event loop.
 */
final class Feed {

  static final String PROTOCOL = "postmaster.feed.v1+json";

  /** Largest frame that a viewer may send, in bytes. */
  static final int FRAME_MAX = 16 * 1_024;

  private static final Duration PATIENCE = Duration.ofMillis(1);

  private final Vertx vertx;
  private final WebOptions options;
  private final Set<FeedSession> sessions = new LinkedHashSet<>();
  private final Map<String, Integer> byAddress = new HashMap<>();
  private final RecordTexts texts = new RecordTexts();
  private int open;
  private Runnable deaf;
  private boolean waking;
  private boolean left;

  Feed(Vertx vertx, WebOptions options) {
    this.vertx = vertx;
    this.options = options;
  }

  Vertx vertx() {
    return vertx;
  }

  WebOptions options() {
    return options;
  }

  RecordTexts texts() {
    return texts;
  }

  /** Lets a request pass that asks for a WebSocket and offers the one protocol that is spoken. */
  static void checkProtocol(RoutingContext context) {
    HttpServerRequest request = context.request();
    boolean offered =
        request.headers().getAll("Sec-WebSocket-Protocol").stream()
            .flatMap(list -> Stream.of(list.split(",")))
            .anyMatch(name -> name.strip().equals(PROTOCOL));
    if (offered && request.canUpgradeToWebSocket()) {
      context.next();
    } else {
      Answers.problem(
          context,
          ErrorCode.BAD_REQUEST,
          "the feed is a WebSocket with the subprotocol \"" + PROTOCOL + '"');
    }
  }

  /** Upgrades a request that has passed all checks but that of the limits. */
  void open(RoutingContext context, Postmaster postmaster) {
    if (left) {
      throw PostmasterException.of(ErrorCode.POSTMASTER_DIED, "the postmaster has ended");
    }
    HttpServerRequest request = context.request();
    String address = request.remoteAddress().host();
    checkLimits(address);
    open++;
    byAddress.merge(address, 1, Integer::sum);
    request
        .toWebSocket()
        .onFailure(refused -> release(address))
        .onSuccess(
            socket -> {
              FeedSession session = new FeedSession(this, postmaster, socket);
              session.closed().onComplete(closed -> release(address));
              begin(session, postmaster);
            });
  }

  private void checkLimits(String address) {
    int ofAddress = byAddress.getOrDefault(address, 0);
    if (open >= options.maxConnections()) {
      throw tooMany("all feeds are taken", options.maxConnections(), open);
    }
    if (ofAddress >= options.maxConnectionsPerAddress()) {
      throw tooMany(
          "all feeds of " + address + " are taken", options.maxConnectionsPerAddress(), ofAddress);
    }
  }

  private static PostmasterException tooMany(String what, int limit, int used) {
    return PostmasterException.limit(
        ErrorCode.RATE_LIMITED, what + ": " + used + " of " + limit, limit, used, List.of());
  }

  private void release(String address) {
    open--;
    byAddress.computeIfPresent(address, (key, used) -> used == 1 ? null : used - 1);
  }

  private void begin(FeedSession session, Postmaster postmaster) {
    if (sessions.isEmpty()) {
      deaf = postmaster.onTransition(transition -> wake(), PATIENCE);
    }
    sessions.add(session);
    session
        .closed()
        .onComplete(
            closed -> {
              sessions.remove(session);
              if (sessions.isEmpty()) {
                deaf.run();
              }
            });
    session.open();
    if (left) {
      session.leave();
    }
  }

  private void wake() {
    if (waking) {
      return;
    }
    waking = true;
    vertx.runOnContext(
        on -> {
          waking = false;
          new ArrayList<>(sessions).forEach(FeedSession::pump);
        });
  }

  /** Ends every feed with 1001; done when all are closed. */
  Future<Void> leave() {
    left = true;
    List<Future<?>> closing = new ArrayList<>();
    for (FeedSession session : new ArrayList<>(sessions)) {
      session.leave();
      closing.add(session.closed());
    }
    return Future.join(closing).mapEmpty();
  }
}
