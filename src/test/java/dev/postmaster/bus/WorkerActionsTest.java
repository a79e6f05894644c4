package dev.postmaster.bus;

import static dev.postmaster.bus.BusLife.spec;
import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.StatusJson;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What can be asked of a worker over the bus, and each way in which it can be refused. */
class WorkerActionsTest {

  private static final String ELSEWHERE = "01JDA3K5ZV7Q0000000000000A.0.1";

  private BusLife bus;

  @BeforeEach
  void start() throws Exception {
    bus = BusLife.started(BusLife.options().setMaxWorkers(4).setMaxParallelWorkers(1));
  }

  @AfterEach
  void stop() {
    bus.close();
  }

  private static JsonObject handle(String handle) {
    return new JsonObject().put("handle", handle);
  }

  private static JsonObject await(String handle, String goal) {
    return handle(handle).put("for", goal);
  }

  /** Its slot has another tenant by now. */
  private String stale() throws Exception {
    String first = bus.register("first", "once");
    bus.ask("await", await(first, "gone"));
    String second = bus.running("second");
    assertEquals(first.replaceAll("1$", "2"), second);
    return first;
  }

  // ---- register

  @Test
  void registerAnswersWithTheHandle() throws Exception {
    JsonObject reply = bus.ask("register", spec("w", "idle"));

    assertEquals(
        new JsonObject()
            .put("handle", bus.life.postmaster.epoch() + ".0.1")
            .put("slot", 0)
            .put("generation", 1L),
        reply);
    assertEquals(
        By.BUS, bus.life.watch.await(t -> t.cause() == Cause.REGISTERED && t.slot() == 0).by());
  }

  @Test
  void aBodyMayBeTextOrBytesToo() throws Exception {
    JsonObject spec = spec("w", "idle");

    assertEquals(0, bus.ask("register", spec).getInteger("slot"));
    assertEquals(1, bus.ask("register", spec.encode()).getInteger("slot"));
    assertEquals(2, bus.ask("register", spec.toBuffer()).getInteger("slot"));
  }

  /** But for the handle, the times and the sequence numbers. */
  private static JsonObject plain(JsonObject worker) {
    Set.of("handle", "slot", "generation", "seq", "runId", "registeredAt", "startedAt")
        .forEach(worker::remove);
    worker.remove("stateSince");
    return worker;
  }

  @Test
  void aWorkerRegisteredOverTheBusIsThatOfJava() throws Exception {
    JsonObject spec =
        spec("w", "idle")
            .put("type", "kind")
            .put("restart", "7s")
            .put("flags", new JsonArray().add("SHARED_MEMORY"))
            .put("args", new JsonObject().put("a", new JsonArray().add(1).add("x").addNull()))
            .put("mainArg", "9007199254740993");
    WorkerHandle java = get(bus.life.postmaster.register(WorkerSpec.fromJson(spec)));
    get(java.awaitStarted());

    String handle = bus.ask("register", spec).getString("handle");
    bus.ask("await", await(handle, "started"));

    assertEquals(plain(StatusJson.worker(java.status())), plain(bus.ask("status", handle(handle))));
  }

  @Test
  void aSpecificationAnswersByItsOwnRules() {
    String unknown = bus.refused(ErrorCode.INVALID_SPEC, "register", spec("w", "once").put("x", 1));
    String missing = bus.refused(ErrorCode.INVALID_SPEC, "register", null);
    String long_ = bus.refused(ErrorCode.INVALID_SPEC, "register", spec("n".repeat(96), "once"));

    assertEquals("x: \"1\" is not a field of a specification", unknown);
    assertTrue(missing.startsWith("name: "), missing);
    assertTrue(long_.startsWith("name: "), long_);
  }

  @Test
  void anEntryPointThatNobodyKnowsIsRefusedWithTheKnownOnes() {
    String sentence = bus.refused(ErrorCode.UNKNOWN_ENTRY_POINT, "register", spec("w", "nosuch"));

    assertTrue(sentence.contains("t/idle"), sentence);
  }

