package dev.postmaster.builtin;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.Readiness;
import dev.postmaster.Transition;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The workers of the library {@code postmaster}, supervised. */
class BuiltInTest {

  private Life life;

  @BeforeEach
  void open() throws Exception {
    life = Life.started();
  }

  @AfterEach
  void close() {
    life.close();
  }

  private static JsonObject args(String interval) {
    return new JsonObject()
        .put("address", "test.address")
        .put("interval", interval)
        .put("body", new JsonObject().put("tick", true));
  }

  private WorkerHandle publisher(JsonObject args) throws Exception {
    return get(
        life.postmaster.register(WorkerSpec.of("pub", "postmaster", "publisher").args(args)));
  }

  private WorkerHandle sentinel() throws Exception {
    return get(
        life.postmaster.register(
            WorkerSpec.of("door", "postmaster", "sentinel")
                .args(args("20ms").put("timeout", "2s"))
                .ready(Readiness.SAID)));
  }

  private BlockingQueue<Object> listen() throws Exception {
    BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
    MessageConsumer<Object> consumer =
        life.vertx.eventBus().localConsumer("test.address", said -> heard.add(said.body()));
    get(consumer.completion());
    return heard;
  }

  private static void assertHeard(BlockingQueue<Object> heard) throws Exception {
    assertEquals(new JsonObject().put("tick", true), heard.poll(20, TimeUnit.SECONDS));
  }

  private static Predicate<Transition> edge(String name, String cause) {
    return seen -> seen.name().equals(name) && seen.cause().word().equals(cause);
  }

  @Test
  void thePublisherTellsAllWhoListenAtEachIntervalUntilItIsTerminated() throws Exception {
    BlockingQueue<Object> one = listen();
    BlockingQueue<Object> other = listen();

    WorkerHandle handle = publisher(args("5ms"));

    for (int message = 0; message < 3; message++) {
      assertHeard(one);
      assertHeard(other);
    }
    get(handle.terminate());
    assertEquals(WorkerState.FREE, get(handle.awaitGone()).state());
    // What was said before the end may still be on its way; after that comes nothing.
    get(life.vertx.timer(50, TimeUnit.MILLISECONDS));
    one.clear();
    get(life.vertx.timer(100, TimeUnit.MILLISECONDS));
    assertEquals(List.of(), List.copyOf(one));
  }

  @Test
  void thePublisherSendsToOneOfThoseWhoListen() throws Exception {
    BlockingQueue<Object> one = listen();
    BlockingQueue<Object> other = listen();

    publisher(args("1h").put("mode", "send"));

    life.watch.await(edge("pub", "started"));
    assertHeard(one);
    assertTrue(other.isEmpty());
  }

  @Test
  void theFirstMessageComesAtTheStart() throws Exception {
    BlockingQueue<Object> heard = listen();

    publisher(args("1h"));

    assertHeard(heard);
  }

  @Test
  void theSentinelIsReadyWhileItsAddressAnswersAndOthersWaitForThat() throws Exception {
    WorkerHandle handle = sentinel();
    WorkerHandle guest =
        get(life.postmaster.register(WorkerSpec.of("guest", () -> context -> {}).requires("door")));
    get(handle.awaitStarted());
    assertEquals(WorkerState.REGISTERED, guest.status().state());

    MessageConsumer<Object> there =
        life.vertx.eventBus().localConsumer("test.address", asked -> asked.reply(asked.body()));
    assertTrue(get(handle.awaitReady()).ready());
    get(guest.awaitGone());

    get(there.unregister());
    life.watch.await(edge("door", "not-ready"));
    life.vertx.eventBus().localConsumer("test.address", asked -> asked.reply(null));
    life.watch.await(edge("door", "ready"), 2);
    life.vertx.eventBus().localConsumer("test.address", asked -> asked.fail(7, "shut"));
    life.watch.await(edge("door", "not-ready"), 2);
  }

  @Test
  void theSentinelIsNotReadyIfNobodyAnswersInTime() throws Exception {
    BlockingQueue<Object> asked = listen();

    WorkerHandle handle =
        get(
            life.postmaster.register(
                WorkerSpec.of("door", "postmaster", "sentinel")
                    .args(args("1ms").put("timeout", "30ms"))));

    assertHeard(asked);
    assertEquals("not-ready", life.watch.await(edge("door", "not-ready")).cause().word());
    assertHeard(asked);
    assertEquals(WorkerState.RUNNING, handle.status().state());
  }

  @Test
  void theSentinelEndsAtOnceThoughAQuestionIsOpen() throws Exception {
    BlockingQueue<Object> asked = listen();
    WorkerHandle handle =
        get(
            life.postmaster.register(
                WorkerSpec.of("door", "postmaster", "sentinel")
                    .args(args("1h").put("timeout", "1h"))
                    .stop(Duration.ofHours(1), Duration.ofHours(1))));
    assertHeard(asked);

    get(handle.terminate());

    get(handle.awaitGone());
  }

  @Test
  void whatTheirSchemasSayIsHeldTo() {
    List<JsonObject> wrong =
        List.of(
            new JsonObject(),
            args("0s"),
            args("soon"),
            args("100h"),
            args("1s").put("address", ""),
            args("1s").put("body", "text"),
            args("1s").put("mode", "shout"),
            args("1s").put("adress", "a"));
    for (JsonObject args : wrong) {
      PostmasterException refusal =
          assertThrows(PostmasterException.class, () -> publisher(args), args::encode);

      assertEquals(ErrorCode.INVALID_SPEC, refusal.code());
      assertTrue(refusal.getMessage().startsWith("args"), refusal.getMessage());
    }
  }
}
