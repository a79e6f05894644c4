package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.support.Viewer;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a viewer may not do, and how it is told. */
class FeedLimitsTest extends FeedSetup {

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
            "{\"t\":\"subscribe\",\"window\":0}",
            "{\"t\":\"subscribe\",\"window\":1.5}",
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
}
