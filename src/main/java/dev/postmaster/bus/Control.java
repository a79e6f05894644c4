package dev.postmaster.bus;

import dev.postmaster.By;
import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.MessageConsumerOptions;
import io.vertx.core.eventbus.impl.MessageConsumerImpl;
import io.vertx.core.json.JsonObject;
import java.lang.System.Logger.Level;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Takes the requests that come under {@code postmaster.<name>.control}: looks at them here, lets a
 * bounded number through, and answers each exactly once.
 *
 * <p>Shape: header {@code action}, a body of protocols §2, a JsonObject in reply. Failures are
 * {@code ReplyException}s with {@code RECIPIENT_FAILURE}, the code's number and one sentence.
 *
 * <p>Ordering: requests reach the postmaster in the order in which they came.
 *
 * <p>Threading: the bus's loop.
 *
 * <p>Errors: what a handler throws Vert.x 5.2 shows to nobody, so everything is caught here; a bug
 * of ours is logged under a reference that the caller is told.
 */
final class Control {

  static final System.Logger LOG = System.getLogger("dev.postmaster.bus");

  private static final int KEY_LENGTH_MAX = 64;

  private final Vertx vertx;
  private final boolean local;
  private final String address;
  private final WorkerActions workers;
  private final PostmasterActions whole;
  private final FloodGuard guard = new FloodGuard();
  private final RememberedAnswers remembered = new RememberedAnswers(System::nanoTime);
  private MessageConsumer<Object> consumer;
  private boolean over;

  Control(Vertx vertx, Postmaster postmaster, PostmasterOptions options) {
    this.vertx = vertx;
    local = !options.remoteControl();
    address = "postmaster." + options.name() + ".control";
    Postmaster forTheBus = postmaster.as(By.BUS);
    workers = new WorkerActions(vertx, forTheBus, options);
    whole = new PostmasterActions(forTheBus, options);
  }

  /** Opens the address; done when it can be reached. */
  Future<Void> open() {
    MessageConsumerOptions options =
        new MessageConsumerOptions().setAddress(address).setLocalOnly(local);
    consumer = vertx.eventBus().consumer(options, this::received);
    return consumer.completion();
  }

  /** The postmaster has ended: those who have been heard are answered, then nobody is heard. */
  void close() {
    over = true;
    // What is in the queue of this loop by now Vert.x would discard, and call it a timeout.
    ((MessageConsumerImpl<Object>) consumer).discardHandler(this::received);
    consumer.unregister();
  }

  private void received(Message<Object> message) {
    try {
      request(message).onComplete(done -> reply(message, done));
    } catch (Throwable failure) {
      reply(message, Future.failedFuture(failure));
    }
  }

  /** Checks, in this order: action, body, places. */
  private Future<JsonObject> request(Message<Object> message) {
    if (over) {
      throw PostmasterException.of(ErrorCode.POSTMASTER_DIED, "the postmaster has ended");
    }
    Action action = Action.of(message.headers().get("action"));
    JsonObject body = Bodies.read(message);
    if (action == Action.AWAIT) {
      return await(body);
    }
    guard.enter();
    Future<JsonObject> answer;
    try {
      answer = ask(action, body, message);
    } catch (Throwable failure) {
      guard.leave();
      throw failure;
    }
    return answer.onComplete(done -> guard.leave());
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

  private Future<JsonObject> ask(Action action, JsonObject body, Message<Object> message) {
    return switch (action) {
      case REGISTER -> register(body, message.headers().get("idempotencyKey"));
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

  private Future<JsonObject> register(JsonObject specification, String key) {
    if (key == null) {
      return workers.register(specification);
    }
    if (key.isEmpty() || key.length() > KEY_LENGTH_MAX) {
      throw PostmasterException.of(
          ErrorCode.BAD_REQUEST,
          "header idempotencyKey: "
              + Texts.shown(key)
              + " is not a text of 1 to "
              + KEY_LENGTH_MAX
              + " characters");
    }
    return remembered.answer(key, specification, () -> workers.register(specification));
  }

  private static void reply(Message<Object> message, AsyncResult<JsonObject> done) {
    try {
      if (done.succeeded()) {
        message.reply(done.result());
      } else if (done.cause() instanceof PostmasterException refusal) {
        message.fail(refusal.code().number(), Texts.onOneLine(sentence(refusal)));
      } else {
        bug(message, done.cause());
      }
    } catch (RuntimeException unsent) {
      bug(message, unsent);
    }
  }

  /** Over the bus a refusal is its sentence, so that the holders of a limit stand there too. */
  private static String sentence(PostmasterException refusal) {
    if (refusal.holders().isEmpty()) {
      return refusal.getMessage();
    }
    return refusal.holders().stream()
        .map(h -> Texts.shown(h.name()) + " (" + h.handle() + ") for " + h.ageMs() + " ms")
        .collect(Collectors.joining(", ", refusal.getMessage() + "; the oldest are ", ""));
  }

  private static void bug(Message<Object> message, Throwable bug) {
    String reference = UUID.randomUUID().toString();
    LOG.log(Level.ERROR, "a bug of ours, reference " + reference, bug);
    try {
      message.fail(
          ErrorCode.INTERNAL.number(),
          "a bug of the postmaster's, logged with reference " + reference);
    } catch (RuntimeException closed) {
      LOG.log(Level.DEBUG, "no reply, the event bus is closed: {0}", closed.toString());
    }
  }
}
