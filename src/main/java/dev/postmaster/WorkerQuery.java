package dev.postmaster;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which workers are asked for: all that have the state, the type, the name and the run, by slot.
 * Every interface that lists workers asks with it.
 *
 * @param after slots above this one, from -1
 * @param limit 1 to {@value #LIMIT_MAX}
 * @param runId the run that goes on now (PostgreSQL {@code GetBackgroundWorkerTypeByPid})
 */
public record WorkerQuery(
    int after,
    int limit,
    Optional<WorkerState> state,
    Optional<String> type,
    Optional<String> name,
    Optional<Long> runId) {

  /** Most workers of one page. */
  public static final int LIMIT_MAX = 1_000;

  /** Slots looked at in one turn of the caller's loop. */
  private static final int BATCH = 1_000;

  /**
   * Checks the numbers.
   *
   * @throws PostmasterException {@code BAD_REQUEST}, naming parameter, value and rule
   */
  public WorkerQuery {
    if (after < -1) {
      throw bad("after", after, "is not a whole number from -1 to " + Integer.MAX_VALUE);
    }
    if (limit < 1 || limit > LIMIT_MAX) {
      throw bad("limit", limit, "is not a whole number from 1 to " + LIMIT_MAX);
    }
  }

  private static PostmasterException bad(String parameter, Object value, String rule) {
    return PostmasterException.of(ErrorCode.BAD_REQUEST, parameter + ": \"" + value + "\" " + rule);
  }

  /** The first of that name. */
  public static WorkerQuery named(String name, int limit) {
    return new WorkerQuery(
        -1, limit, Optional.empty(), Optional.empty(), Optional.of(name), Optional.empty());
  }

  /**
   * The state that a query may name.
   *
   * @throws PostmasterException {@code BAD_REQUEST} if that is not the state of a worker
   */
  public static WorkerState state(String word) {
    return Stream.of(WorkerState.values())
        .filter(state -> state != WorkerState.FREE && state.word().equals(word))
        .findFirst()
        .orElseThrow(() -> bad("state", word, "is not the state of a worker"));
  }

  private boolean matches(WorkerStatus worker) {
    return state.map(wanted -> worker.state() == wanted).orElse(true)
        && type.map(worker.type()::equals).orElse(true)
        && name.map(worker.name()::equals).orElse(true)
        && runId.map(wanted -> worker.runId() == wanted).orElse(true);
  }

  /**
   * Selects a page: {@code {"epoch", "seq", "workers": [WORKER…], "next"}}; {@code next} is what to
   * ask {@code after} for more, null if there are none.
   *
   * <p>Threading: an event loop, whose turns it shares with others.
   */
  public Future<JsonObject> page(Vertx vertx, Postmaster postmaster) {
    long seq = postmaster.status().seq();
    return select(vertx, postmaster).map(found -> page(postmaster, seq, found));
  }

  private JsonObject page(Postmaster postmaster, long seq, List<WorkerStatus> found) {
    boolean more = found.size() > limit;
    List<WorkerStatus> page = more ? found.subList(0, limit) : found;
    JsonArray workers = new JsonArray();
    page.forEach(worker -> workers.add(StatusJson.worker(worker)));
    return new JsonObject()
        .put("epoch", postmaster.epoch())
        .put("seq", seq)
        .put("workers", workers)
        .put("next", more ? page.get(page.size() - 1).slot() : null);
  }

  /** The first that match, one more than asked for if there are more; threading as for a page. */
  public Future<List<WorkerStatus>> select(Vertx vertx, Postmaster postmaster) {
    return select(vertx, postmaster, after, new ArrayList<>());
  }

  private Future<List<WorkerStatus>> select(
      Vertx vertx, Postmaster postmaster, int from, List<WorkerStatus> found) {
    List<WorkerStatus> batch = postmaster.list(from, BATCH);
    batch.stream().filter(this::matches).limit(limit + 1L - found.size()).forEach(found::add);
    if (batch.size() < BATCH || found.size() > limit) {
      return Future.succeededFuture(found);
    }
    int next = batch.get(batch.size() - 1).slot();
    Promise<Void> turn = Promise.promise();
    vertx.runOnContext(turn::complete);
    return turn.future().compose(on -> select(vertx, postmaster, next, found));
  }
}
