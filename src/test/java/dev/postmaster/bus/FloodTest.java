package dev.postmaster.bus;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who asks too much is told so, and costs the postmaster nothing. */
class FloodTest {

  private static final int IN_FLIGHT_MAX = 1_024;

  private static final JsonObject ANYBODY = new JsonObject().put("client", "c");

  private final Vertx vertx = Vertx.vertx();

  private static <T> T on(Context context, java.util.concurrent.Callable<T> what) throws Exception {
    CompletableFuture<T> result = new CompletableFuture<>();
    context.runOnContext(
        on -> {
          try {
            result.complete(what.call());
          } catch (Exception failure) {
            result.completeExceptionally(failure);
          }
        });
    return result.get(20, TimeUnit.SECONDS);
  }

  /** A context on another loop than the thread that calls. */
  private Context elsewhere() {
    var internal = (VertxInternal) vertx;
    var context = internal.createEventLoopContext();
    while (context.inThread()) {
      context = internal.createEventLoopContext();
    }
    return context;
  }

  private Future<Message<JsonObject>> attach() {
    return vertx
        .eventBus()
        .request("postmaster.default.control", ANYBODY, BusLife.headers("attach"));
  }

  private static int code(Future<?> answer) throws Exception {
    Throwable cause = get(answer.transform(done -> Future.succeededFuture(done.cause())));
    return cause == null ? 0 : ((ReplyException) cause).failureCode();
  }

  @Test
  void beyondAThousandAndTwentyFourInFlightEachIsRefusedAtOnce() throws Exception {
    Context loop = ((VertxInternal) vertx).createEventLoopContext();
    Postmaster postmaster = on(loop, () -> Postmaster.create(vertx, BusLife.options()));
    get(postmaster.start());
    Context caller = on(loop, this::elsewhere);
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch held = new CountDownLatch(1);
    loop.runOnContext(
        on -> {
          held.countDown();
          await(release);
        });
    assertTrue(held.await(20, TimeUnit.SECONDS));

    List<Future<Message<JsonObject>>> let =
        on(
            caller,
            () -> {
              List<Future<Message<JsonObject>>> all = new ArrayList<>();
              for (int n = 0; n < IN_FLIGHT_MAX; n++) {
                all.add(attach());
              }
              return all;
            });
    Future<Message<JsonObject>> beyond = on(caller, this::attach);
    int refusal = code(beyond);
    boolean anyAnswered = let.stream().anyMatch(Future::isComplete);
    release.countDown();

    assertEquals(ErrorCode.RATE_LIMITED.number(), refusal);
    assertTrue(beyond.cause().getMessage().contains("retryMs 100"), beyond.cause()::getMessage);
    assertFalse(anyAnswered);
    for (Future<Message<JsonObject>> each : let) {
      assertEquals(0, code(each));
    }
    assertEquals(0, code(on(caller, this::attach)));
    get(postmaster.close());
    get(vertx.close());
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("never released");
      }
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  @Test
  void thoseWhoWaitUseUpNoPlacesOfThoseWhoAct() throws Exception {
    try (BusLife bus = BusLife.started()) {
      String handle = bus.running("w");
      JsonObject body = new JsonObject().put("handle", handle).put("for", "gone");
      List<Future<Message<JsonObject>>> waits = new ArrayList<>();
      for (int n = 0; n < 3 * IN_FLIGHT_MAX; n++) {
        waits.add(bus.vertx.eventBus().request(BusLife.CONTROL, body, BusLife.headers("await")));
      }

      bus.ask("terminate", new JsonObject().put("handle", handle));

      for (Future<Message<JsonObject>> wait : waits) {
        assertEquals("gone", get(wait).body().getString("outcome"));
      }
    }
  }

  @Test
  void whoIsRefusedTakesNoPlace() throws Exception {
    try (BusLife bus = BusLife.started()) {
      for (int n = 0; n < 3 * IN_FLIGHT_MAX; n++) {
        bus.vertx.eventBus().send(BusLife.CONTROL, null, BusLife.headers("detach"));
        bus.vertx.eventBus().send(BusLife.CONTROL, null, BusLife.headers("await"));
      }

      assertEquals("c", bus.ask("attach", ANYBODY).getString("client"));
    }
  }
}
