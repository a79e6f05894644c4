package dev.postmaster.web;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import java.io.IOException;
import java.lang.System.Logger.Level;

/**
 * One viewer of the feed, from its upgrade to its end: its socket, and what it says.
 *
 * <p>Threading: the server's event loop.
 */
final class FeedSession implements FeedPump.Wire {

  /** What a socket may hold before it counts as full, in bytes. */
  private static final int SOCKET_MAX = 64 * 1_024;

  /** Messages a second that a viewer may send, pings included. */
  private static final int RATE_MAX = 10;

  private final Vertx vertx;
  private final WebOptions options;
  private final Postmaster postmaster;
  private final ServerWebSocket socket;
  private final String role;
  private final FeedReader reader;
  private final FeedPump pump;
  private long subscribeTimer;
  private double allowance = RATE_MAX;
  private long countedAtNs = System.nanoTime();

  FeedSession(Feed feed, Postmaster postmaster, ServerWebSocket socket, String role) {
    this.vertx = feed.vertx();
    this.options = feed.options();
    this.postmaster = postmaster;
    this.socket = socket;
    this.role = role;
    reader = new FeedReader(feed, postmaster, this, true);
    pump = new FeedPump(feed, postmaster, this, reader);
  }

  FeedPump pump() {
    return pump;
  }

  void open() {
    socket.setWriteQueueMaxSize(SOCKET_MAX);
    socket.frameHandler(frame -> pump.guard(() -> count(frame)));
    socket.textMessageHandler(text -> pump.guard(() -> received(text)));
    socket.binaryMessageHandler(data -> end(CloseCode.BAD_MESSAGE));
    socket.drainHandler(drained -> pump.pump());
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
    long heartbeatMs = options.heartbeat().toMillis();
    pump.guard(() -> send("hello", FeedText.hello(postmaster, heartbeatMs, role)));
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
      send("error", FeedText.error("BAD_MESSAGE", bad.getMessage(), true));
      end(CloseCode.BAD_MESSAGE);
      return;
    }
    switch (message.kind()) {
      case SUBSCRIBE -> subscribe(message);
      case PING -> pump.beat();
      case ACK -> {
        reader.acknowledged(message.acknowledged());
        pump.pump();
      }
    }
  }

  private void subscribe(ClientMessage message) {
    if (!message.badFilter().isEmpty()) {
      send("error", FeedText.error("BAD_FILTER", message.badFilter(), false));
    } else if (reader.subscribe(message)) {
      vertx.cancelTimer(subscribeTimer);
      pump.pump();
    } else {
      end(CloseCode.NO_RESUME);
    }
  }

  @Override
  public boolean full() {
    return socket.isClosed() || socket.writeQueueFull();
  }

  @Override
  public boolean isClosed() {
    return socket.isClosed();
  }

  private void send(String type, String text) {
    send(type, FeedReader.NOWHERE, text);
  }

  @Override
  public void send(String type, long seq, String text) {
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

  /**
   * Ends the feed: for whoever judges the viewer, when its session is over ({@link
   * CloseCode#SESSION}) or it may not see this any more ({@link CloseCode#REFUSED}).
   */
  void end(CloseCode code) {
    pump.end(code);
  }

  /** A viewer that reads nothing is cut off by the limit on idle writes. */
  @Override
  public void close(CloseCode code) {
    send("bye", FeedText.bye(code));
    socket.close((short) code.number(), code.reason());
  }

  private void gone() {
    vertx.cancelTimer(subscribeTimer);
    pump.gone();
  }
}
