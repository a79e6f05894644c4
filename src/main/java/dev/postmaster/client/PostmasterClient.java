package dev.postmaster.client;

import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.Target;
import dev.postmaster.WorkerQuery;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.client.RestRequests.Ask;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Asks a postmaster over HTTP, protocols §3. Nothing is tried twice: who asks decides.
 *
 * <p>Threading: any; a future completes on the context of the caller.
 *
 * <p>Errors: {@link PostmasterException} for what the server refused, as it said it, and {@code
 * INTERNAL} for an answer that is none; a failure of the network or of the token's file as it is.
 */
public final class PostmasterClient {

  private static final String WORKERS = "/api/v1/workers";

  /** Longest that a server lets one request wait. */
  private static final Duration POLL_MAX = Duration.ofSeconds(30);

  private final RestRequests requests;

  private PostmasterClient(RestRequests requests) {
    this.requests = requests;
  }

  /**
   * Builds one.
   *
   * @throws IllegalArgumentException naming the option that is at fault
   */
  public static PostmasterClient create(Vertx vertx, ClientOptions options) {
    options.check();
    return new PostmasterClient(new RestRequests(vertx, new ClientOptions(options)));
  }

  /** The postmaster at a glance. */
  public Future<PostmasterStatus> status() {
    return requests.send(Ask.get("/api/v1/status"), StatusReader::status);
  }

  /** The same with all that the server says: version, journal, transport. */
  public Future<JsonObject> statusJson() {
    return requests.send(Ask.get("/api/v1/status"), Wire::json);
  }

