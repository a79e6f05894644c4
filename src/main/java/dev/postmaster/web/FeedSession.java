package dev.postmaster.web;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import java.io.IOException;
import java.lang.System.Logger.Level;

/**
 * One viewer of the feed, from its upgrade to its end: its socket, its timers, what it says.
 *
 * <p>Threading: the server's event loop.
 */
final class FeedSession implements FeedReader.Sink {

  /** What a socket may hold before it counts as full, in bytes. */
  private static final int SOCKET_MAX = 64 * 1_024;

  /** Messages a second that a viewer may send, pings included. */
  private static final int RATE_MAX = 10;

  private final Vertx vertx;
  private final WebOptions options;
  private final Postmaster postmaster;
  private final ServerWebSocket socket;
  private final FeedReader reader;
  private final Promise<Void> closed = Promise.promise();
  private long subscribeTimer;
  private long heartbeatTimer;
  private boolean ending;
  private boolean again;
  private boolean behind;
  private long behindSinceNs;
  private double allowance = RATE_MAX;
  private long countedAtNs = System.nanoTime();

  FeedSession(Feed feed, Postmaster postmaster, ServerWebSocket socket) {
    this.vertx = feed.vertx();
    this.options = feed.options();
    this.postmaster = postmaster;
    this.socket = socket;
    reader = new FeedReader(postmaster, feed.texts(), this);
  }

  /** Done when the connection is gone. */
  Future<Void> closed() {
    return closed.future();
  }

  void open() {
    socket.setWriteQueueMaxSize(SOCKET_MAX);
    socket.frameHandler(frame -> guard(() -> count(frame)));
    socket.textMessageHandler(text -> guard(() -> received(text)));
    socket.binaryMessageHandler(data -> end(CloseCode.BAD_MESSAGE));
    socket.drainHandler(drained -> pump());
    socket.exceptionHandler(this::failed);
    socket.closeHandler(gone -> gone());
    subscribeTimer =
        vertx.setTimer(
            options.subscribeTimeout().toMillis(),
            late -> {
              if (!reader.subscribed()) {
                end(CloseCode.NO_SUBSCRIBE);
              }
            });
    heartbeatTimer = vertx.setPeriodic(options.heartbeat().toMillis(), tick -> guard(this::beat));
    guard(() -> send(FeedText.hello(postmaster, options.heartbeat().toMillis())));
  }

  /** A bug of ours ends this viewer's feed and nobody else's. */
  private void guard(Runnable step) {
    if (ending || socket.isClosed()) {
      return;
    }
    try {
      step.run();
    } catch (RuntimeException bug) {
      Site.LOG.log(Level.ERROR, "bug in the feed", bug);
      end(CloseCode.INTERNAL);
    }
  }

  /** Holds a viewer to its rate: a second's worth may come at once. */
  private void count(WebSocketFrame frame) {
    long nowNs = System.nanoTime();
    double earned = (nowNs - countedAtNs) * 1e-9 * RATE_MAX;
    countedAtNs = nowNs;
    allowance = Math.min(RATE_MAX, allowance + earned) - 1;
    if (allowance < 0) {
      end(CloseCode.TOO_MANY);
    }
  }

  private void received(String text) {
    ClientMessage message;
    try {
      message = ClientMessage.read(text);
    } catch (PostmasterException bad) {
      send(FeedText.error("BAD_MESSAGE", bad.getMessage(), true));
      end(CloseCode.BAD_MESSAGE);
      return;
    }
    switch (message.kind()) {
      case SUBSCRIBE -> subscribe(message);
      case PING -> beat();
      case ACK -> {
        // It only opens a window, and there is none: a viewer takes what its socket takes.
      }
    }
  }

  private void subscribe(ClientMessage message) {
    if (!message.unsupported().isEmpty()) {
      String what = message.unsupported() + " is not supported yet; nothing was changed";
      send(FeedText.error("NOT_SUPPORTED", what, false));
    } else if (reader.subscribe(message)) {
      vertx.cancelTimer(subscribeTimer);
      pump();
    } else {
      end(CloseCode.NO_RESUME);
    }
  }

  /** Reads on, as far as the socket takes it. */
  void pump() {
    guard(
        () -> {
          if (reader.subscribed() && reader.turn() == FeedReader.Turn.MORE && !again) {
            again = true;
            vertx.runOnContext(
                on -> {
                  again = false;
                  pump();
                });
          }
          checkPace();
        });
  }

  private void checkPace() {
    if (!reader.behind()) {
      behind = false;
    } else if (!behind) {
      behind = true;
      behindSinceNs = System.nanoTime();
    } else if (System.nanoTime() - behindSinceNs > options.slowLimit().toNanos()) {
      end(CloseCode.SLOW);
    }
  }

  private void beat() {
    if (!full()) {
      send(FeedText.heartbeat(postmaster, reader.sent()));
    }
    pump();
  }

  @Override
  public boolean full() {
    return socket.isClosed() || socket.writeQueueFull();
  }

  @Override
  public void send(String text) {
    if (!socket.isClosed()) {
      socket.writeTextMessage(text);
    }
  }

  /** A frame that is too large is refused by the decoder; many that are it together, here. */
  private void failed(Throwable failure) {
    Site.LOG.log(Level.DEBUG, "the feed of {0} failed: {1}", socket.remoteAddress(), "" + failure);
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof IllegalStateException || message.startsWith("Max frame length")) {
      end(CloseCode.TOO_LARGE);
    } else if (!(failure instanceof IOException)) {
      // Frames that are against the protocol; a connection that broke says nothing any more.
      end(CloseCode.BAD_MESSAGE);
    }
  }

  /** Sends what is still to be read, and ends. */
  void leave() {
    pump();
    end(CloseCode.GOING_AWAY);
  }

  /** Says why, and closes; a viewer that reads nothing is cut off by the limit on idle writes. */
  private void end(CloseCode code) {
    if (ending || socket.isClosed()) {
      return;
    }
    ending = true;
    send(FeedText.bye(code));
    socket.close((short) code.number(), code.reason());
  }

  private void gone() {
    ending = true;
    vertx.cancelTimer(subscribeTimer);
    vertx.cancelTimer(heartbeatTimer);
    closed.tryComplete();
  }
}
