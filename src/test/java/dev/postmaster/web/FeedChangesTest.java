package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Phase;
import dev.postmaster.Target;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Life;
import dev.postmaster.support.Viewer;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What changes without a transition, and is told by {@code worker}. */
class FeedChangesTest extends FeedSetup {

  private Viewer watching() throws Exception {
    Viewer viewer = subscribed();
    viewer.await("snapshot", 1);
    return viewer;
  }

  private static List<JsonObject> told(Viewer viewer) {
    return viewer.all("worker").stream().map(message -> message.getJsonObject("worker")).toList();
  }

  @Test
  void aPauseIsToldWithTheHead() throws Exception {
    WorkerHandle handle = register("w");
    get(handle.awaitReady());
    Viewer viewer = watching();
    Instant until = Instant.now().plusSeconds(3_600);

    get(postmaster.pause(Target.all(), Optional.of(until)));

    JsonObject message = viewer.await("worker", 1);
    while (!message.getJsonObject("worker").getBoolean("paused")) {
      message = viewer.await("worker", viewer.all("worker").size() + 1);
    }
    long apartMs = message.getJsonObject("worker").getLong("pausedUntil") - until.toEpochMilli();
    assertTrue(Math.abs(apartMs) < 1_000, () -> "by " + apartMs + " ms");
    assertEquals(postmaster.transitions().head(), message.getLong("seq"));
    get(postmaster.resume(Target.all()));
    assertSeesTheTable(viewer);
  }

  @Test
  void whatAWorkerWaitsForIsTold() throws Exception {
    restart(Life.options().setPhase(Phase.STARTUP), new WebOptions());
    get(postmaster.register(WorkerSpec.of("w", FeedSetup::idle)));
    Viewer viewer = watching();
    get(postmaster.pause(Target.all(), Optional.empty()));
    assertSeesTheTable(viewer);

    get(postmaster.advance(Phase.RUN));

    assertSeesTheTable(viewer);
    assertEquals("paused", told(viewer).get(told(viewer).size() - 1).getString("waiting"));
  }

  @Test
  void aSlotIsToldOfAtMostOnceASecond() throws Exception {
    get(register("w").awaitReady());
    Viewer viewer = watching();
    long startNs = System.nanoTime();

    for (int turn = 0; turn < 500; turn++) {
      get(postmaster.pause(Target.all(), Optional.empty()));
      get(postmaster.resume(Target.all()));
    }
    get(postmaster.pause(Target.all(), Optional.empty()));

    assertSeesTheTable(viewer);
    long seconds = (System.nanoTime() - startNs) / 1_000_000_000;
    int times = told(viewer).size();
    assertTrue(times <= seconds + 2, () -> times + " in " + seconds + " s");
  }

  @Test
  void whoComesBackIsToldWhatChangedMeanwhile() throws Exception {
    get(register("w").awaitReady());
    Viewer stays = watching();
    Viewer leaves = watching();
    get(leaves.socket().close());
    leaves.awaitClose();
    get(postmaster.pause(Target.all(), Optional.empty()));
    assertSeesTheTable(stays);

    Viewer back = get(Viewer.connect(client, server.port())).after(leaves);
    back.send(Viewer.resume(postmaster.epoch(), leaves.seq()));

    assertSeesTheTable(back);
    assertEquals(List.of(), back.all("snapshot"));
  }

  @Test
  void whoComesBackWhenNobodyWatchedIsToldToo() throws Exception {
    get(register("w").awaitReady());
    Viewer leaves = watching();
    get(leaves.socket().close());
    leaves.awaitClose();
    get(postmaster.pause(Target.all(), Optional.empty()));

    Viewer back = get(Viewer.connect(client, server.port())).after(leaves);
    back.send(Viewer.resume(postmaster.epoch(), leaves.seq()));

    assertSeesTheTable(back);
  }

  @Test
  void aDrainedWorkerIsShownPaused() throws Exception {
    get(register("w").awaitReady());
    Viewer viewer = watching();

    get(postmaster.drain(Target.all(), Optional.empty()));
    life.watch.await(t -> t.from() == dev.postmaster.WorkerState.STOPPING);

    assertSeesTheTable(viewer);
    assertTrue(told(viewer).get(told(viewer).size() - 1).getBoolean("paused"));
  }
}