  /** One page of workers. A query by run is the bus's alone: {@code BAD_REQUEST}. */
  public Future<WorkerPage> workers(WorkerQuery query) {
    if (query.runId().isPresent()) {
      return Future.failedFuture(
          PostmasterException.of(ErrorCode.BAD_REQUEST, "runId: not a parameter of HTTP"));
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("limit", Integer.toString(query.limit()));
    if (query.after() >= 0) {
      parameters.put("after", Integer.toString(query.after()));
    }
    query.state().ifPresent(state -> parameters.put("state", state.word()));
    query.type().ifPresent(type -> parameters.put("type", type));
    query.name().ifPresent(name -> parameters.put("name", name));
    return requests.send(Ask.get(WORKERS).with(parameters), RestAnswers::workers);
  }

  /** All workers, page after page: each as it was when its page was made. */
  public Future<List<WorkerStatus>> workers() {
    return more(-1, new ArrayList<>());
  }

  private Future<List<WorkerStatus>> more(int after, List<WorkerStatus> found) {
    WorkerQuery query =
        new WorkerQuery(
            after,
            WorkerQuery.LIMIT_MAX,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return workers(query)
        .compose(
            page -> {
              found.addAll(page.workers());
              // Slots only go up: a page that leads back would lead round for ever.
              boolean more = page.next().isPresent() && page.next().getAsInt() > after;
              return more
                  ? more(page.next().getAsInt(), found)
                  : Future.succeededFuture(List.copyOf(found));
            });
  }

  /** A worker by its handle, by {@code #3} its slot, or by its name. */
  public Future<WorkerStatus> worker(String id) {
    return requests.send(Ask.get(path(id)), StatusReader::worker);
  }

  /** The same with all that the server says: the stack of the last failure. */
  public Future<JsonObject> workerJson(String id) {
    return requests.send(Ask.get(path(id)), Wire::json);
  }

  private static String path(String id) {
    return WORKERS + '/' + RestRequests.segment(id);
  }

  /**
   * Waits for a worker, with as many requests as it takes.
   *
   * @return fails with {@code TIMEOUT} when the time is over, {@code NOT_STARTED} for a start that
   *     will not come
   */
  public Future<AwaitResult> await(Handle handle, AwaitGoal goal, Duration timeout) {
    Duration poll = timeout.compareTo(POLL_MAX) > 0 ? POLL_MAX : timeout;
    Map<String, String> parameters =
        Map.of("await", goal.word(), "timeoutMs", Long.toString(Math.max(0, poll.toMillis())));
    return requests
        .send(
            Ask.get(path(handle.toString())).with(parameters).patience(poll), RestAnswers::awaited)
        .compose(
            come -> {
              if (come.isPresent()) {
                return Future.succeededFuture(come.get());
              }
              // What was asked for counts, not the clock: a server that does not wait is not
              // asked more often than one that does.
              Duration left = timeout.minus(poll);
              return left.compareTo(Duration.ZERO) > 0
                  ? await(handle, goal, left)
                  : Future.failedFuture(timeout(handle, goal));
            });
  }

  private static PostmasterException timeout(Handle handle, AwaitGoal goal) {
    return PostmasterException.of(
        ErrorCode.TIMEOUT, "\"" + handle + "\" is not " + goal.word() + ", and the time is over");
  }

  /** Registers a worker; the key that makes it safe to ask again is made here. */
  public Future<Handle> register(WorkerSpec spec) {
    return register(spec, UUID.randomUUID().toString());
  }

  /**
   * Registers a worker by the name of its entry point; who asks again with the same key within ten
   * minutes gets the same answer.
   *
   * @param key 1 to 64 characters
   */
  public Future<Handle> register(WorkerSpec spec, String key) {
    if (spec.factory().isPresent()) {
      return Future.failedFuture(
          PostmasterException.of(
              ErrorCode.INVALID_SPEC, "library: \"\" names no entry point, and code stays here"));
    }
    JsonObject body;
    try {
      body = spec.toJson();
    } catch (PostmasterException invalid) {
      return Future.failedFuture(invalid);
    }
    return requests.send(Ask.post(WORKERS, body).key(key), RestAnswers::handle);
  }

  /** Terminates a worker; it is never started again. */
  public Future<WorkerState> terminate(Handle handle) {
    return requests.send(Ask.delete(path(handle.toString())), StatusReader::state);
  }

  public Future<Void> signal(Handle handle, Signal signal) {
    JsonObject body = new JsonObject().put("signal", signal.name());
    return requests.send(Ask.post(path(handle.toString()) + "/signal", body), done -> null);
  }

  /**
   * No new starts for the target until then, or until resumed.
   *
   * @return how many registrations it meets now
   */
  public Future<Integer> pause(Target target, Optional<Instant> until) {
    return order("pause", target, until);
  }

  /** As pause, and stops those that run. */
  public Future<Integer> drain(Target target, Optional<Instant> until) {
    return order("drain", target, until);
  }

  public Future<Integer> resume(Target target) {
    return order("resume", target, Optional.empty());
  }

  private Future<Integer> order(String order, Target target, Optional<Instant> until) {
    JsonObject body = new JsonObject();
    String kind = target.kind().name().toLowerCase(Locale.ROOT);
    body.put(kind, target.kind() == Target.Kind.ALL ? Boolean.TRUE : target.name());
    until.ifPresent(end -> body.put("until", end.toEpochMilli()));
    return requests.send(Ask.post("/api/v1/" + order, body), met -> met.count("workers"));
  }

  /** Moves the phase forward. */
  public Future<Void> advance(Phase phase) {
    JsonObject body = new JsonObject().put("phase", phase.word());
    return requests.send(Ask.post("/api/v1/advance", body), done -> null);
  }

  /**
   * Asks it to go down, and does not wait for the end.
   *
   * @return the mode in force now
   */
  public Future<ShutdownMode> shutdown(ShutdownMode mode) {
    JsonObject body = new JsonObject().put("mode", mode.word());
    return requests.send(Ask.post("/api/v1/shutdown", body), StatusReader::mode);
  }

  /** A page of the journal. */
  public Future<TransitionPage> transitions(TransitionQuery query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    query.after().ifPresent(after -> parameters.put("after", after.toString()));
    parameters.put("limit", Integer.toString(query.limit()));
    query.slot().ifPresent(slot -> parameters.put("slot", Integer.toString(slot)));
    query.type().ifPresent(type -> parameters.put("type", type));
    return requests.send(Ask.get("/api/v1/transitions").with(parameters), RestAnswers::transitions);
  }

  /** What can be registered, by library and function. */
  public Future<List<RemoteEntryPoint>> entryPoints() {
    return requests.send(Ask.get("/api/v1/entry-points"), RestAnswers::entryPoints);
  }

  /** Closes its connections. */
  public void close() {
    requests.close();
  }
}
