package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.Cause;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.StatusJson;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerStatus;
import dev.postmaster.support.Life;
import dev.postmaster.support.Viewer;
import io.vertx.core.Future;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The feed of a real postmaster, seen by real WebSocket clients. */
class FeedTest {

  private final AtomicBoolean storm = new AtomicBoolean(true);
  private final Semaphore calmed = new Semaphore(0);
  private Life life;
  private Postmaster postmaster;
  private WebServer server;
  private WebSocketClient client;

  @BeforeEach
  void start() throws Exception {
    start(new WebOptions());
  }

  private void start(WebOptions options) throws Exception {
    start(Life.options(), options);
  }

  private void start(PostmasterOptions ofPostmaster, WebOptions options) throws Exception {
    life = Life.started(ofPostmaster);
    postmaster = life.postmaster;
    server = get(WebServer.start(life.vertx, postmaster, options.setPort(0)));
    client = Viewer.client(life.vertx);
  }

  private void restart(WebOptions options) throws Exception {
    restart(Life.options(), options);
  }

  private void restart(PostmasterOptions ofPostmaster, WebOptions options) throws Exception {
    life.close();
    start(ofPostmaster, options);
  }

  @AfterEach
  void end() {
    life.close();
  }

  private Viewer subscribed(JsonObject subscribe) throws Exception {
    return Viewer.subscribed(client, server.port(), subscribe);
  }

  private Viewer subscribed() throws Exception {
    return subscribed(Viewer.subscribe());
  }

  private static BackgroundWorker idle() {
    return context -> {
      while (true) {
        context.checkInterrupts();
        context.awaitLatch(Duration.ofHours(1));
      }
    };
  }

  private WorkerHandle register(String name) throws Exception {
    return get(postmaster.register(WorkerSpec.of(name, FeedTest::idle)));
  }

  /** Workers that fail and are started again at once, for as long as the storm lasts. */
  private void storm(int workers) throws Exception {
    BackgroundWorker stormy =
        context -> {
          if (storm.get()) {
            throw new IllegalStateException("again");
          }
          calmed.release();
          idle().run(context);
        };
    for (int w = 0; w < workers; w++) {
      WorkerSpec spec = WorkerSpec.of("storm-" + w, () -> stormy);
      get(postmaster.register(spec.restartAfter(Duration.ZERO)));
    }
  }

  private void awaitHead(long seq) throws Exception {
    life.watch.await(t -> t.seq() >= seq);
  }

  /** Ends the storm, and waits until every worker of it stays. */
  private void calm(int workers) throws Exception {
    storm.set(false);
    assertTrue(calmed.tryAcquire(workers, 20, TimeUnit.SECONDS));
    long published = postmaster.status().seq();
    while (!postmaster.list().stream().allMatch(WorkerStatus::ready)) {
      awaitHead(published + 1);
      published = postmaster.status().seq();
    }
  }

  private List<String> table() {
    return postmaster.list().stream().map(StatusJson::worker).map(Viewer::line).toList();
  }

  private void assertSeesTheTable(Viewer viewer) throws Exception {
    viewer.awaitPicture(postmaster.transitions().head(), table());
    viewer.assertWhole();
  }

  @Test
  void helloComesFirstAndSaysWhoIsThere() throws Exception {
    Viewer viewer = subscribed();

    JsonObject hello = viewer.await("hello", 1);

    assertEquals("hello", viewer.types().get(0));
    assertEquals(
        List.of(
            "t",
            "v",
            "name",
            "epoch",
            "head",
            "oldest",
            "now",
            "upMs",
            "heartbeatMs",
            "role",
            "slots",
            "phase"),
        List.copyOf(hello.fieldNames()));
    assertEquals(1, hello.getInteger("v"));
    assertEquals("default", hello.getString("name"));
    assertEquals(postmaster.epoch(), hello.getString("epoch"));
    assertEquals(postmaster.transitions().head(), hello.getLong("head"));
    assertEquals(postmaster.transitions().oldest(), hello.getLong("oldest"));
    assertEquals(5_000, hello.getInteger("heartbeatMs"));
    assertEquals("viewer", hello.getString("role"));
    assertEquals(64, hello.getInteger("slots"));
    assertEquals("RUN", hello.getString("phase"));
  }

