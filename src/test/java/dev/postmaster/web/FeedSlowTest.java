package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.WorkerHandle;
import dev.postmaster.support.Life;
import dev.postmaster.support.Viewer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Viewers that do not keep up. */
class FeedSlowTest extends FeedSetup {

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
    assertEquals(gap.getLong("to"), slow.await("snapshot", 2).getLong("seq"));
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
}
