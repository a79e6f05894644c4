package dev.postmaster.web;

import dev.postmaster.Postmaster;
import dev.postmaster.metrics.FeedMetrics;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.lang.System.Logger.Level;
import java.util.BitSet;

/**
 * Keeps the reader of one viewer reading, with a heartbeat now and then, and ends a viewer that
 * stays too slow.
 *
 * <p>Threading: the server's event loop.
 */
final class FeedPump {

  /** The connection to the viewer. */
  interface Wire extends FeedReader.Sink {

    boolean isClosed();

    /** Says why, and closes; what follows is not sent any more. */
    void close(CloseCode code);
  }

  /**
   * Between two turns. A task in place of a timer would be no pause: a loop takes 64 of those
   * before it looks at its connections again.
   */
  private static final long PAUSE_MS = 1;

  private final Vertx vertx;
  private final WebOptions options;
  private final FeedMetrics feeds;
  private final Postmaster postmaster;
  private final Wire wire;
  private final FeedReader reader;
  private final Promise<Void> closed = Promise.promise();
  private final long heartbeatTimer;
  private boolean ending;
  private boolean again;
  private boolean slow;
  private long slowSinceNs;

  FeedPump(Feed feed, Postmaster postmaster, Wire wire, FeedReader reader) {
    this.vertx = feed.vertx();
    this.options = feed.options();
    this.feeds = feed.scrapes().feeds();
    this.postmaster = postmaster;
    this.wire = wire;
    this.reader = reader;
    heartbeatTimer = vertx.setPeriodic(options.heartbeat().toMillis(), tick -> guard(this::beat));
  }

  /** Done when the connection is gone. */
  Future<Void> closed() {
    return closed.future();
  }

  /** A bug of ours ends this viewer's feed and nobody else's. */
  void guard(Runnable step) {
    if (ending || wire.isClosed()) {
      return;
    }
    try {
      step.run();
    } catch (RuntimeException bug) {
      Site.LOG.log(Level.ERROR, "bug in the feed", bug);
      end(CloseCode.INTERNAL);
    }
  }

  /** Reads on, as far as the connection takes it. */
  void pump() {
    guard(
        () -> {
          if (reader.subscribed() && reader.turn() == FeedReader.Turn.MORE && !again) {
            again = true;
            vertx.setTimer(PAUSE_MS, on -> pumpAgain());
          }
          checkPace();
        });
  }

  private void pumpAgain() {
    again = false;
    pump();
  }

  /** Slots have changed without a record. */
  void changed(BitSet slots) {
    reader.changed(slots);
    pump();
  }

  private void checkPace() {
    if (!reader.slow()) {
      slow = false;
    } else if (!slow) {
      slow = true;
      slowSinceNs = System.nanoTime();
    } else if (System.nanoTime() - slowSinceNs > options.slowLimit().toNanos()) {
      end(CloseCode.SLOW);
    }
  }

  /** A heartbeat, from which a viewer may resume. */
  void beat() {
    if (!wire.full()) {
      String text = FeedText.heartbeat(postmaster, reader.sent());
      wire.send("heartbeat", reader.sent().orElse((long) FeedReader.NOWHERE), text);
    }
    pump();
  }

  /** Sends what is still to be read, and ends. */
  void leave() {
    pump();
    end(CloseCode.GOING_AWAY);
  }

  void end(CloseCode code) {
    if (!ending && !wire.isClosed()) {
      ending = true;
      if (code == CloseCode.SLOW) {
        feeds.wasSlow();
      }
      wire.close(code);
    }
  }

  /** The connection is gone. */
  void gone() {
    ending = true;
    vertx.cancelTimer(heartbeatTimer);
    closed.tryComplete();
  }
}
