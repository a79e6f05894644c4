package dev.postmaster.client;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import io.vertx.core.Vertx;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.lang.System.Logger.Level;
import java.util.Optional;

/**
 * One connection to a feed, from the attempt to its end, which is told once.
 *
 * <p>It is dead when nothing has come for {@value #SILENT_MAX} looks in a row, {@value #LOOKS_NUM}
 * fifths of a heartbeat apart: two heartbeats are missing then. Looks are counted, not time, so
 * that a loop that stood still finds what came meanwhile before it judges.
 *
 * <p>Threading: one context.
 */
final class FeedLink {

  private static final System.Logger LOG = System.getLogger("dev.postmaster.client");

  static final String PROTOCOL = "postmaster.feed.v1+json";

  private static final int LOOKS_NUM = 3;
  private static final int SILENT_MAX = 4;

  /** How a connection ended. */
  record End(int code, String reason, long retryMs, long lastedMs, Optional<Throwable> refused) {}

  /** Who is told of hello and of the end; of all else the follower's listener is. */
  interface Owner {
    void connected(FeedHello hello);

    void ended(End end);
  }

  private final Vertx vertx;
  private final FeedClientOptions options;
  private final FeedFollower follower;
  private final Owner owner;
  private final boolean afresh;
  private final FeedAcks acks;
  private final long startedNs = System.nanoTime();
  private WebSocket socket;
  private boolean over;
  private boolean greeted;
  private int silent;
  private long retryMs;
  private long lookTimer = -1;
  private long ackTimer = -1;

  /** One that goes on at the head if {@code afresh}, else where the follower is. */
  FeedLink(
      Vertx vertx, FeedClientOptions options, FeedFollower follower, Owner owner, boolean afresh) {
    this.vertx = vertx;
    this.options = options;
    this.follower = follower;
    this.owner = owner;
    this.afresh = afresh;
    acks = options.window() > 0 ? new FeedAcks(options.window()) : null;
  }

  void open(WebSocketClient client) {
    lookTimer =
        vertx.setTimer(
            options.timeout().toMillis(), late -> giveUp("no hello within " + options.timeout()));
    Token.of(vertx, options)
        .compose(token -> client.connect(to(token)))
        .onComplete(this::opened, this::refused);
  }

  private WebSocketConnectOptions to(String token) {
    WebSocketConnectOptions to =
        new WebSocketConnectOptions()
            .setHost(options.host())
            .setPort(options.port())
            .setSsl(options.isSsl())
            .setURI("/feed")
            .setAllowOriginHeader(false)
            .setTimeout(options.timeout().toMillis())
            .addSubProtocol(PROTOCOL);
    return token.isEmpty() ? to : to.putHeader("Authorization", "Bearer " + token);
  }

  private void refused(Throwable why) {
    boolean rejected = why instanceof UpgradeRejectedException;
    String reason = rejected ? "refused with " + why.getMessage() : String.valueOf(why);
    end(0, reason, Optional.of(why));
  }

  private void opened(WebSocket opened) {
    socket = opened;
    if (over) {
      drop(1000);
      return;
    }
    socket.textMessageHandler(this::received);
    socket.binaryMessageHandler(data -> giveUp("a binary message"));
    socket.exceptionHandler(broken -> giveUp(String.valueOf(broken)));
    socket.closeHandler(
        closed -> {
          Short code = socket.closeStatusCode();
          String reason = socket.closeReason();
          end(code == null ? 0 : code, reason == null ? "" : reason, Optional.empty());
        });
  }

  private void received(String text) {
    if (over) {
      return;
    }
    silent = 0;
    try {
      take(Wire.parse(text));
    } catch (WireFault fault) {
      giveUp("the server broke the protocol: " + fault.getMessage());
    } catch (RuntimeException bug) {
      LOG.log(Level.ERROR, "bug in the client of the feed", bug);
      giveUp("a bug of ours: " + bug);
    }
  }