  @Test
  void onlyNamesOfTheAllowListReachTheLauncher() {
    for (String library :
        List.of(
            "java:dev.postmaster.bus.BusLife$Library",
            "service:t",
            "https://localhost/t.jar",
            "dev.postmaster.bus.BusLife$Library",
            "T",
            "t/idle")) {
      JsonObject spec = spec("w", "idle").put("library", library);

      bus.refused(ErrorCode.UNKNOWN_ENTRY_POINT, "register", spec);
    }
    // On the class path, found by the ServiceLoader, and not named in the option libraries.
    JsonObject unnamed = spec("w", "counter").put("library", "examples");
    bus.refused(ErrorCode.UNKNOWN_ENTRY_POINT, "register", unnamed);
  }

  @Test
  void theFifthOfFourIsRefusedWithTheHolders() throws Exception {
    for (int w = 0; w < 4; w++) {
      bus.register("w" + w, "idle");
    }

    String sentence = bus.refused(ErrorCode.NO_FREE_SLOT, "register", spec("w4", "idle"));

    assertTrue(sentence.contains("4") && sentence.contains("w0"), sentence);
  }

  @Test
  void theSecondParallelOfOneIsRefused() throws Exception {
    JsonObject parallel = spec("p", "idle").put("flags", new JsonArray().add("PARALLEL"));
    bus.ask("register", parallel);

    bus.refused(ErrorCode.PARALLEL_LIMIT, "register", parallel);
  }

  @Test
  void aUniqueNameThatIsTakenIsRefused() throws Exception {
    try (BusLife unique = BusLife.started(BusLife.options().setUniqueNames(true))) {
      unique.register("w", "idle");

      unique.refused(ErrorCode.ALREADY_REGISTERED, "register", spec("w", "idle"));
    }
  }

  @Test
  void ofTwoThatWantTheLastSlotOneGetsIt() throws Exception {
    for (int w = 0; w < 3; w++) {
      bus.register("w" + w, "idle");
    }
    var one = bus.vertx.eventBus().request(BusLife.CONTROL, spec("a", "idle"), register());
    var other = bus.vertx.eventBus().request(BusLife.CONTROL, spec("b", "idle"), register());

    int won = 0;
    for (var each : List.of(one, other)) {
      won +=
          get(each.transform(done -> io.vertx.core.Future.succeededFuture(done.succeeded())))
              ? 1
              : 0;
    }

    assertEquals(1, won);
    assertEquals(4, bus.workers().size());
  }

  private static io.vertx.core.eventbus.DeliveryOptions register() {
    return BusLife.headers("register");
  }

  // ---- terminate

  @Test
  void terminateAnswersWithTheState() throws Exception {
    String running = bus.running("w");

    assertEquals(new JsonObject().put("state", "STOPPING"), bus.ask("terminate", handle(running)));
    bus.ask("await", await(running, "gone"));
    assertEquals(new JsonObject().put("state", "FREE"), bus.ask("terminate", handle(running)));
    assertEquals(By.BUS, bus.life.watch.await(t -> t.cause() == Cause.TERMINATE).by());
  }

  @Test
  void aStaleHandleIsNotObeyed() throws Exception {
    String stale = stale();

    bus.refused(ErrorCode.STALE_HANDLE, "terminate", handle(stale));
    bus.refused(ErrorCode.STALE_HANDLE, "terminate", handle(ELSEWHERE));
    bus.refused(ErrorCode.STALE_HANDLE, "signal", handle(stale).put("signal", "USR1"));
    bus.refused(ErrorCode.STALE_HANDLE, "pause", handle(stale));

    assertEquals("RUNNING", bus.workers().getJsonObject(0).getString("state"));
  }

  @Test
  void aSlotThatThereIsNotIsUnknown() {
    String beyond = bus.life.postmaster.epoch() + ".4.1";

    bus.refused(ErrorCode.UNKNOWN_WORKER, "terminate", handle(beyond));
    bus.refused(ErrorCode.UNKNOWN_WORKER, "status", handle(beyond));
    bus.refused(ErrorCode.UNKNOWN_WORKER, "await", await(beyond, "gone"));
    bus.refused(ErrorCode.UNKNOWN_WORKER, "signal", handle(beyond).put("signal", "HUP"));
    bus.refused(ErrorCode.UNKNOWN_WORKER, "pause", handle(beyond));
  }

