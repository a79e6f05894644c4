package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.StatusJson;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Viewer;
import io.vertx.core.Future;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The feed of a real postmaster, seen by real WebSocket clients. */
class FeedTest extends FeedSetup {

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
    int parts = viewer.all("snapshot").size();
    assertEquals(parts, viewer.all("snapshot").get(0).getInteger("parts"));
    assertTrue(parts > 1);
    assertEquals(List.of(), viewer.all("worker"));
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
