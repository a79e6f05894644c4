package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.TransitionLog;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;

/**
 * The records of the journal as server-sent events, protocols §3: {@code GET /api/v1/transitions}
 * with {@code Accept: text/event-stream}.
 *
 * <p>Shape: {@code id: <epoch>.<seq>}, {@code event: transition}, {@code gap}, {@code heartbeat},
 * {@code error} or {@code bye}, {@code data:} the message of the feed. The id is where to go on: of
 * the heartbeat too, which moves it past what the query leaves out. It begins after {@code
 * Last-Event-ID}, else after the parameter {@code after}, else with the oldest record. There are no
 * pictures: what is missing is a {@code gap}.
 *
 * <p>Errors: {@code BAD_REQUEST}, {@code RATE_LIMITED}: it is counted with the feeds.
 *
 * <p>Threading: the server's event loop.
 */
final class EventStream {

  static final String TYPE = "text/event-stream";

  /** What a response may hold before it counts as full, in bytes. */
  private static final int QUEUE_MAX = 64 * 1_024;

  private final Feed feed;
  private final Authentication authentication;

  EventStream(Feed feed, Authentication authentication) {
    this.feed = feed;
    this.authentication = authentication;
  }

  /** Streams to a client that asks for events; passes any other request on. */
  void open(RoutingContext context, Postmaster postmaster) {
    if (!isAsked(context)) {
      context.next();
      return;
    }
    Optional<Cursor> position = position(context);
    FeedFilter filter = filter(context);
    String address = feed.take(context, postmaster);
    HttpServerResponse response = context.response();
    Answers.secure(response);
    response
        .setChunked(true)
        .setWriteQueueMaxSize(QUEUE_MAX)
        .putHeader("Content-Type", TYPE)
        .writeHead();
    Stream stream = new Stream(response, postmaster.epoch());
    FeedReader reader = new FeedReader(feed, postmaster, stream, false);
    FeedPump pump = new FeedPump(feed, postmaster, stream, reader);
    response.exceptionHandler(broken -> pump.gone());
    response.closeHandler(gone -> pump.gone());
    response.endHandler(ended -> pump.gone());
    response.drainHandler(drained -> pump.pump());
    pump.closed().onComplete(closed -> feed.giveBack(address));
    follow(reader, stream, postmaster.transitions(), filter, position);
    feed.begin(pump, postmaster);
    authentication.watch(Caller.of(context), pump);
    pump.pump();
  }

  private static boolean isAsked(RoutingContext context) {
    return context.request().method() == HttpMethod.GET
        && context.request().headers().getAll("Accept").stream()
            .anyMatch(accept -> accept.toLowerCase(java.util.Locale.ROOT).contains(TYPE));
  }

  private static void follow(
      FeedReader reader,
      Stream stream,
      TransitionLog log,
      FeedFilter filter,
      Optional<Cursor> position) {
    long before = log.oldest() - 1;
    long head = log.head();
    if (position.isEmpty()) {
      reader.follow(filter, before);
    } else if (!position.get().epoch().equals(log.epoch())) {
      stream.send("gap", before, FeedText.gap(0, before, "epoch"));
      reader.follow(filter, before);
    } else if (position.get().seq() > head) {
      String ahead = "seq " + position.get().seq() + " is ahead of the head, " + head;
      stream.send("error", head, FeedText.error("RESUME_AHEAD", ahead, false));
      reader.follow(filter, head);
    } else {
      reader.follow(filter, position.get().seq());
    }
  }

  private static Optional<Cursor> position(RoutingContext context) {
    String id = context.request().getHeader("Last-Event-ID");
    Optional<String> text = id == null ? one(context, "after") : Optional.of(id);
    return text.filter(given -> !given.isEmpty()).map(EventStream::cursor);
  }

  private static Cursor cursor(String text) {
    return Cursor.parse(text).orElseThrow(() -> bad("\"" + text + "\" is not <epoch>.<seq>"));
  }

  private static FeedFilter filter(RoutingContext context) {
    Optional<String> slot = one(context, "slot");
    if (slot.isPresent() && !slot.get().matches("\\d{1,6}")) {
      throw bad("slot: \"" + slot.get() + "\" is not a whole number from 0");
    }
    return FeedFilter.of(
        slot.map(Integer::valueOf).orElse(null), one(context, "type").orElse(null));
  }

  private static Optional<String> one(RoutingContext context, String parameter) {
    List<String> values = context.queryParam(parameter);
    if (values.size() > 1) {
      throw bad(parameter + " is given more than once");
    }
    return values.stream().findFirst();
  }

  private static PostmasterException bad(String what) {
    return PostmasterException.of(ErrorCode.BAD_REQUEST, what);
  }

  /** The response, as events. */
  private record Stream(HttpServerResponse response, String epoch) implements FeedPump.Wire {

    @Override
    public boolean isClosed() {
      return response.ended() || response.closed();
    }

    @Override
    public boolean full() {
      return isClosed() || response.writeQueueFull();
    }

    @Override
    public void send(String type, long seq, String text) {
      if (!isClosed()) {
        String id = seq == FeedReader.NOWHERE ? "" : "id: " + epoch + '.' + seq + '\n';
        response.write(id + "event: " + type + "\ndata: " + text + "\n\n");
      }
    }

    /** One that takes nothing is cut off by the limit on idle writes. */
    @Override
    public void close(CloseCode code) {
      send("bye", FeedReader.NOWHERE, FeedText.bye(code));
      response.end();
    }
  }
}