  @Test
  void whatIsNoHandleIsABadRequest() {
    for (String action : List.of("terminate", "status", "await", "signal", "pause")) {
      JsonObject body = action.equals("signal") ? new JsonObject().put("signal", "HUP") : null;
      body = action.equals("await") ? new JsonObject().put("for", "gone") : body;
      JsonObject empty = body == null ? new JsonObject() : body;

      bus.refused(ErrorCode.BAD_REQUEST, action, empty);
      bus.refused(ErrorCode.BAD_REQUEST, action, empty.copy().put("handle", "3"));
      bus.refused(ErrorCode.BAD_REQUEST, action, empty.copy().put("handle", 3));
      bus.refused(
          ErrorCode.BAD_REQUEST, action, empty.copy().put("handle", ELSEWHERE).put("hnadle", 3));
    }
  }

  // ---- status

  @Test
  void statusIsTheWorkerObject() throws Exception {
    String running = bus.running("w");
    WorkerHandle java = bus.life.postmaster.find("w").orElseThrow();

    assertEquals(StatusJson.worker(java.status()), bus.ask("status", handle(running)));
  }

  @Test
  void statusOfWhatIsGoneIsFreeWithItsLastExitIfThatIsKnown() throws Exception {
    String gone = bus.register("w", "once");
    bus.ask("await", await(gone, "gone"));

    JsonObject known = bus.ask("status", handle(gone));
    JsonObject unknown = bus.ask("status", handle(ELSEWHERE));

    assertEquals("STOPPED", known.getString("status"));
    assertEquals("FREE", known.getString("state"));
    assertEquals("COMPLETED", known.getJsonObject("last").getString("exit"));
    assertEquals("STOPPED", unknown.getString("status"));
    assertEquals("FREE", unknown.getString("state"));
    assertEquals(null, unknown.getString("name"));
  }

  // ---- list

  @Test
  void listFiltersAndPagesBySlot() throws Exception {
    bus.running("a");
    bus.running("b");
    String c = bus.running("c");
    bus.ask("terminate", handle(c));
    bus.ask("await", await(c, "gone"));
    bus.ask("register", spec("d", "idle").put("type", "kind"));
    long run = bus.workers().getJsonObject(1).getLong("runId");

    JsonObject first = bus.ask("list", new JsonObject().put("limit", 2));
    JsonObject second =
        bus.ask("list", new JsonObject().put("limit", 2).put("after", first.getInteger("next")));

    assertEquals(List.of("a", "b"), names(first));
    assertEquals(1, first.getInteger("next"));
    assertEquals(List.of("d"), names(second));
    assertTrue(second.containsKey("next"));
    assertEquals(null, second.getValue("next"));
    assertEquals(bus.life.postmaster.epoch(), first.getString("epoch"));
    assertTrue(first.getLong("seq") > 0);
    assertEquals(List.of("d"), names(bus.ask("list", new JsonObject().put("type", "kind"))));
    assertEquals(List.of("b"), names(bus.ask("list", new JsonObject().put("name", "b"))));
    assertEquals(List.of("b"), names(bus.ask("list", new JsonObject().put("runId", run))));
    assertEquals(List.of(), names(bus.ask("list", new JsonObject().put("state", "BACKOFF"))));
    assertEquals(List.of("a", "b", "d"), names(bus.ask("list", null)));
  }

  private static List<String> names(JsonObject page) {
    List<String> names = new ArrayList<>();
    page.getJsonArray("workers").forEach(w -> names.add(((JsonObject) w).getString("name")));
    return names;
  }

  @Test
  void aListOfNonsenseIsRefused() {
    for (JsonObject body :
        List.of(
            new JsonObject().put("limit", 0),
            new JsonObject().put("limit", 1_001),
            new JsonObject().put("limit", "5"),
            new JsonObject().put("after", -2),
            new JsonObject().put("state", "FREE"),
            new JsonObject().put("state", 1),
            new JsonObject().put("runId", 0),
            new JsonObject().put("runId", 1.5),
            new JsonObject().put("slot", 1))) {
      bus.refused(ErrorCode.BAD_REQUEST, "list", body);
    }
  }

  // ---- await

