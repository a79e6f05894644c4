package dev.postmaster.bus;

import static dev.postmaster.bus.BusLife.spec;
import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A registration that is sent twice happens once. */
class IdempotencyTest {

  private static DeliveryOptions keyed(String key) {
    return BusLife.headers("register").addHeader("idempotencyKey", key);
  }

  @Test
  void theSameKeyGetsTheSameAnswer() throws Exception {
    try (BusLife bus = BusLife.started()) {
      JsonObject first = bus.ask(keyed("k"), spec("w", "idle"));
      JsonObject again = bus.ask(keyed("k"), spec("w", "idle").encode());
      JsonObject other = bus.ask(keyed("k".repeat(64)), spec("w", "idle"));
      String handle = other.getString("handle");
      bus.ask("terminate", new JsonObject().put("handle", handle));
      bus.ask("await", new JsonObject().put("handle", handle).put("for", "gone"));

      assertEquals(first, again);
      assertEquals(other, bus.ask(keyed("k".repeat(64)), spec("w", "idle")));
      assertEquals(1, bus.workers().size());
    }
  }

  @Test
  void duplicatesInFlightAreOneRegistration() throws Exception {
    try (BusLife bus = BusLife.started()) {
      List<Future<Message<JsonObject>>> all = new ArrayList<>();
      for (int n = 0; n < 50; n++) {
        all.add(bus.vertx.eventBus().request(BusLife.CONTROL, spec("w", "idle"), keyed("k")));
      }
      for (Future<Message<JsonObject>> each : all) {
        assertEquals(0, get(each).body().getInteger("slot"));
      }

      assertEquals(1, bus.workers().size());
    }
  }

  @Test
  void aRefusalIsTheSameAnswerToo() throws Exception {
    try (BusLife bus = BusLife.started(BusLife.options().setMaxWorkers(1))) {
      String handle = bus.running("w");
      String refusal = bus.refused(ErrorCode.NO_FREE_SLOT, keyed("k"), spec("x", "idle"));
      bus.ask("terminate", new JsonObject().put("handle", handle));
      bus.ask("await", new JsonObject().put("handle", handle).put("for", "gone"));

      assertEquals(refusal, bus.refused(ErrorCode.NO_FREE_SLOT, keyed("k"), spec("x", "idle")));
      bus.ask(keyed("another"), spec("x", "idle"));
    }
  }

  @Test
  void aKeyOfNonsenseOrWithAnotherBodyIsRefused() throws Exception {
    try (BusLife bus = BusLife.started()) {
      bus.ask(keyed("k"), spec("w", "idle"));

      bus.refused(ErrorCode.BAD_REQUEST, keyed("k"), spec("x", "idle"));
      bus.refused(ErrorCode.BAD_REQUEST, keyed(""), spec("x", "idle"));
      bus.refused(ErrorCode.BAD_REQUEST, keyed("k".repeat(65)), spec("x", "idle"));
      assertEquals(1, bus.workers().size());
    }
  }
}
