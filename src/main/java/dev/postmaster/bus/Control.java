package dev.postmaster.bus;

import dev.postmaster.By;
import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.request.Action;
import dev.postmaster.request.Bodies;
import dev.postmaster.request.Requests;
import dev.postmaster.request.Texts;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.MessageConsumerOptions;
import io.vertx.core.eventbus.impl.MessageConsumerImpl;
import io.vertx.core.json.JsonObject;
import java.lang.System.Logger.Level;
import java.util.Optional;
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

  private static final int WAITS_MAX = 65_536;

  private final Vertx vertx;
  private final boolean local;
  private final String address;
  private final Requests requests;
  private MessageConsumer<Object> consumer;
  private boolean over;

  Control(Vertx vertx, Postmaster postmaster, PostmasterOptions options) {
    this.vertx = vertx;
    local = !options.remoteControl();
    address = "postmaster." + options.name() + ".control";
    requests =
        new Requests(
            vertx,
            postmaster.as(By.BUS),
            By.BUS.word(),
            options.maxWorkers(),
            options.awaitTimeout(),
            WAITS_MAX);
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
    Optional<String> key = Optional.ofNullable(message.headers().get("idempotencyKey"));
    return requests.ask(action, () -> Bodies.read(body(message)), key);
  }

  /** Whoever sent it has a codec of his own, which is not ours to trust. */
  private static Object body(Message<?> message) {
    try {
      return message.body();
    } catch (RuntimeException | StackOverflowError unreadable) {
      throw PostmasterException.of(ErrorCode.BAD_REQUEST, "the body cannot be read");
    }
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
