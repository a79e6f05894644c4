package dev.postmaster.request;

import dev.postmaster.Exit;
import dev.postmaster.Postmaster;
import dev.postmaster.Signal;
import dev.postmaster.StatusJson;
import dev.postmaster.Transition;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerQuery;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerStatus;
import dev.postmaster.WorkerStatus.LastEnd;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What can be asked of a worker: each action reads its body, asks the postmaster and makes the
 * reply of protocols §2.
 *
 * <p>Threading: the loop of its {@link Requests}, where the futures complete too.
 *
 * <p>Errors: thrown or in the future, {@code BAD_REQUEST} for a body that is not the action's,
 * {@code UNKNOWN_WORKER} for a slot that this epoch does not have, else the postmaster's.
 */
final class WorkerActions {

  /** What can be waited for, by its word in {@code for}. */
  private enum Goal {
    STARTED,
    READY,
    STOPPED,
    GONE;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final long AWAIT_MS_MAX = Duration.ofHours(24).toMillis();

  private static final int NAME_BYTES_MAX = 95;

  private final Vertx vertx;
  private final Postmaster postmaster;
  private final int slots;
  private final Duration awaitTimeout;

  WorkerActions(Vertx vertx, Postmaster postmaster, int slots, Duration awaitTimeout) {
    this.vertx = vertx;
    this.postmaster = postmaster;
    this.slots = slots;
    this.awaitTimeout = awaitTimeout;
  }

  /** A specification → {@code {"handle", "slot", "generation"}}. */
  Future<JsonObject> register(JsonObject specification) {
    return postmaster
        .register(WorkerSpec.fromJson(specification))
        .map(WorkerHandle::handle)
        .map(
            handle ->
                new JsonObject()
                    .put("handle", handle.toString())
                    .put("slot", handle.slot())
                    .put("generation", handle.generation()));
  }

  /** {@code {"handle"}} → {@code {"state"}}. */
  Future<JsonObject> terminate(JsonObject body) {
    return worker(new Fields(body, Set.of("handle")))
        .terminate()
        .map(state -> new JsonObject().put("state", state.word()));
  }

  /** {@code {"handle"}} → WORKER, also of a registration that is gone. */
  Future<JsonObject> status(JsonObject body) {
    WorkerHandle worker = worker(new Fields(body, Set.of("handle")));
    return Future.succeededFuture(StatusJson.worker(worker.status()));
  }

  /**
   * {@code {"type", "state", "name", "runId", "after", "limit"}} → {@code {"epoch", "seq",
   * "workers", "next"}}.
   */
  Future<JsonObject> list(JsonObject body) {
    Fields fields = new Fields(body, Set.of("type", "state", "name", "runId", "after", "limit"));
    int most = WorkerQuery.LIMIT_MAX;
    long after = fields.number("after", -1, Integer.MAX_VALUE).orElse(-1L);
    long limit = fields.number("limit", 1, most).orElse((long) most);
    return new WorkerQuery(
            (int) after,
            (int) limit,
            fields.text("state", NAME_BYTES_MAX).map(WorkerQuery::state),
            fields.text("type", NAME_BYTES_MAX),
            fields.text("name", NAME_BYTES_MAX),
            fields.number("runId", 1, Long.MAX_VALUE))
        .page(vertx, postmaster);
  }

  /**
   * {@code {"handle", "for", "timeoutMs"}} → {@code {"handle", "outcome", "state", "status",
   * "runId", "exit", "code", "message", "reason", "at", "seq"}}: {@code exit}, {@code code} and
   * {@code message} of the last run that ended, {@code at} and {@code seq} of the state.
   */
  Future<JsonObject> await(JsonObject body) {
    Fields fields = new Fields(body, Set.of("handle", "for", "timeoutMs"));
    WorkerHandle worker = worker(fields);
    Goal goal = fields.needWord("for", List.of(Goal.values()), Goal::word);
    Duration timeout =
        fields.number("timeoutMs", 0, AWAIT_MS_MAX).map(Duration::ofMillis).orElse(awaitTimeout);
    Future<WorkerStatus> wait =
        switch (goal) {
          case STARTED -> worker.awaitStarted(timeout);
          case READY -> worker.awaitReady(timeout);
          case STOPPED -> worker.awaitStopped(timeout);
          case GONE -> worker.awaitGone(timeout);
        };
    return wait.map(status -> outcome(goal.word(), status));
  }

  static JsonObject outcome(String word, WorkerStatus status) {
    Optional<LastEnd> last = Optional.ofNullable(status.last());
    return new JsonObject()
        .put("handle", status.handle().toString())
        .put("outcome", word)
        .put("state", status.state().word())
        .put("status", status.status().name())
        .put("runId", StatusJson.known(status.runId()))
        .put(
            "exit",
            last.map(LastEnd::exit).filter(e -> e != Exit.NONE).map(Exit::name).orElse(null))
        .put("code", last.map(LastEnd::code).filter(c -> c != Transition.NO_CODE).orElse(null))
        .put("message", last.map(LastEnd::message).filter(m -> !m.isEmpty()).orElse(null))
        .put("reason", status.reason() == null ? null : status.reason().word())
        .put("at", StatusJson.known(status.stateSince()))
        .put("seq", StatusJson.known(status.seq()));
  }

  /** {@code {"handle", "signal"}} or {@code {"all": true, "signal"}} → {@code {}}. */
  Future<JsonObject> signal(JsonObject body) {
    Fields fields = new Fields(body, Set.of("handle", "all", "signal"));
    Signal signal = fields.needWord("signal", List.of(Signal.values()), Signal::name);
    if (!fields.has("all")) {
      return worker(fields).signal(signal).map(done -> new JsonObject());
    }
    fields.needTrue("all");
    if (fields.has("handle")) {
      throw fields.bad("handle", "stands beside all");
    }
    return postmaster.signalAll(signal).map(done -> new JsonObject());
  }

  private WorkerHandle worker(Fields fields) {
    return postmaster.handle(fields.needHandle(postmaster.epoch(), slots));
  }
}
