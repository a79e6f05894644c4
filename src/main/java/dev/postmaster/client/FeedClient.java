package dev.postmaster.client;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog.Gap;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Follows the feed of a postmaster, protocols §4, and comes back whenever the connection is lost.
 *
 * <pre>{@code
 * FeedClient feed = FeedClient.create(vertx, new FeedClientOptions().setPort(7432));
 * feed.onTransition(t -> log(t)).onGap(gap -> log(gap));
 * feed.start().onSuccess(picture -> show(picture.workers()));
 * }</pre>
 *
 * <p>Ordering: within an epoch each record is told at most once, in order of {@code seq}; one that
 * is missing did not match the filter, or lies in a gap that was told. A gap is told when the
 * picture that stands for it has come. The picture already has what a handler is told.
 *
 * <p>Threading: any thread may call anything; handlers, set before the start, are called on the
 * context of whoever started it, one at a time, and what they throw is logged. While a handler
 * takes its time nothing is read, and the server may skip records: a gap.
 *
 * <p>Errors: what passes is retried for ever. {@link #ended()} fails with {@code BAD_REQUEST},
 * {@code UNAUTHENTICATED} or {@code FORBIDDEN} where coming again makes no sense.
 */
public final class FeedClient {

  private static final System.Logger LOG = System.getLogger("dev.postmaster.client");

  /** Twice the largest message that a server sends. */
  static final int MESSAGE_MAX = 128 * 1_024;

  /** Errors after which a subscription still comes, or may. */
  private static final Set<String> PASSING = Set.of("RESUME_AHEAD", "RATE_LIMITED");

  private final Vertx vertx;
  private final FeedClientOptions options;
  private final LivePicture picture = new LivePicture();
  private final FeedFollower follower;
  private final Reconnects reconnects;
  private final Promise<FeedPicture> begun = Promise.promise();
  private final Promise<Void> ended = Promise.promise();
  private Handler<Transition> onTransition = transition -> {};
  private Handler<Gap> onGap = gap -> {};
  private Handler<FeedPicture> onPicture = drawn -> {};
  private Handler<FeedHello> onConnected = hello -> {};
  private Handler<FeedDisconnect> onDisconnected = end -> {};
  private Context context;

  /** Kept here, because one that is collected closes its sockets. */
  private WebSocketClient client;

  private FeedLink link;
  private int attempt;
  private boolean afresh;
  private boolean closed;
  private long retryTimer = -1;

  private FeedClient(Vertx vertx, FeedClientOptions options) {
    this.vertx = vertx;
    this.options = options;
    reconnects =
        new Reconnects(options.reconnectMin().toMillis(), options.reconnectMax().toMillis());
    follower = new FeedFollower(options, picture, new Told());
  }

  /**
   * Builds one; nothing is connected before {@link #start()}.
   *
   * @throws IllegalArgumentException naming the option that is at fault
   */
  public static FeedClient create(Vertx vertx, FeedClientOptions options) {
    options.check();
    return new FeedClient(vertx, new FeedClientOptions(options));
  }

  /** Is told each transition. */
  public FeedClient onTransition(Handler<Transition> handler) {
    onTransition = handler;
    return this;
  }

  /** Is told which records will not come, both ends included. */
  public FeedClient onGap(Handler<Gap> handler) {
    onGap = handler;
    return this;
  }

  /** Is told each picture that did not come about by transitions: the first, and after a gap. */
  public FeedClient onPicture(Handler<FeedPicture> handler) {
    onPicture = handler;
    return this;
  }

  /** Is told of each connection, before anything comes over it. */
  public FeedClient onConnected(Handler<FeedHello> handler) {
    onConnected = handler;
    return this;
  }

  /** Is told of the end of each connection but by {@link #close()}, and of each failed attempt. */
  public FeedClient onDisconnected(Handler<FeedDisconnect> handler) {
    onDisconnected = handler;
    return this;
  }

  /**
   * Connects, for as long as it takes.
   *
   * @return the first whole picture, without a snapshot an empty one once connected; fails if
   *     {@link #ended()} comes first
   */
  public synchronized Future<FeedPicture> start() {
    if (context == null) {
      context = vertx.getOrCreateContext();
      context.runOnContext(on -> begin());
    }
    return begun.future();
  }

  private void begin() {
    if (closed) {
      return;
    }
    client =
        vertx.createWebSocketClient(
            new WebSocketClientOptions()
                .setMaxFrameSize(MESSAGE_MAX)
                .setMaxMessageSize(MESSAGE_MAX)
                .setConnectTimeout((int) options.timeout().toMillis())
                .setClosingTimeout(1)
                .setTrustOptions(options.trust().orElse(null)));
    connect();
  }

  private void connect() {
    link = new FeedLink(vertx, options, follower, new Connection(), afresh);
    link.open(client);
  }

  /** The picture as it is now; any thread. */
  public FeedPicture picture() {
    return picture.read();
  }

  /** Completes after {@link #close()}; fails when the client has given up. */
  public Future<Void> ended() {
    return ended.future();
  }

  /**
   * Ends it; no handler is called any more once this is done. One that a verticle started ends with
   * that.
   */
  public synchronized Future<Void> close() {
    if (context == null) {
      context = vertx.getOrCreateContext();
    }
    context.runOnContext(on -> finish(closing()));
    return ended.future().otherwiseEmpty();
  }

  private static PostmasterException closing() {
    return PostmasterException.of(ErrorCode.POSTMASTER_DIED, "the client was closed");
  }

  private void finish(PostmasterException unmet) {
    if (closed) {
      return;
    }
    closed = true;
    vertx.cancelTimer(retryTimer);
    if (link != null) {
      link.close();
    }
    if (client != null) {
      client.close();
    }
    begun.tryFail(unmet);
    ended.tryComplete();
  }

  private void giveUp(PostmasterException why) {
    ended.tryFail(why);
    finish(why);
  }

  private <T> void tell(Handler<T> handler, T what) {
    if (closed) {
      return;
    }
    try {
      handler.handle(what);
    } catch (Throwable thrown) {
      LOG.log(Level.WARNING, "a handler of the feed threw", thrown);
    }
  }

  /** What the follower has to tell. */
  private final class Told implements FeedFollower.Listener {

    @Override
    public void transition(Transition transition) {
      tell(onTransition, transition);
    }

    @Override
    public void gap(Gap gap) {
      tell(onGap, gap);
    }

    @Override
    public void whole() {
      FeedPicture drawn = picture.read();
      begun.tryComplete(drawn);
      tell(onPicture, drawn);
    }

    @Override
    public void error(String code, String message, boolean answered) {
      LOG.log(Level.DEBUG, "the feed said {0}: {1}", code, message);
      if (!answered && !PASSING.contains(code)) {
        giveUp(PostmasterException.of(ErrorCode.BAD_REQUEST, code + ": " + message));
      }
    }
  }

  /** What a connection has to tell. */
  private final class Connection implements FeedLink.Owner {

    @Override
    public void connected(FeedHello hello) {
      afresh = false;
      tell(onConnected, hello);
      if (!options.snapshot()) {
        begun.tryComplete(picture.read());
      }
    }

    @Override
    public void ended(FeedLink.End end) {
      if (end.refused().filter(IllegalStateException.class::isInstance).isPresent()) {
        // Vert.x closed our WebSocketClient, with the verticle whose context this is.
        finish(closing());
        return;
      }
      Optional<PostmasterException> fatal = FeedLink.fatal(end);
      if (fatal.isPresent()) {
        tell(onDisconnected, new FeedDisconnect(end.code(), end.reason(), Optional.empty()));
        giveUp(fatal.get());
        return;
      }
      afresh |= end.code() == 4410;
      attempt = end.lastedMs() >= options.healthy().toMillis() ? 0 : attempt;
      double chance = ThreadLocalRandom.current().nextDouble();
      long delayMs = reconnects.delayMs(attempt++, chance, end.retryMs());
      LOG.log(Level.DEBUG, "feed lost: {0} {1}", end.code(), end.reason());
      tell(onDisconnected, new FeedDisconnect(end.code(), end.reason(), Optional.of(delayMs)));
      if (!closed) {
        retryTimer = vertx.setTimer(delayMs, again -> connect());
      }
    }
  }
}