  @Test
  void awaitAnswersWithWhatWasAskedFor() throws Exception {
    String once = bus.register("w", "once");

    JsonObject gone = bus.ask("await", await(once, "gone"));
    JsonObject started = bus.ask("await", await(once, "started"));

    assertEquals(
        List.of(
            "handle", "outcome", "state", "status", "runId", "exit", "code", "message", "reason",
            "at", "seq"),
        List.copyOf(gone.fieldNames()));
    assertEquals("gone", gone.getString("outcome"));
    assertEquals("FREE", gone.getString("state"));
    assertEquals("STOPPED", gone.getString("status"));
    assertEquals("COMPLETED", gone.getString("exit"));
    assertEquals(0, gone.getInteger("code"));
    assertEquals(null, gone.getValue("message"));
    assertEquals("started", started.getString("outcome"));
  }

  @Test
  void awaitStoppedTellsHowTheRunEnded() throws Exception {
    String fails = bus.register("w", "fails");

    JsonObject stopped = bus.ask("await", await(fails, "stopped"));

    assertEquals("FAILED", stopped.getString("exit"));
    assertEquals(1, stopped.getInteger("code"));
    assertTrue(stopped.getString("message").contains("no luck"));
    assertEquals("BACKOFF", stopped.getString("state"));
  }

  @Test
  void awaitReadyIsMetByWhoIsReadyAtOnce() throws Exception {
    assertEquals("ready", bus.ask("await", await(bus.running("w"), "ready")).getString("outcome"));
  }

  @Test
  void awaitRunsOut() throws Exception {
    String running = bus.running("w");

    String sentence =
        bus.refused(ErrorCode.TIMEOUT, "await", await(running, "gone").put("timeoutMs", 1));

    assertTrue(sentence.contains("RUNNING") && sentence.contains(running), sentence);
  }

  @Test
  void awaitOfWhatWillNotStartFails() throws Exception {
    bus.life.postmaster.pause(dev.postmaster.Target.all(), java.util.Optional.empty());
    String held = bus.register("w", "idle");
    var wait =
        bus.vertx
            .eventBus()
            .request(BusLife.CONTROL, await(held, "started"), BusLife.headers("await"));
    bus.ask("terminate", handle(held));

    bus.refused(ErrorCode.NOT_STARTED, "await", await(held, "started"));
    assertEquals(
        ErrorCode.NOT_STARTED.number(),
        ((io.vertx.core.eventbus.ReplyException)
                get(wait.transform(done -> io.vertx.core.Future.succeededFuture(done.cause()))))
            .failureCode());
  }

  @Test
  void awaitOfNonsenseIsRefused() {
    for (JsonObject body :
        List.of(
            await(ELSEWHERE, "dead"),
            handle(ELSEWHERE),
            await(ELSEWHERE, "gone").put("timeoutMs", -1),
            await(ELSEWHERE, "gone").put("timeoutMs", 86_400_001),
            await(ELSEWHERE, "gone").put("timeoutMs", "5s"))) {
      bus.refused(ErrorCode.BAD_REQUEST, "await", body);
    }
  }

  // ---- signal

  @Test
  void aSignalReachesARunAndOnlyARun() throws Exception {
    String running = bus.running("w");
    String gone = bus.register("x", "once");
    bus.ask("await", await(gone, "gone"));

    assertEquals(new JsonObject(), bus.ask("signal", handle(running).put("signal", "TERM")));
    bus.refused(ErrorCode.NOT_RUNNING, "signal", handle(gone).put("signal", "TERM"));

    assertEquals("FAILED", bus.ask("await", await(running, "stopped")).getString("exit"));
  }

  @Test
  void aSignalForAllReachesAll() throws Exception {
    String a = bus.running("a");
    String b = bus.running("b");

    bus.ask("signal", new JsonObject().put("all", true).put("signal", "TERM"));

    for (String each : List.of(a, b)) {
      assertEquals("FAILED", bus.ask("await", await(each, "stopped")).getString("exit"));
    }
  }

  @Test
  void aSignalOfNonsenseIsRefused() throws Exception {
    String running = bus.running("w");
    for (JsonObject body :
        List.of(
            handle(running).put("signal", "KILL"),
            handle(running).put("signal", 15),
            handle(running),
            new JsonObject().put("signal", "HUP"),
            new JsonObject().put("signal", "HUP").put("all", false),
            new JsonObject().put("signal", "HUP").put("all", "true"),
            handle(running).put("signal", "HUP").put("all", true))) {
      bus.refused(ErrorCode.BAD_REQUEST, "signal", body);
    }
    assertFalse(bus.life.watch.seen().stream().anyMatch(t -> t.to() == WorkerState.STOPPING));
  }
}
