package dev.postmaster.bus;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.StatusJson;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog;
import dev.postmaster.WorkerSpec;
import io.vertx.core.Future;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When the addresses are there, and what is published. */
class AddressesTest {

  private static ReplyException failure(Future<?> answer) throws Exception {
    return (ReplyException) get(answer.transform(done -> Future.succeededFuture(done.cause())));
  }

  private static BlockingQueue<JsonObject> listen(BusLife bus) {
    BlockingQueue<JsonObject> heard = new LinkedBlockingQueue<>();
    bus.vertx.eventBus().<JsonObject>consumer(BusLife.TRANSITIONS, m -> heard.add(m.body()));
    return heard;
  }

  private static List<JsonObject> untilClosed(BlockingQueue<JsonObject> heard) throws Exception {
    List<JsonObject> all = new ArrayList<>();
    JsonObject next;
    do {
      next = heard.poll(20, TimeUnit.SECONDS);
      assertTrue(next != null, () -> "nothing after " + all);
      all.add(next);
    } while (!"closed".equals(next.getString("cause")));
    return all;
  }

  @Test
  void everyRecordOfThisLifeIsPublishedInOrderWithoutGaps() throws Exception {
    BusLife bus = BusLife.built(BusLife.options().setJournalCapacity(4_096));
    BlockingQueue<JsonObject> heard = listen(bus);
    bus.life.postmaster.register(WorkerSpec.of("static", "t", "idle"));
    get(bus.life.postmaster.start());
    List<Future<Message<JsonObject>>> registered = new ArrayList<>();
    for (int w = 0; w < 60; w++) {
      JsonObject spec = BusLife.spec("w" + w, w % 2 == 0 ? "once" : "fails").put("restart", "0s");
      registered.add(
          bus.vertx.eventBus().request(BusLife.CONTROL, spec, BusLife.headers("register")));
    }
    for (Future<Message<JsonObject>> each : registered) {
      get(each);
    }
    bus.life.watch.await(t -> t.seq() >= 2_000);
    get(bus.life.postmaster.close());

    List<JsonObject> all = untilClosed(heard);
    bus.close();

    Map<Long, JsonObject> java = new HashMap<>();
    for (Transition t : bus.life.watch.seen()) {
      java.put(t.seq(), StatusJson.transition(t));
    }
    for (int n = 0; n < all.size(); n++) {
      assertEquals(n + 1, all.get(n).getLong("seq"));
      JsonObject same = java.get(n + 1L);
      assertEquals(same, all.get(n));
    }
    assertEquals("opened", all.get(0).getString("cause"));
    assertEquals("static", all.get(1).getString("name"));
    assertEquals("transition", all.get(1).getString("t"));
  }

  @Test
  void whoComesInBetweenMissesNothingThatIsRecordedFromThenOn() throws Exception {
    try (BusLife bus = BusLife.started(BusLife.options().setJournalCapacity(4_096))) {
      // Restarted at once for ever: records come all the time, mostly while nobody listens.
      get(
          bus.life.postmaster.register(
              WorkerSpec.of("restless", "t", "fails").restartAfter(Duration.ZERO)));
      TransitionLog log = bus.life.postmaster.transitions();
      for (int listener = 0; listener < 100; listener++) {
        BlockingQueue<JsonObject> heard = new LinkedBlockingQueue<>();
        MessageConsumer<JsonObject> consumer =
            bus.vertx
                .eventBus()
                .<JsonObject>consumer(BusLife.TRANSITIONS, m -> heard.add(m.body()));
        long there = log.head();
        long first = heard.poll(20, TimeUnit.SECONDS).getLong("seq");
        assertTrue(first <= there + 1, () -> first + " was the first after " + there);
        for (int n = 1; n < 20; n++) {
          assertEquals(first + n, heard.poll(20, TimeUnit.SECONDS).getLong("seq"));
        }
        get(consumer.unregister());
      }
    }
  }

  @Test
  void eachReceiverHasATransitionOfItsOwn() throws Exception {
    try (BusLife bus = BusLife.started()) {
      BlockingQueue<JsonObject> one = new LinkedBlockingQueue<>();
      bus.vertx
          .eventBus()
          .<JsonObject>consumer(BusLife.TRANSITIONS, m -> one.add(m.body().put("name", "changed")));
      BlockingQueue<JsonObject> other = listen(bus);
      bus.register("w", "idle");

      assertEquals("changed", one.poll(20, TimeUnit.SECONDS).getString("name"));
      assertEquals("w", other.poll(20, TimeUnit.SECONDS).getString("name"));
    }
  }

  @Test
  void withRemoteControlTheSameIsPublished() throws Exception {
    try (BusLife bus = BusLife.started(BusLife.options().setRemoteControl(true))) {
      BlockingQueue<JsonObject> heard = listen(bus);
      bus.register("w", "idle");

      assertEquals("w", heard.poll(20, TimeUnit.SECONDS).getString("name"));
    }
  }

