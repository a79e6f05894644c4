package dev.postmaster.web;

import dev.postmaster.Postmaster;
import dev.postmaster.StatusJson;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/**
 * A page of the journal: {@code {"epoch", "transitions", "next", "gap"}}. {@code next} is what to
 * ask {@code after} for more; a {@code gap} comes before the transitions.
 *
 * <p>Threading: the server's event loop, whose turns it shares with others.
 */
final class TransitionPages {

  private static final int LIMIT_MAX = 1_000;

  /** Records looked at in one turn. */
  private static final int BATCH = 1_000;

  /** Records looked at for one page: with a narrow filter it may be empty, and go on. */
  private static final int LOOKED_MAX = 100_000;

  private final TransitionLog log;
  private final Vertx vertx;
  private final int limit;
  private final Optional<Integer> slot;
  private final Optional<String> type;
  private final JsonArray found = new JsonArray();
  private JsonObject gap;
  private long after;
  private int looked;

  private TransitionPages(RoutingContext context, Vertx vertx, Postmaster postmaster) {
    this.vertx = vertx;
    log = postmaster.transitions();
    limit = QueryParameters.number(context, "limit", LIMIT_MAX, 1, LIMIT_MAX);
    slot =
        QueryParameters.one(context, "slot")
            .map(text -> QueryParameters.number(context, "slot", -1, -1, Integer.MAX_VALUE));
    type = QueryParameters.one(context, "type");
    QueryParameters.one(context, "after").ifPresentOrElse(this::from, this::fromTheOldest);
  }

  /** Reads the page that a request asks for. */
  static Future<JsonObject> read(RoutingContext context, Vertx vertx, Postmaster postmaster) {
    return new TransitionPages(context, vertx, postmaster).read();
  }

  private void from(String text) {
    Cursor cursor =
        Cursor.parse(text)
            .orElseThrow(() -> QueryParameters.bad("after", text, "is not <epoch>.<seq>"));
    long head = log.head();
    if (!cursor.epoch().equals(log.epoch())) {
      fromTheOldest();
      gap = gap(0, after, "epoch");
    } else if (cursor.seq() > head) {
      throw QueryParameters.bad("after", text, "is ahead of the head, " + head);
    } else {
      after = cursor.seq();
    }
  }

  private void fromTheOldest() {
    after = Math.max(0, log.oldest() - 1);
  }

  private static JsonObject gap(long from, long to, String reason) {
    return new JsonObject().put("from", from).put("to", to).put("reason", reason);
  }

  private Future<JsonObject> read() {
    boolean more = batch();
    if (!more) {
      return Future.succeededFuture(
          new JsonObject()
              .put("epoch", log.epoch())
              .put("transitions", found)
              .put("next", new Cursor(log.epoch(), after).toString())
              .put("gap", gap));
    }
    Promise<Void> turn = Promise.promise();
    vertx.runOnContext(turn::complete);
    return turn.future().compose(on -> read());
  }

  /** Looks at some records; false if the page is done. */
  private boolean batch() {
    int asked = slot.isPresent() || type.isPresent() ? BATCH : limit - found.size();
    TransitionLog.Page page = log.read(after, asked);
    if (page.gap().isPresent()) {
      if (!found.isEmpty()) {
        // It belongs before what follows it: to the next page.
        return false;
      }
      TransitionLog.Gap lost = page.gap().get();
      long from = gap == null ? lost.from() : gap.getLong("from");
      String reason = gap == null ? lost.reason() : gap.getString("reason");
      gap = gap(from, lost.to(), reason);
      after = lost.to();
    }
    for (Transition record : page.transitions()) {
      if (found.size() == limit) {
        return false;
      }
      after = record.seq();
      if (matches(record)) {
        found.add(StatusJson.transition(record));
      }
    }
    looked += page.transitions().size();
    return found.size() < limit && looked < LOOKED_MAX && page.transitions().size() == asked;
  }

  /** The postmaster's own records are for everybody. */
  private boolean matches(Transition record) {
    return record.own()
        || slot.map(wanted -> record.slot() == wanted).orElse(true)
            && type.map(record.type()::equals).orElse(true);
  }
}