  @Test
  void snapshotAndTransitionsGiveThePictureOfTheTable() throws Exception {
    get(register("early").awaitReady());
    Viewer viewer = subscribed();
    viewer.await("snapshot", 1);
    WorkerHandle late = register("late");
    get(register("stays").awaitReady());
    get(late.awaitReady());
    get(late.terminate());
    get(late.awaitGone());

    assertSeesTheTable(viewer);
    assertEquals(2, viewer.picture().size());
  }

  @Test
  void aSnapshotHasTheFieldsOfTheProtocol() throws Exception {
    get(register("w").awaitReady());

    JsonObject snapshot = subscribed().await("snapshot", 1);

    assertEquals(
        List.of(
            "t",
            "seq",
            "part",
            "parts",
            "phase",
            "shutdown",
            "domains",
            "parallel",
            "clients",
            "workers"),
        List.copyOf(snapshot.fieldNames()));
    assertEquals(postmaster.transitions().head(), snapshot.getLong("seq"));
    assertEquals("RUN", snapshot.getString("phase"));
    assertEquals(null, snapshot.getValue("shutdown"));
    assertEquals(
        new JsonObject().put("active", 0).put("limit", 8), snapshot.getJsonObject("parallel"));
    assertEquals(
        StatusJson.worker(postmaster.list().get(0)).encode(),
        snapshot.getJsonArray("workers").getJsonObject(0).encode());
  }

  @Test
  void manyWorkersComeInPartsThatFitIntoAFrame() throws Exception {
    // Names that double in JSON, and a last message that grows sixfold.
    String name = "\"".repeat(95);
    for (int w = 0; w < 64; w++) {
      BackgroundWorker failing =
          context -> {
            throw new IllegalStateException("\u0001".repeat(2_000));
          };
      get(
          postmaster.register(
              WorkerSpec.of(name, () -> failing).restartAfter(Duration.ofHours(1))));
    }
    life.watch.await(t -> t.to() == dev.postmaster.WorkerState.BACKOFF, 64);

    Viewer viewer = subscribed();

    assertSeesTheTable(viewer);
    assertEquals(64, viewer.picture().size());
    assertEquals(13, viewer.all("snapshot").size());
  }

  @Test
  void aRegistrationIsFollowedByItsWorker() throws Exception {
    Viewer viewer = subscribed();
    viewer.await("snapshot", 1);

    register("new");

    JsonObject registered = viewer.await("transition", 1);
    JsonObject worker = viewer.await("worker", 1);
    assertEquals("registered", registered.getString("cause"));
    assertEquals(registered.getLong("seq"), worker.getLong("seq"));
    assertEquals("new", worker.getJsonObject("worker").getString("name"));
    int at = viewer.types().indexOf("transition");
    assertEquals("worker", viewer.types().get(at + 1));
  }

  @Test
  void aHeartbeatSaysHowFarTheViewerIs() throws Exception {
    restart(new WebOptions().setHeartbeat(Duration.ofMillis(50)));
    Viewer viewer = subscribed();
    viewer.await("snapshot", 1);
    get(register("w").awaitReady());
    long head = postmaster.transitions().head();
    viewer.awaitSeq(head);

    JsonObject beat = viewer.await("heartbeat", viewer.all("heartbeat").size() + 2);

    assertEquals(head, beat.getLong("head"));
    assertEquals(head, beat.getLong("sent"));
    assertTrue(beat.getLong("upMs") > 0);
  }

  @Test
  void aPingIsAnsweredByAHeartbeat() throws Exception {
    Viewer viewer = subscribed();

    viewer.send(new JsonObject().put("t", "ping"));

    viewer.await("heartbeat", 1);
  }

