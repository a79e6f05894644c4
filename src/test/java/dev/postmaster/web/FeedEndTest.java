package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.support.Viewer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a feed is ended by others, and what a viewer costs that cannot be reached any more. */
class FeedEndTest extends FeedSetup {

  /** A server whose feed is opened for an operator, and given to whoever judges him. */
  private HttpServer judged(CompletableFuture<FeedSession> judge) throws Exception {
    Feed feed = new Feed(life.vertx, new WebOptions(), new Scrapes(new WebOptions()));
    Router router = Router.router(life.vertx);
    router
        .get("/feed")
        .handler(
            context ->
                feed.open(context, postmaster, "operator")
                    .onSuccess(session -> judge.complete(session)));
    HttpServer http = WebServer.create(life.vertx, new WebOptions()).requestHandler(router);
    return get(http.listen(0, "127.0.0.1"));
  }

  @Test
  void helloSaysTheRoleAndASessionThatIsOverEndsTheFeed() throws Exception {
    for (CloseCode code : List.of(CloseCode.SESSION, CloseCode.REFUSED)) {
      CompletableFuture<FeedSession> judge = new CompletableFuture<>();
      HttpServer http = judged(judge);
      Viewer viewer = Viewer.subscribed(client, http.actualPort(), Viewer.subscribe());
      assertEquals("operator", viewer.await("hello", 1).getString("role"));
      viewer.await("snapshot", 1);

      judge.get(20, TimeUnit.SECONDS).end(code);

      assertEquals(code.number(), viewer.awaitClose());
      JsonObject bye = viewer.await("bye", 1);
      assertEquals(code.number(), bye.getInteger("code"));
      assertEquals(null, bye.getValue("retryMs", "none"));
      get(http.close());
    }
  }

  @Test
  void theNumbersAreThoseOfTheProtocol() {
    assertEquals(
        List.of(1001, 1009, 4400, 4401, 4403, 4408, 4410, 4429, 4430, 4500),
        List.of(CloseCode.values()).stream().map(CloseCode::number).toList());
  }

  /** A connection that takes 64 KiB, and then nothing for ever. */
  private static final class Dead implements FeedPump.Wire {

    final CompletableFuture<CloseCode> closed = new CompletableFuture<>();
    int bytes;

    @Override
    public boolean full() {
      return bytes >= 64 * 1_024;
    }

    @Override
    public boolean isClosed() {
      return closed.isDone();
    }

    @Override
    public void send(String type, long seq, String text) {
      bytes += text.getBytes(StandardCharsets.UTF_8).length;
    }

    @Override
    public void close(CloseCode code) {
      send("bye", FeedReader.NOWHERE, FeedText.bye(code));
      closed.complete(code);
    }
  }

  @Test
  void aDeadViewerCostsWhatItsSocketHoldsAndIsClosed() throws Exception {
    WebOptions options =
        new WebOptions().setHeartbeat(Duration.ofMillis(50)).setSlowLimit(Duration.ofMillis(200));
    restart(options);
    Feed feed = new Feed(life.vertx, options, new Scrapes(options));
    Dead dead = new Dead();
    FeedReader reader = new FeedReader(feed, postmaster, dead, true);
    life.vertx.runOnContext(
        on -> {
          FeedPump pump = new FeedPump(feed, postmaster, dead, reader);
          reader.subscribe(ClientMessage.read(Viewer.subscribe().encode()));
          dead.closed.thenRun(pump::gone);
          pump.pump();
        });
    storm(8);
    awaitHead(postmaster.transitions().capacity() + 2_000);

    assertEquals(CloseCode.SLOW, dead.closed.get(20, TimeUnit.SECONDS));

    storm.set(false);
    assertTrue(dead.bytes < 64 * 1_024 + PartText.BYTES_MAX + 1_024, () -> dead.bytes + " bytes");
  }
}
