package dev.postmaster.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.postmaster.EntryPoint;
import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerLibrary;
import dev.postmaster.support.Life;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A postmaster that is spoken to over the bus, with a few workers that can be registered so. */
final class BusLife implements AutoCloseable {

  static final String CONTROL = "postmaster.default.control";
  static final String TRANSITIONS = "postmaster.default.transitions";

  /** Long enough for whatever a test waits for. */
  private static final long SEND_TIMEOUT_MS = 60_000;

  /** Its entry points. */
  static final class Library implements WorkerLibrary {

    private static volatile CountDownLatch over = new CountDownLatch(1);

    @Override
    public String name() {
      return "t";
    }

    @Override
    public List<EntryPoint> entryPoints() {
      return List.of(
          EntryPoint.of("deaf", "never hears", new JsonObject(), () -> Library::deaf),
          EntryPoint.of("idle", "waits until it is told", new JsonObject(), () -> Library::idle),
          EntryPoint.of("once", "returns", new JsonObject(), () -> context -> {}),
          EntryPoint.of("fails", "throws", new JsonObject(), () -> Library::fail));
    }

    private static void idle(WorkerContext context) throws Exception {
      while (true) {
        context.checkInterrupts();
        context.awaitLatch(Duration.ofHours(1));
      }
    }

    /** Hears neither tell nor interrupt until the test is over. */
    private static void deaf(WorkerContext context) {
      CountDownLatch end = over;
      while (end.getCount() > 0) {
        try {
          end.await();
        } catch (InterruptedException unheard) {
          continue;
        }
      }
    }

    private static void fail(WorkerContext context) {
      throw new IllegalStateException("no luck");
    }
  }

  final Life life;
  final Vertx vertx;

  private BusLife(Life life) {
    Library.over = new CountDownLatch(1);
    this.life = life;
    this.vertx = life.vertx;
  }

  static PostmasterOptions options() {
    return Life.options().addLibrary(new Library());
  }

  static BusLife started() throws Exception {
    return started(options());
  }

  static BusLife started(PostmasterOptions options) throws Exception {
    return new BusLife(Life.started(options));
  }

  /** Not started yet. */
  static BusLife built(PostmasterOptions options) {
    return new BusLife(Life.built(options));
  }

  static JsonObject spec(String name, String function) {
    return new JsonObject().put("name", name).put("library", "t").put("function", function);
  }

  static DeliveryOptions headers(String action) {
    return new DeliveryOptions().addHeader("action", action).setSendTimeout(SEND_TIMEOUT_MS);
  }

  /** Sends a request and waits for its reply. */
  JsonObject ask(String action, Object body) throws Exception {
    return ask(headers(action), body);
  }

  JsonObject ask(DeliveryOptions headers, Object body) throws Exception {
    Message<JsonObject> reply = Life.get(vertx.eventBus().request(CONTROL, body, headers));
    return reply.body();
  }

  /** Registers a worker; its handle. */
  String register(String name, String function) throws Exception {
    return ask("register", spec(name, function)).getString("handle");
  }

  /** Registers one that goes on, and waits until it runs. */
  String running(String name) throws Exception {
    String handle = register(name, "idle");
    ask("await", new JsonObject().put("handle", handle).put("for", "started"));
    return handle;
  }

  /** Sends a request that is refused; the sentence. */
  String refused(ErrorCode code, String action, Object body) {
    return refused(code, headers(action), body);
  }

  String refused(ErrorCode code, DeliveryOptions headers, Object body) {
    ReplyException failure = assertThrows(ReplyException.class, () -> ask(headers, body));
    assertEquals(ReplyFailure.RECIPIENT_FAILURE, failure.failureType());
    assertEquals(code.number(), failure.failureCode(), failure.getMessage());
    return failure.getMessage();
  }

  JsonArray workers() throws Exception {
    return ask("list", new JsonObject()).getJsonArray("workers");
  }

  @Override
  public void close() {
    Library.over.countDown();
    life.close();
  }
}
