package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.request.Action;
import dev.postmaster.request.Bodies;
import dev.postmaster.request.Requests;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What is asked of the postmaster over HTTP, protocols §3: the requests of the bus, with the
 * answers of HTTP.
 *
 * <p>Threading: the server's event loop.
 *
 * <p>Errors: those of {@link Requests}.
 */
final class Changes {

  /** Longest of a long poll. */
  static final Duration POLL_MAX = Duration.ofSeconds(30);

  /** Long polls of one role; who has gone away holds his place until his time is over. */
  private static final int WAITS_MAX = 1_024;

  private final Vertx vertx;
  private final Map<Role, Requests> doors = new EnumMap<>(Role.class);

  Changes(Vertx vertx) {
    this.vertx = vertx;
  }

  private Future<JsonObject> ask(
      RoutingContext context, Postmaster postmaster, Action action, Supplier<JsonObject> body) {
    Requests door =
        doors.computeIfAbsent(
            Caller.of(context).role(),
            role ->
                new Requests(
                    vertx,
                    postmaster.as(role.by()),
                    role.by().word(),
                    postmaster.status().slotsTotal(),
                    POLL_MAX,
                    WAITS_MAX));
    Refused.byThePostmaster(context);
    return door.ask(action, body, key(context));
  }

  private static Optional<String> key(RoutingContext context) {
    List<String> keys = context.request().headers().getAll("Idempotency-Key");
    if (keys.size() > 1) {
      throw PostmasterException.of(
          ErrorCode.BAD_REQUEST, "the header Idempotency-Key is given more than once");
    }
    return keys.stream().findFirst();
  }

  private static JsonObject body(RoutingContext context) {
    return Bodies.read(context.body().buffer());
  }

  void register(RoutingContext context, Postmaster postmaster) {
    Answers.later(
        context,
        ask(context, postmaster, Action.REGISTER, () -> body(context)),
        handle -> {
          String path = context.request().path() + '/' + handle.getString("handle");
          context.response().putHeader("Location", path);
          Answers.json(context, 201, handle);
        });
  }

  void terminate(RoutingContext context, Postmaster postmaster) {
    accepted(
        context,
        new WorkerPath(vertx, postmaster, context)
            .handle()
            .compose(
                handle ->
                    ask(
                        context,
                        postmaster,
                        Action.TERMINATE,
                        () -> new JsonObject().put("handle", handle))));
  }

  void signal(RoutingContext context, Postmaster postmaster) {
    JsonObject body = body(context);
    if (body.containsKey("handle") || body.containsKey("all")) {
      throw PostmasterException.of(
          ErrorCode.BAD_REQUEST, "the path says which worker is meant, not the body");
    }
    accepted(
        context,
        new WorkerPath(vertx, postmaster, context)
            .handle()
            .compose(
                handle ->
                    ask(context, postmaster, Action.SIGNAL, () -> body.put("handle", handle))));
  }

  /** Whatever is asked of the postmaster as a whole, with the body of the bus. */
  void whole(RoutingContext context, Postmaster postmaster, Action action) {
    accepted(context, ask(context, postmaster, action, () -> body(context)));
  }

  private static void accepted(RoutingContext context, Future<JsonObject> later) {
    Answers.later(context, later, body -> Answers.json(context, 202, body));
  }

  void entryPoints(RoutingContext context, Postmaster postmaster) {
    Answers.later(
        context,
        ask(context, postmaster, Action.ENTRY_POINTS, JsonObject::new),
        body -> Answers.json(context, body));
  }

  /**
   * A long poll. What runs out is an answer here, with the worker as it is then; who has gone away
   * meanwhile keeps nothing but a place among those who wait.
   */
  void await(RoutingContext context, Postmaster postmaster) {
    String goal = QueryParameters.one(context, "await").orElseThrow();
    int timeoutMs = QueryParameters.number(context, "timeoutMs", pollMs(), 0, pollMs());
    Future<JsonObject> outcome =
        new WorkerPath(vertx, postmaster, context)
            .handle()
            .compose(
                handle -> {
                  JsonObject asked =
                      new JsonObject()
                          .put("handle", handle)
                          .put("for", goal)
                          .put("timeoutMs", timeoutMs);
                  return ask(context, postmaster, Action.AWAIT, () -> asked)
                      .recover(Changes::timeout);
                });
    Answers.later(context, outcome, body -> Answers.json(context, body));
  }

  private static int pollMs() {
    return (int) POLL_MAX.toMillis();
  }

  private static Future<JsonObject> timeout(Throwable failure) {
    return failure instanceof PostmasterException refusal && refusal.code() == ErrorCode.TIMEOUT
        ? Future.succeededFuture(Requests.timedOut(refusal.status().orElseThrow()))
        : Future.failedFuture(failure);
  }
}
