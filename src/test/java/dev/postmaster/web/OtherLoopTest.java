package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.postmaster.Postmaster;
import dev.postmaster.support.Life;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.ext.web.client.WebClient;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The server is on another loop than the postmaster, where the Vertx has two. */
class OtherLoopTest {

  private static final int ROUNDS = 12;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));

  @AfterEach
  void close() throws Exception {
    Life.get(vertx.close());
  }

  /** Others take loops too: what comes next may land on any. */
  private void othersTakeLoops() throws Exception {
    for (int other = random.nextInt(3); other > 0; other--) {
      Life.get(vertx.deployVerticle(context -> Future.succeededFuture()));
    }
  }

  private Postmaster postmaster() throws Exception {
    othersTakeLoops();
    return Postmaster.create(vertx, Life.options());
  }

  private void assertApart(WebServer server, Postmaster postmaster, int round) throws Exception {
    Life.get(server.settled());
    Promise<Boolean> shares = Promise.promise();
    server.context().runOnContext(on -> shares.complete(postmaster.isLoop()));
    assertFalse(Life.get(shares.future()), "round " + round + ", seed " + seed);
    WebClient client = WebClient.create(vertx);
    String path = "/api/v1/status";
    assertEquals(200, Life.get(client.get(server.port(), "127.0.0.1", path).send()).statusCode());
    client.close();
  }

  @Test
  void aServerThatIsStartedAfterThePostmasterIsOnAnotherLoop() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Postmaster postmaster = Life.get(postmaster().start());
      othersTakeLoops();

      WebServer server = Life.get(WebServer.start(vertx, postmaster, new WebOptions().setPort(0)));

      assertApart(server, postmaster, round);
      Life.get(server.close());
      Life.get(postmaster.close());
    }
  }

  @Test
  void aServerThatWasBoundBeforeMovesToAnotherLoopWithItsPort() throws Exception {
    int known = 0;
    for (int round = 0; round < ROUNDS; round++) {
      othersTakeLoops();
      WebServer server =
          Life.get(WebServer.bind(vertx, new WebOptions().setPort(round % 2 == 0 ? 0 : known)));
      int port = server.port();
      known = port;
      Postmaster postmaster = postmaster();
      Life.get(postmaster.start());

      server.serve(postmaster);

      assertApart(server, postmaster, round);
      assertEquals(port, server.port());
      Life.get(server.close());
      Life.get(postmaster.close());
    }
  }

  @Test
  void withOneLoopOnlyTheyShareIt() throws Exception {
    Vertx single = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    try {
      Postmaster postmaster = Life.get(Postmaster.create(single, Life.options()).start());

      WebServer server = Life.get(WebServer.start(single, postmaster, new WebOptions().setPort(0)));

      WebClient client = WebClient.create(vertx);
      assertEquals(
          200,
          Life.get(client.get(server.port(), "127.0.0.1", "/api/v1/status").send()).statusCode());
      Life.get(postmaster.close());
    } finally {
      Life.get(single.close());
    }
  }
}