  @Test
  void twoPostmastersOfOneVertxHaveAddressesOfTheirOwn() throws Exception {
    try (BusLife bus = BusLife.started()) {
      Postmaster other = Postmaster.create(bus.vertx, BusLife.options().setName("other"));
      get(other.start());
      Message<JsonObject> reply =
          get(
              bus.vertx
                  .eventBus()
                  .request(
                      "postmaster.other.control",
                      BusLife.spec("w", "idle"),
                      BusLife.headers("register")));

      assertTrue(reply.body().getString("handle").startsWith(other.epoch()));
      assertEquals(0, bus.workers().size());
      assertEquals(1, other.list().size());
      get(other.close());
      bus.register("still", "idle");
    }
  }

  @Test
  void beforeTheStartAndAfterTheEndThereIsNobody() throws Exception {
    BusLife bus = BusLife.built(BusLife.options());
    assertEquals(ReplyFailure.NO_HANDLERS, failure(list(bus)).failureType());
    get(bus.life.postmaster.start());
    bus.register("w", "idle");
    get(bus.life.postmaster.close());

    // One that comes in the very turn of the end is still told by the postmaster.
    ReplyException last = failure(list(bus));
    while (last.failureType() == ReplyFailure.RECIPIENT_FAILURE) {
      assertEquals(ErrorCode.POSTMASTER_DIED.number(), last.failureCode());
      last = failure(list(bus));
    }

    assertEquals(ReplyFailure.NO_HANDLERS, last.failureType());
    get(bus.vertx.close());
  }

  @Test
  void whatIsInTheQueueAtTheEndIsToldThatThePostmasterDied() throws Exception {
    for (int life = 0; life < 20; life++) {
      BusLife bus = BusLife.started();
      List<Future<Message<JsonObject>>> asked = new ArrayList<>();
      Future<?> end = bus.life.postmaster.close();
      while (!end.isComplete() || asked.isEmpty()) {
        asked.add(list(bus));
      }
      asked.add(list(bus));

      for (Future<Message<JsonObject>> request : asked) {
        get(request.otherwiseEmpty());
        if (request.failed()) {
          ReplyException told = assertInstanceOf(ReplyException.class, request.cause());
          assertTrue(
              told.failureType() == ReplyFailure.NO_HANDLERS
                  || told.failureCode() == ErrorCode.POSTMASTER_DIED.number()
                  || told.failureCode() == ErrorCode.RATE_LIMITED.number(),
              told::toString);
        }
      }
      get(bus.vertx.close());
    }
  }

  private static Future<Message<JsonObject>> list(BusLife bus) {
    return bus.vertx.eventBus().request(BusLife.CONTROL, null, BusLife.headers("list"));
  }

  @Test
  void whoWaitsAtTheEndIsToldThatThePostmasterDied() throws Exception {
    try (BusLife bus = BusLife.started()) {
      JsonObject stop = new JsonObject().put("grace", "30ms").put("force", "30ms");
      String deaf =
          bus.ask("register", BusLife.spec("deaf", "deaf").put("stop", stop)).getString("handle");
      bus.ask("await", new JsonObject().put("handle", deaf).put("for", "started"));
      JsonObject body = new JsonObject().put("handle", deaf).put("for", "gone");
      Future<Message<JsonObject>> wait =
          bus.vertx.eventBus().request(BusLife.CONTROL, body, BusLife.headers("await"));
      bus.ask("list", null);

      bus.ask("shutdown", new JsonObject().put("mode", "immediate"));

      ReplyException told = failure(wait);
      assertEquals(ErrorCode.POSTMASTER_DIED.number(), told.failureCode(), told::getMessage);
      get(bus.life.postmaster.ended());
    }
  }

  @Test
  void theLastRecordIsPublishedHoweverSoonTheEndComes() throws Exception {
    try (BusLife bus = BusLife.started()) {
      get(bus.life.postmaster.close());
      for (int life = 0; life < 50; life++) {
        Postmaster next = Postmaster.create(bus.vertx, BusLife.options());
        BlockingQueue<JsonObject> heard = new LinkedBlockingQueue<>();
        MessageConsumer<JsonObject> consumer =
            bus.vertx
                .eventBus()
                .<JsonObject>consumer(BusLife.TRANSITIONS, m -> heard.add(m.body()));
        get(next.start());
        get(next.close());

        untilClosed(heard);
        get(consumer.unregister());
      }
    }
  }

  @Test
  void aPostmasterOfTheSameNameMayFollow() throws Exception {
    try (BusLife bus = BusLife.started()) {
      get(bus.life.postmaster.close());
      for (int life = 0; life < 20; life++) {
        Postmaster next = Postmaster.create(bus.vertx, BusLife.options());
        BlockingQueue<JsonObject> heard = listen(bus);
        get(next.start());

        get(next.register(WorkerSpec.of("w", "t", "idle")));

        // The last records of the life before may still come.
        JsonObject seen = heard.poll(20, TimeUnit.SECONDS);
        while (!"opened".equals(seen.getString("cause"))) {
          seen = heard.poll(20, TimeUnit.SECONDS);
        }
        assertEquals(1, seen.getLong("seq"));
        get(next.close());
      }
    }
  }
}
