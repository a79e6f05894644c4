package dev.postmaster.request;

import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.WorkerStatus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Carries out what comes as JSON through one door, the bus or HTTP: looks at it, lets a bounded
 * number through, and gives the answer of protocols §2.
 *
 * <p>Ordering: requests reach the postmaster in the order in which they came.
 *
 * <p>Threading: one event loop, where the futures complete too.
 *
 * <p>Errors: {@link PostmasterException}, thrown or in the future.
 */
public final class Requests {

  private static final int KEY_LENGTH_MAX = 64;

  private final Postmaster postmaster;
  private final String caller;
  private final WorkerActions workers;
  private final PostmasterActions whole;
  private final FloodGuard guard;
  private final RememberedAnswers remembered = new RememberedAnswers(System::nanoTime);

  /**
   * A door.
   *
   * @param postmaster on behalf of those who come through it
   * @param caller what they are called in the journal where they are refused
   * @param slots how many it has
   * @param awaitTimeout of an {@code await} that names none
   * @param waitsMax how many may wait at one time
   */
  public Requests(
      Vertx vertx,
      Postmaster postmaster,
      String caller,
      int slots,
      Duration awaitTimeout,
      int waitsMax) {
    guard = new FloodGuard(waitsMax);
    this.postmaster = postmaster;
    this.caller = caller;
    workers = new WorkerActions(vertx, postmaster, slots, awaitTimeout);
    whole = new PostmasterActions(postmaster, slots);
  }

  /**
   * Carries out a request.
   *
   * @param body reads it
   * @param key of a registration: 1 to 64 characters, under which its answer is remembered
   */
  public Future<JsonObject> ask(Action action, Supplier<JsonObject> body, Optional<String> key) {
    try {
      return action == Action.AWAIT ? await(body.get()) : ask(action, body.get(), key);
    } catch (PostmasterException refusal) {
      if (action.isChange()) {
        postmaster.refused(refusal.code(), caller, refusal.getMessage());
      }
      throw refusal;
    }
  }

  private Future<JsonObject> ask(Action action, JsonObject body, Optional<String> key) {
    guard.enter();
    Future<JsonObject> answer;
    try {
      answer = answer(action, body, key);
    } catch (Throwable failure) {
      guard.leave();
      throw failure;
    }
    return answer.onComplete(done -> guard.leave());
  }

  /** The answer of an {@code await} that ran out, where that is an answer. */
  public static JsonObject timedOut(WorkerStatus worker) {
    return WorkerActions.outcome("timeout", worker);
  }

  private Future<JsonObject> await(JsonObject body) {
    guard.enter();
    try {
      guard.enterWait();
      try {
        return workers.await(body).onComplete(done -> guard.leaveWait());
      } catch (Throwable failure) {
        guard.leaveWait();
        throw failure;
      }
    } finally {
      // The postmaster has it, or it never will.
      guard.leave();
    }
  }

  private Future<JsonObject> answer(Action action, JsonObject body, Optional<String> key) {
    return switch (action) {
      case REGISTER -> key.isEmpty() ? workers.register(body) : register(checked(key.get()), body);
      case TERMINATE -> workers.terminate(body);
      case STATUS -> workers.status(body);
      case LIST -> workers.list(body);
      case AWAIT -> workers.await(body);
      case SIGNAL -> workers.signal(body);
      case PAUSE -> whole.pause(body);
      case DRAIN -> whole.drain(body);
      case RESUME -> whole.resume(body);
      case ADVANCE -> whole.advance(body);
      case ATTACH -> whole.attach(body);
      case DETACH -> whole.detach(body);
      case SHUTDOWN -> whole.shutdown(body);
      case ENTRY_POINTS -> whole.entryPoints(body);
    };
  }

  private Future<JsonObject> register(String key, JsonObject specification) {
    return remembered.answer(key, specification, () -> workers.register(specification));
  }

  private static String checked(String key) {
    if (key.isEmpty() || key.length() > KEY_LENGTH_MAX) {
      throw PostmasterException.of(
          ErrorCode.BAD_REQUEST,
          "the idempotency key "
              + Texts.shown(key)
              + " is not a text of 1 to "
              + KEY_LENGTH_MAX
              + " characters");
    }
    return key;
  }
}