  @Test
  void randomDisconnectsLoseNothingAndRepeatNothing() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    storm(2);
    Viewer viewer = subscribed();
    viewer.await("snapshot", 1);
    for (int turn = 0; turn < 25; turn++) {
      viewer.awaitSeq(viewer.seq() + random.nextInt(200));
      get(viewer.socket().close());
      viewer.awaitClose();
      viewer.assertWhole();
      long last = viewer.seq();
      viewer = Life.get(Viewer.connect(client, server.port()));
      viewer.expectFrom(last);
      viewer.send(Viewer.resume(postmaster.epoch(), last));
      viewer.awaitSeq(last + 1);
      assertEquals(List.of(), viewer.all("gap"), "seed " + seed);
      assertEquals(List.of(), viewer.all("snapshot"), "seed " + seed);
    }
    calm(2);
    long head = postmaster.transitions().head();
    viewer.awaitSeq(head);
    viewer.assertWhole();
  }

  @Test
  void aResumeAtTheHeadGoesOnLive() throws Exception {
    get(register("w").awaitReady());
    long head = postmaster.transitions().head();
    Viewer viewer = Life.get(Viewer.connect(client, server.port()));
    viewer.expectFrom(head);
    viewer.send(Viewer.resume(postmaster.epoch(), head));

    get(register("x").awaitReady());

    viewer.awaitSeq(postmaster.transitions().head());
    viewer.assertWhole();
    assertEquals(List.of(), viewer.all("snapshot"));
  }

  /** The connection may have been lost between the two messages. */
  @Test
  void aResumeAtARegistrationBringsTheWorkerAgain() throws Exception {
    get(register("w").awaitReady());
    long registered = life.watch.await(t -> t.cause() == Cause.REGISTERED).seq();
    Viewer viewer = Life.get(Viewer.connect(client, server.port()));
    viewer.expectFrom(registered);
    viewer.send(Viewer.resume(postmaster.epoch(), registered));

    JsonObject worker = viewer.await("worker", 1);

    assertEquals(registered, worker.getLong("seq"));
    assertEquals("w", worker.getJsonObject("worker").getString("name"));
    viewer.awaitSeq(postmaster.transitions().head());
    viewer.assertWhole();
    assertEquals(List.of("hello", "worker", "transition"), viewer.types().subList(0, 3));
  }

  @Test
  void aResumeOlderThanTheJournalIsAGapAndASnapshot() throws Exception {
    storm(8);
    awaitHead(postmaster.transitions().capacity() + 100);
    calm(8);

    Viewer viewer = subscribed(Viewer.resume(postmaster.epoch(), 3));

    JsonObject gap = viewer.await("gap", 1);
    assertEquals("overrun", gap.getString("reason"));
    assertEquals(4, gap.getLong("from"));
    assertSeesTheTable(viewer);
    assertEquals(gap.getLong("to"), viewer.await("snapshot", 1).getLong("seq"));
  }

  @Test
  void aResumeOfAnotherEpochIsAGapAndASnapshot() throws Exception {
    get(register("w").awaitReady());

    Viewer viewer = subscribed(Viewer.resume("01JDA3K5ZV7Q0000000000000A", 1));

    assertEquals("epoch", viewer.await("gap", 1).getString("reason"));
    assertSeesTheTable(viewer);
  }

  @Test
  void aResumeAheadOfTheJournalIsAnErrorAndASnapshot() throws Exception {
    get(register("w").awaitReady());

    Viewer viewer = subscribed(Viewer.resume(postmaster.epoch(), 1_000_000));

    JsonObject error = viewer.await("error", 1);
    assertEquals("RESUME_AHEAD", error.getString("code"));
    assertFalse(error.getBoolean("fatal"));
    assertSeesTheTable(viewer);
  }

  @Test
  void aResumeThatIsImpossibleWithoutASnapshotEndsTheFeed() throws Exception {
    for (JsonObject resume :
        List.of(
            Viewer.resume(postmaster.epoch(), 1_000_000),
            Viewer.resume("01JDA3K5ZV7Q0000000000000A", 1))) {
      Viewer viewer = subscribed(resume.put("snapshot", false));

      assertEquals(4410, viewer.awaitClose());
      assertEquals(4410, viewer.await("bye", 1).getInteger("code"));
    }
  }

  @Test
  void withoutASnapshotTheFeedIsLiveOnly() throws Exception {
    get(register("w").awaitReady());
    long head = postmaster.transitions().head();
    Viewer viewer = subscribed(Viewer.subscribe().put("snapshot", false));
    viewer.send(new JsonObject().put("t", "ping"));
    assertEquals(head, viewer.await("heartbeat", 1).getLong("sent"));

    get(register("x").awaitReady());

    assertEquals(head + 1, viewer.await("transition", 1).getLong("seq"));
    assertEquals(List.of(), viewer.all("snapshot"));
  }

  @Test
  void aSecondSubscribeBringsANewSnapshotAndGoesOn() throws Exception {
    Viewer viewer = subscribed();
    viewer.await("snapshot", 1);
    get(register("w").awaitReady());

    viewer.send(Viewer.subscribe());
    viewer.await("snapshot", 2);
    get(register("x").awaitReady());

    assertSeesTheTable(viewer);
  }

  @Test
  void aSecondSubscribeInAStormKeepsThePromise() throws Exception {
    storm(4);
    Viewer viewer = subscribed();
    for (int turn = 2; turn < 8; turn++) {
      viewer.awaitSeq(viewer.seq() + 50);
      viewer.send(Viewer.subscribe());
      viewer.await("snapshot", turn);
    }
    calm(4);

    assertSeesTheTable(viewer);
  }

  @Test
  void aFilterIsRefusedPlainlyAndAnEmptyOneIsNone() throws Exception {
    JsonObject filter = new JsonObject().put("types", new JsonArray().add("mailer"));
    Viewer viewer = subscribed(Viewer.subscribe().put("filter", filter));
    JsonObject error = viewer.await("error", 1);
    assertEquals("NOT_SUPPORTED", error.getString("code"));
    assertFalse(error.getBoolean("fatal"));
    assertEquals(List.of(), viewer.all("snapshot"));

    JsonObject none = new JsonObject().put("types", new JsonArray()).putNull("name");
    viewer.send(Viewer.subscribe().put("filter", none).put("window", 512));
    viewer.await("error", 2);
    viewer.send(Viewer.subscribe().put("filter", none));

    viewer.await("snapshot", 1);
  }

  @Test
  void aViewerThatNeverSubscribesIsClosed() throws Exception {
    restart(new WebOptions().setSubscribeTimeout(Duration.ofMillis(50)));

    Viewer viewer = get(Viewer.connect(client, server.port()));

    assertEquals(4408, viewer.awaitClose());
    assertEquals(2_000, viewer.await("bye", 1).getInteger("retryMs"));
  }

  @Test
  void aViewerThatSubscribesStaysBeyondThatTime() throws Exception {
    restart(
        new WebOptions()
            .setSubscribeTimeout(Duration.ofMillis(50))
            .setHeartbeat(Duration.ofMillis(50)));

    Viewer viewer = subscribed();

    viewer.await("heartbeat", 4);
  }

  @Test
  void whatIsNotAMessageEndsTheFeed() throws Exception {
    for (String bad :
        List.of(
            "{",
            "[]",
            "1",
            "",
            "{}",
            "{\"t\":\"terminate\"}",
            "{\"t\":\"subscribe\",\"snapshot\":1}",
            "{\"t\":\"subscribe\",\"resume\":{\"epoch\":1,\"seq\":1}}",
            "{\"t\":\"subscribe\",\"resume\":{\"epoch\":\"a\",\"seq\":1.5}}",
            "{\"t\":\"subscribe\",\"resume\":{\"epoch\":\"a\",\"seq\":-1}}",
            "{\"t\":\"subscribe\",\"filter\":[]}",
            "{\"t\":\"ack\"}",
            "[".repeat(10_000))) {
      Viewer viewer = get(Viewer.connect(client, server.port()));
      viewer.socket().writeTextMessage(bad);

      assertEquals(4400, viewer.awaitClose(), bad);
      assertTrue(viewer.await("error", 1).getBoolean("fatal"));
    }
    Viewer binary = get(Viewer.connect(client, server.port()));
    binary.socket().writeBinaryMessage(io.vertx.core.buffer.Buffer.buffer("{}"));
    assertEquals(4400, binary.awaitClose());
    Viewer torn = get(Viewer.connect(client, server.port()));
    torn.socket()
        .writeFrame(
            WebSocketFrame.continuationFrame(io.vertx.core.buffer.Buffer.buffer("{}"), true));
    assertEquals(4400, torn.awaitClose());
  }

  @Test
  void aFrameOver16KiBEndsTheFeed() throws Exception {
    Viewer viewer = subscribed();

    viewer.socket().writeTextMessage("{\"t\":\"ping\",\"x\":\"" + "x".repeat(16 * 1_024) + "\"}");

    assertEquals(1009, viewer.awaitClose());
  }

  @Test
  void framesOver16KiBTogetherEndTheFeed() throws Exception {
    Viewer viewer = subscribed();

    for (int frame = 0; frame < 5; frame++) {
      viewer
          .socket()
          .writeFrame(
              frame == 0
                  ? io.vertx.core.http.WebSocketFrame.textFrame(" ".repeat(4_096), false)
                  : io.vertx.core.http.WebSocketFrame.continuationFrame(
                      io.vertx.core.buffer.Buffer.buffer(" ".repeat(4_096)), false));
    }

    assertEquals(1009, viewer.awaitClose());
  }

  @Test
  void moreThanTenMessagesASecondEndTheFeed() throws Exception {
    Viewer messages = subscribed();
    Viewer pings = subscribed();
    for (int m = 0; m < 15; m++) {
      messages.send(new JsonObject().put("t", "ack").put("seq", 1));
      pings.socket().writePing(io.vertx.core.buffer.Buffer.buffer("x"));
    }

    assertEquals(4429, messages.awaitClose());
    assertEquals(4429, pings.awaitClose());
  }

  @Test
  void anAddressHasSoManyFeedsAndGetsOneBack() throws Exception {
    restart(new WebOptions().setMaxConnections(3).setMaxConnectionsPerAddress(2));
    Viewer first = subscribed();
    Viewer second = subscribed();

    UpgradeRejectedException refusal =
        assertInstanceOf(
            UpgradeRejectedException.class,
            assertThrows(Exception.class, () -> get(Viewer.connect(client, server.port()))));
    assertEquals(429, refusal.getStatus());
    JsonObject problem = refusal.getBody().toJsonObject();
    assertEquals("RATE_LIMITED", problem.getString("code"));
    assertEquals(2, problem.getInteger("limit"));
    assertEquals(2, problem.getInteger("used"));

    get(first.socket().close());
    second.send(new JsonObject().put("t", "ping"));
    second.await("heartbeat", 1);
    subscribed().await("snapshot", 1);
  }

  /** Six thousand records: more than the sockets hold and a slow viewer may be behind. */
  private long stormPast(Viewer slow) throws Exception {
    slow.await("snapshot", 1);
    slow.socket().pause();
    storm(8);
    long before = postmaster.transitions().head();
    awaitHead(before + 6_000);
    calm(8);
    return before;
  }

  @Test
  void aSlowViewerGetsAGapAndTheSlotsThatChanged() throws Exception {
    register("untouched");
    register("freed");
    Viewer slow = subscribed();
    Viewer quick = subscribed();
    long before = stormPast(slow);
    WorkerHandle freed = postmaster.find("freed").orElseThrow();
    get(freed.terminate());
    get(freed.awaitGone());

    slow.socket().resume();

    assertSeesTheTable(slow);
    JsonObject gap = slow.await("gap", 1);
    JsonObject slots = slow.await("slots", 1);
    assertEquals("slow-consumer", gap.getString("reason"));
    assertTrue(gap.getLong("from") < before + 5_000, () -> "queued all until " + gap);
    assertEquals(gap.getLong("from") - 1, slots.getLong("since"));
    assertEquals(gap.getLong("to"), slots.getLong("seq"));
    assertEquals(1, slow.all("snapshot").size());
    List<String> touched =
        slow.all("slots").stream()
            .flatMap(part -> part.getJsonArray("workers").stream())
            .map(worker -> ((JsonObject) worker).getString("name"))
            .toList();
    assertEquals(8, touched.size(), touched::toString);
    assertFalse(touched.contains("untouched"));
    assertEquals(
        List.of(1),
        slow.all("slots").stream()
            .flatMap(part -> part.getJsonArray("free").stream())
            .map(free -> ((JsonObject) free).getInteger("slot"))
            .toList());
    assertSeesTheTable(quick);
    assertEquals(List.of(), quick.all("gap"));
  }

  @Test
  void aSlowViewerThatTheJournalHasLappedGetsAGapAndASnapshot() throws Exception {
    restart(Life.options().setJournalCapacity(2_048), new WebOptions());
    Viewer slow = subscribed();
    stormPast(slow);

    slow.socket().resume();

    assertSeesTheTable(slow);
    JsonObject gap = slow.await("gap", 1);
    assertEquals("slow-consumer", gap.getString("reason"));
    assertEquals(List.of(), slow.all("slots"));
    List<JsonObject> snapshots = slow.all("snapshot");
    assertEquals(gap.getLong("to"), snapshots.get(snapshots.size() - 1).getLong("seq"));
  }

  @Test
  void aViewerThatStaysSlowIsClosed() throws Exception {
    restart(quickToClose());
    Viewer slow = subscribed();
    stormPast(slow);
    subscribed().await("heartbeat", 20);

    slow.socket().resume();

    assertEquals(4430, slow.awaitClose());
    assertEquals(4430, slow.await("bye", 1).getInteger("code"));
  }

  private static WebOptions quickToClose() {
    return new WebOptions()
        .setHeartbeat(Duration.ofMillis(50))
        .setSlowLimit(Duration.ofMillis(200));
  }

  @Test
  void aViewerThatReadsNothingIsCutOff() throws Exception {
    restart(quickToClose().setWriteIdle(Duration.ofMillis(500)).setMaxConnections(1));
    Viewer deaf = subscribed();
    stormPast(deaf);

    // Its place is free again only when its connection is gone: 10 s later, says Vert.x.
    Viewer next = get(connectAtLast());
    next.send(Viewer.subscribe());
    assertSeesTheTable(next);
  }

  private Future<Viewer> connectAtLast() {
    return Viewer.connect(client, server.port())
        .recover(
            refused ->
                life.vertx.timer(100, TimeUnit.MILLISECONDS).compose(later -> connectAtLast()));
  }

  @Test
  void aViewerThatReadsNothingDoesNotHoldUpTheEnd() throws Exception {
    Viewer deaf = subscribed();
    stormPast(deaf);
    int port = server.port();

    get(server.close());

    server = get(WebServer.start(life.vertx, postmaster, new WebOptions().setPort(port)));
    assertSeesTheTable(subscribed());
  }

  @Test
  void theEndOfThePostmasterEndsEveryFeedAfterItsLastRecord() throws Exception {
    get(register("w").awaitReady());
    Viewer viewer = subscribed();
    viewer.await("snapshot", 1);

    get(postmaster.close());

    assertEquals(1001, viewer.awaitClose());
    viewer.assertWhole();
    assertEquals(postmaster.transitions().head(), viewer.seq());
    List<JsonObject> edges = viewer.all("transition");
    assertEquals("closed", edges.get(edges.size() - 1).getString("cause"));
    Future<Viewer> late = Viewer.connect(client, server.port());
    UpgradeRejectedException refusal =
        assertInstanceOf(
            UpgradeRejectedException.class, assertThrows(Exception.class, () -> get(late)));
    assertEquals(503, refusal.getStatus());
  }

  @Test
  void closingTheServerEndsEveryFeed() throws Exception {
    Viewer viewer = subscribed();
    viewer.await("snapshot", 1);

    get(server.close());

    assertEquals(1001, viewer.awaitClose());
  }
}
