package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.support.Viewer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Viewers that say how much they take at one time. */
class FeedWindowTest extends FeedSetup {

  private Viewer windowed(int window) throws Exception {
    return subscribed(Viewer.subscribe().put("window", window));
  }

  /** Waits until it has been pumped after everything that is in the journal. */
  private void awaitBeats(Viewer viewer) throws Exception {
    viewer.await("heartbeat", viewer.all("heartbeat").size() + 3);
  }

  private static WebOptions beating() {
    return new WebOptions().setHeartbeat(Duration.ofMillis(50));
  }

  @Test
  void soManyComeBeyondTheLastThatWasAcknowledged() throws Exception {
    restart(beating());
    Viewer viewer = windowed(4);
    viewer.await("snapshot", 1);
    for (int w = 0; w < 4; w++) {
      get(register("w" + w).awaitReady());
    }
    long head = postmaster.transitions().head();

    awaitBeats(viewer);
    assertEquals(4, viewer.log().size());
    for (int had = 4; had < head - 1; had += 2) {
      viewer.send(new JsonObject().put("t", "ack").put("seq", viewer.log().get(had - 3)));
      int more = had + 2;
      viewer.awaitSeq(viewer.log().get(0) + Math.min(more, head - 1) - 1);
      awaitBeats(viewer);
      assertEquals(Math.min(more, head - 1), viewer.log().size());
    }
    viewer.assertWhole();
    assertEquals(List.of(), viewer.all("gap"));
  }

  @Test
  void oneThatAcknowledgesGetsEverything() throws Exception {
    Viewer viewer = windowed(32).acknowledging(16);
    viewer.await("snapshot", 1);
    storm.set(false);
    storm(8);
    calm(8);
    get(register("w").awaitReady());

    assertSeesTheTable(viewer);
    assertTrue(viewer.mostUnacknowledged() <= 32);
  }

  @Test
  void oneThatDoesNotIsSlowAndGetsAGapAndSlotsWhenItDoes() throws Exception {
    Viewer viewer = windowed(8);
    viewer.await("snapshot", 1);
    storm(4);
    awaitHead(postmaster.transitions().head() + 2_000);
    calm(4);
    assertEquals(8, viewer.log().size());
    assertEquals(List.of(), viewer.all("gap"));

    viewer.acknowledge();

    assertSeesTheTable(viewer);
    assertEquals("slow-consumer", viewer.await("gap", 1).getString("reason"));
    assertEquals(4, viewer.await("slots", 1).getJsonArray("workers").size());
    assertEquals(1, viewer.all("snapshot").size());
  }

  @Test
  void aWindowMayBeLargerThanWhatIsEverSent() throws Exception {
    Viewer viewer = windowed(1_000_000);
    viewer.await("snapshot", 1);

    get(register("w").awaitReady());

    viewer.awaitSeq(postmaster.transitions().head());
    viewer.assertWhole();
  }

  @Test
  void oneThatNeverDoesIsClosedOnceMoreWaitsForItThanIsKept() throws Exception {
    restart(beating().setSlowLimit(Duration.ofMillis(200)));
    Viewer viewer = windowed(3);
    viewer.await("snapshot", 1);

    storm(2);

    assertEquals(4430, viewer.awaitClose());
    assertEquals(3, viewer.log().size());
  }

  @Test
  void oneThatOwesNothingIsNotSlow() throws Exception {
    restart(beating().setSlowLimit(Duration.ofMillis(100)));
    JsonObject filter = new JsonObject().put("types", new JsonArray().add("quiet"));
    Viewer viewer = get(Viewer.connect(client, server.port())).filtered(Set.of());
    viewer.send(Viewer.subscribe().put("window", 1).put("filter", filter));
    viewer.await("snapshot", 1);
    get(postmaster.pause(dev.postmaster.Target.type("x"), java.util.Optional.empty()));
    viewer.await("transition", 1);

    get(register("other").awaitReady());
    long head = postmaster.transitions().head();

    viewer.await("heartbeat", viewer.all("heartbeat").size() + 8);
    assertEquals(head, viewer.await("heartbeat", 8).getLong("sent"));
    assertEquals(1, viewer.log().size());
  }
}
