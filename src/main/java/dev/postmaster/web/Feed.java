package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Opens feeds, and wakes them and the event streams: protocols §4.
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

  /** Between two looks at what has changed without a transition (protocols §4). */
  private static final long LOOK_MS = 1_000;

  private final Vertx vertx;
  private final WebOptions options;
  private final Scrapes scrapes;
  private final Connections connections;
  private final Set<FeedPump> pumps = new LinkedHashSet<>();
  private final RecordTexts texts = new RecordTexts();
  private ChangedSlots changed;
  private Runnable deaf;
  private long lookTimer;
  private boolean waking;
  private boolean left;

  /** Where its viewers are, once there was one. */
  private volatile Context loop;

  Feed(Vertx vertx, WebOptions options, Scrapes scrapes) {
    this.vertx = vertx;
    this.options = options;
    this.scrapes = scrapes;
    connections = new Connections(options);
  }

  Vertx vertx() {
    return vertx;
  }

  WebOptions options() {
    return options;
  }

  /** Where it is counted what there is of viewers. */
  Scrapes scrapes() {
    return scrapes;
  }

  RecordTexts texts() {
    return texts;
  }

  /** Known as soon as there is a viewer. */
  ChangedSlots changed() {
    return changed;
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

  /** Upgrades a request of that role that has passed all checks but that of the limits. */
  Future<FeedSession> open(RoutingContext context, Postmaster postmaster, String role) {
    String address = take(context, postmaster);
    return context
        .request()
        .toWebSocket()
        .onFailure(refused -> connections.giveBack(address))
        .map(
            socket -> {
              FeedSession session = new FeedSession(this, postmaster, socket, role);
              session.pump().closed().onComplete(closed -> connections.giveBack(address));
              session.open();
              begin(session.pump(), postmaster);
              return session;
            });
  }

  /**
   * Takes a place for a viewer.
   *
   * @return the address to give it back by
   * @throws PostmasterException {@code RATE_LIMITED}, or {@code POSTMASTER_DIED}
   */
  String take(RoutingContext context, Postmaster postmaster) {
    if (left) {
      throw PostmasterException.of(ErrorCode.POSTMASTER_DIED, "the postmaster has ended");
    }
    String address = context.request().remoteAddress().host();
    connections.take(address);
    loop = vertx.getOrCreateContext();
    if (changed == null) {
      changed = new ChangedSlots(postmaster);
    }
    return address;
  }

  void giveBack(String address) {
    connections.giveBack(address);
  }

  /** Wakes it from now on whenever there is something to read. */
  void begin(FeedPump pump, Postmaster postmaster) {
    if (pumps.isEmpty()) {
      changed.look();
      lookTimer = vertx.setPeriodic(LOOK_MS, tick -> look());
      deaf = postmaster.onTransition(transition -> wake(), PATIENCE);
    }
    pumps.add(pump);
    scrapes.feeds().came();
    pump.closed().onComplete(closed -> end(pump));
    if (left) {
      pump.leave();
    }
  }

  private void end(FeedPump pump) {
    if (!pumps.remove(pump)) {
      return;
    }
    scrapes.feeds().left();
    if (pumps.isEmpty()) {
      vertx.cancelTimer(lookTimer);
      deaf.run();
    }
  }

  private void look() {
    BitSet slots = changed.look();
    if (!slots.isEmpty()) {
      all().forEach(pump -> pump.changed(slots));
    }
  }

  private List<FeedPump> all() {
    return new ArrayList<>(pumps);
  }

  private void wake() {
    if (waking) {
      return;
    }
    waking = true;
    vertx.runOnContext(
        on -> {
          waking = false;
          all().forEach(FeedPump::pump);
        });
  }

  /** The same as {@link #leave}, from any thread. */
  void leaveOnItsLoop() {
    Context known = loop;
    if (known != null) {
      known.runOnContext(on -> leave());
    }
  }

  /** Ends every feed with 1001; done when all are closed. */
  Future<Void> leave() {
    left = true;
    List<Future<?>> closing = new ArrayList<>();
    for (FeedPump pump : all()) {
      pump.leave();
      closing.add(pump.closed());
    }
    return Future.join(closing).mapEmpty();
  }
}