  private void take(Wire message) {
    String type = message.name("t");
    if (type.isEmpty()) {
      throw message.wrong("t", "type of a message");
    }
    if (type.equals("bye")) {
      retryMs = message.number("retryMs", 0L);
    } else if (type.equals("hello")) {
      greet(message);
    } else if (greeted) {
      if (follower.take(type, message) && acks != null) {
        acks.came(nowMs());
        acknowledge();
      }
    } else if (!type.equals("error")) {
      throw new WireFault("\"" + type + "\" came before hello");
    }
  }

  private void greet(Wire message) {
    if (greeted) {
      throw new WireFault("a second hello");
    }
    JsonObject subscribe = follower.hello(message, afresh);
    greeted = true;
    vertx.cancelTimer(lookTimer);
    long lookMs = Math.max(1, follower.hello().heartbeatMs() * (long) LOOKS_NUM / 5);
    lookTimer = vertx.setPeriodic(lookMs, look -> look());
    owner.connected(follower.hello());
    send(subscribe);
  }

  private void look() {
    if (++silent > SILENT_MAX) {
      giveUp("two heartbeats are missing");
    }
  }

  private void acknowledge() {
    long waitMs = over ? -1 : acks.waitMs(nowMs());
    if (waitMs == 0) {
      vertx.cancelTimer(ackTimer);
      ackTimer = -1;
      acks.sent(nowMs());
      send(new JsonObject().put("t", "ack").put("seq", follower.seq()));
    } else if (waitMs > 0 && ackTimer == -1) {
      ackTimer =
          vertx.setTimer(
              waitMs,
              due -> {
                ackTimer = -1;
                acknowledge();
              });
    }
  }

  private static long nowMs() {
    return System.nanoTime() / 1_000_000;
  }

  private void send(JsonObject message) {
    if (!over) {
      socket.writeTextMessage(message.encode());
    }
  }

  /** Ends it from this side; what still comes is not heard. */
  void close() {
    over = true;
    stop();
    drop(1000);
  }

  private void giveUp(String why) {
    if (!over) {
      end(0, why, Optional.empty());
      drop(1002);
    }
  }

  private void stop() {
    vertx.cancelTimer(lookTimer);
    vertx.cancelTimer(ackTimer);
  }

  /** Nobody waits for the other side to agree; it may be dead. */
  private void drop(int code) {
    if (socket != null && !socket.isClosed()) {
      socket.close((short) code);
    }
  }

  private void end(int code, String reason, Optional<Throwable> refused) {
    if (over) {
      return;
    }
    over = true;
    stop();
    long lastedMs = greeted ? (System.nanoTime() - startedNs) / 1_000_000 : 0;
    owner.ended(new End(code, reason, retryMs, lastedMs, refused));
  }

  /**
   * Why it makes no sense to come again after that end; empty if it does. A refusal that a server
   * may take back, of 408, 429 or 5xx, is none, and neither is one of the network.
   */
  static Optional<PostmasterException> fatal(End end) {
    if (end.refused().isPresent()) {
      return refusal(end.refused().get());
    }
    ErrorCode code =
        switch (end.code()) {
          case 1009, 4400 -> ErrorCode.BAD_REQUEST;
          case 4401 -> ErrorCode.UNAUTHENTICATED;
          case 4403 -> ErrorCode.FORBIDDEN;
          default -> null;
        };
    return Optional.ofNullable(code)
        .map(
            known ->
                PostmasterException.of(
                    known, "the feed was closed with " + end.code() + ", " + end.reason()));
  }

  private static Optional<PostmasterException> refusal(Throwable why) {
    if (why instanceof PostmasterException ours) {
      return Optional.of(ours);
    }
    if (why instanceof UpgradeRejectedException rejected) {
      int status = rejected.getStatus();
      boolean later = status == 408 || status == 429 || status >= 500;
      return later ? Optional.empty() : Optional.of(Problems.of(status, rejected.getBody()));
    }
    return Optional.empty();
  }
}
