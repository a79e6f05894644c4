package dev.postmaster.client;

import static dev.postmaster.client.Messages.EPOCH;
import static dev.postmaster.client.Messages.hello;
import static dev.postmaster.client.Messages.snapshot;
import static dev.postmaster.client.Messages.stopping;
import static dev.postmaster.client.Messages.worker;
import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client of the feed at servers that send away, refuse, are silent, or are hostile. */
class OddFeedsTest {

  private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
  private final AtomicInteger connections = new AtomicInteger();
  private Vertx vertx;
  private HttpServer server;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    vertx.exceptionHandler(uncaught::add);
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
    assertEquals(List.of(), List.copyOf(uncaught));
  }

  private void serve(Consumer<ServerWebSocket> feed) throws Exception {
    answer(
        request ->
            request
                .toWebSocket()
                .onSuccess(
                    socket -> {
                      connections.incrementAndGet();
                      feed.accept(socket);
                    }));
  }

  private void answer(Handler<HttpServerRequest> handler) throws Exception {
    HttpServerOptions options =
        new HttpServerOptions()
            .addWebSocketSubProtocol(FeedLink.PROTOCOL)
            .setMaxWebSocketFrameSize(1 << 20)
            .setMaxWebSocketMessageSize(1 << 20);
    server = get(vertx.createHttpServer(options).requestHandler(handler).listen(0, "127.0.0.1"));
  }

  private Followed followed() {
    return new Followed(vertx, Followed.options(server.actualPort())).started();
  }

  private static void send(ServerWebSocket socket, JsonObject message) {
    socket.writeTextMessage(message.encode());
  }

  private static void behave(ServerWebSocket socket) {
    send(socket, hello(EPOCH, 10));
    socket.textMessageHandler(subscribe -> send(socket, snapshot(10, 1, 1, worker(EPOCH, 10, 0))));
  }

  @Test
  void codesOfBugsAndRefusalsEndIt() throws Exception {
    Map<Integer, ErrorCode> codes =
        Map.of(
            1009,
            ErrorCode.BAD_REQUEST,
            4400,
            ErrorCode.BAD_REQUEST,
            4401,
            ErrorCode.UNAUTHENTICATED,
            4403,
            ErrorCode.FORBIDDEN);
    for (Map.Entry<Integer, ErrorCode> code : codes.entrySet()) {
      connections.set(0);
      serve(socket -> socket.close(code.getKey().shortValue(), "because"));
      Followed feed = followed();

      PostmasterException end =
          assertThrows(PostmasterException.class, () -> get(feed.client.ended()));

      assertEquals(code.getValue(), end.code());
      assertEquals("the feed was closed with " + code.getKey() + ", because", end.getMessage());
      assertThrows(PostmasterException.class, () -> get(feed.client.start()));
      assertEquals(1, connections.get());
      assertEquals(
          List.of(new FeedDisconnect(code.getKey(), "because", Optional.empty())), feed.ends);
      get(server.close());
    }
  }

  @Test
  void whatPassesIsTriedAgain() throws Exception {
    for (int code : List.of(1000, 1001, 1011, 4408, 4410, 4429, 4430, 4500, 4999)) {
      serve(socket -> socket.close((short) code));
      Followed feed = followed();

      feed.await("three ends with " + code, () -> feed.ends.size() >= 3);

      assertEquals(code, feed.ends.get(2).code());
      get(feed.client.close());
      get(feed.client.ended());
      get(server.close());
    }
  }

  @Test
  void whatTheServerAsksForIsWaitedFor() throws Exception {
    serve(
        socket -> {
          send(socket, hello(EPOCH, 1));
          send(socket, new JsonObject().put("t", "bye").put("code", 4430).put("retryMs", 40));
          socket.close((short) 4430);
        });
    Followed feed = followed();

    feed.await("an end", () -> !feed.ends.isEmpty());

    long retryMs = feed.ends.get(0).retryMs().orElseThrow();
    assertTrue(retryMs > 40 && retryMs <= 90, () -> "waits " + retryMs);
    get(feed.client.close());
  }

  @Test
  void aRefusalOfTheUpgradeEndsItUnlessItPasses() throws Exception {
    Map<Integer, ErrorCode> codes =
        Map.of(
            400,
            ErrorCode.BAD_REQUEST,
            401,
            ErrorCode.UNAUTHENTICATED,
            403,
            ErrorCode.FORBIDDEN,
            404,
            ErrorCode.BAD_REQUEST);
    for (Map.Entry<Integer, ErrorCode> code : codes.entrySet()) {
      answer(request -> request.response().setStatusCode(code.getKey()).end("no"));
      Followed feed = followed();
      PostmasterException end =
          assertThrows(PostmasterException.class, () -> get(feed.client.ended()));
      assertEquals(code.getValue(), end.code());
      get(server.close());
    }
    answer(
        request -> {
          if (connections.getAndIncrement() < 3) {
            request.response().setStatusCode(503).end();
          } else {
            request.toWebSocket().onSuccess(OddFeedsTest::behave);
          }
        });
    Followed feed = followed();
    assertEquals(10, get(feed.client.start()).seq());
    assertEquals(3, feed.ends.size());
    get(feed.client.close());
  }

  @Test
  void theTokenIsReadFromItsFileForEachConnection(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("token");
    Files.writeString(file, "first\n");
    Queue<String> seen = new ConcurrentLinkedQueue<>();
    answer(
        request -> {
          seen.add(request.getHeader("Authorization"));
          request.response().setStatusCode(503).end();
        });
    Followed feed =
        new Followed(vertx, Followed.options(server.actualPort()).setTokenFile(file)).started();
    feed.await("the first", () -> seen.contains("Bearer first"));
    Files.writeString(file, "second");
    feed.await("the second", () -> seen.contains("Bearer second"));
    Files.delete(file);
    feed.await("its loss", () -> feed.ends.toString().contains("Unable to read file"));
    get(feed.client.close());
  }

  @Test
  void aServerThatSaysNothingIsGivenUp() throws Exception {
    serve(socket -> {});
    FeedClientOptions options =
        Followed.options(server.actualPort()).setTimeout(Duration.ofMillis(150));
    Followed feed = new Followed(vertx, options).started();

    feed.await("two ends", () -> feed.ends.size() >= 2);

    assertEquals("no hello within PT0.15S", feed.ends.get(0).reason());
    get(feed.client.close());
  }

  @Test
  void aHealthyConnectionBeginsTheWaitsAnew() throws Exception {
    serve(
        socket -> {
          behave(socket);
          vertx.setTimer(60, later -> socket.close((short) 1001));
        });
    FeedClientOptions options =
        new FeedClientOptions()
            .setPort(server.actualPort())
            .setReconnect(Duration.ofMillis(20), Duration.ofMinutes(10))
            .setHealthy(Duration.ofMillis(50));
    Followed feed = new Followed(vertx, options).started();

    feed.await("many ends", () -> feed.ends.size() >= 8);

    assertTrue(feed.ends.stream().allMatch(end -> end.retryMs().orElseThrow() <= 20));
    get(feed.client.close());
  }

  @Test
  void aWindowIsOpenedBeforeItIsUsedUp() throws Exception {
    int window = 64;
    int records = 400;
    AtomicInteger acks = new AtomicInteger();
    AtomicInteger sent = new AtomicInteger();
    serve(
        socket -> {
          send(socket, hello(EPOCH, 10));
          socket.textMessageHandler(
              text -> {
                JsonObject message = new JsonObject(text);
                long open = 10;
                if (message.getString("t").equals("ack")) {
                  acks.incrementAndGet();
                  open = message.getLong("seq");
                } else {
                  assertEquals(window, message.getInteger("window"));
                  send(socket, snapshot(10, 1, 1));
                }
                while (10 + sent.get() < open + window && sent.get() < records) {
                  send(socket, stopping(10 + sent.incrementAndGet(), 0));
                }
              });
        });
    FeedClientOptions options = Followed.options(server.actualPort()).setWindow(window);
    Followed feed = new Followed(vertx, options).started();

    feed.awaitSeq(10 + records);

    assertEquals(records, feed.log.size());
    assertTrue(acks.get() >= records / window - 1 && acks.get() <= 16, () -> "acks " + acks);
    get(feed.client.close());
  }

  private static Buffer noise(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return Buffer.buffer(bytes);
  }

  private static final List<JsonObject> ODD =
      List.of(
          snapshot(10, 2, 3),
          snapshot(10, 1, Integer.MAX_VALUE),
          stopping(5, 0),
          stopping(999, 0),
          Messages.missing(1, 1L << 53, "all"),
          Messages.missing(5, 4, "back"),
          Messages.slots(1, 2, worker(Messages.OTHER, 1, 1), null),
          Messages.heartbeat(1L << 50),
          hello(Messages.OTHER, 3),
          hello(EPOCH, 3).put("slots", -1),
          hello(EPOCH, 3).put("heartbeatMs", 0),
          new JsonObject().put("t", new JsonArray()),
          new JsonObject().put("t", "bye").put("retryMs", "soon"),
          new JsonObject().put("t", "worker").put("worker", 7));

  /** Sends anything; each connection another thing. */
  private static void misbehave(ServerWebSocket socket, Random random) {
    if (random.nextInt(4) > 0) {
      behave(socket);
    }
    switch (random.nextInt(8)) {
      case 0 -> socket.writeTextMessage("{".repeat(random.nextInt(2_000)));
      case 1 -> socket.writeTextMessage("[".repeat(100_000));
      case 2 -> socket.writeBinaryMessage(noise(random, 100));
      case 3 -> socket.writeTextMessage("\"" + "x".repeat(300_000) + "\"");
      case 4 -> socket.writeFrame(WebSocketFrame.continuationFrame(noise(random, 9), false));
      case 5 -> socket.writeFrame(WebSocketFrame.textFrame("{\"t\":", false));
      default -> {
        for (int n = random.nextInt(5); n >= 0; n--) {
          send(socket, ODD.get(random.nextInt(ODD.size())));
        }
      }
    }
    socket.writeTextMessage("null");
  }

  @Test
  void aHostileServerIsLeftAndComeBackToAtTheSamePace() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    AtomicInteger hostile = new AtomicInteger(60);
    serve(
        socket -> {
          if (hostile.decrementAndGet() >= 0) {
            misbehave(socket, random);
          } else {
            behave(socket);
          }
        });
    FeedClientOptions options =
        Followed.options(server.actualPort()).setTimeout(Duration.ofMillis(500));
    Followed feed = new Followed(vertx, options).started();

    feed.await("the end of it, seed " + seed, () -> hostile.get() < 0);
    feed.await("its picture, seed " + seed, () -> feed.client.picture().slot(0).isPresent());

    assertTrue(feed.ends.size() >= 60, "seed " + seed);
    assertTrue(feed.ends.size() <= connections.get() + 1, "seed " + seed);
    assertTrue(feed.ends.stream().allMatch(end -> end.retryMs().orElse(0L) >= 1));
    assertTrue(feed.client.picture().workers().size() <= 8);
    get(feed.client.close());
  }
}
