package dev.postmaster.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** A viewer as protocols §4 describes one: keeps every message, and draws a {@link FeedPicture}. */
public final class Viewer {

  private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(20);
  private static final int TEXT_MAX = 60 * 1_024;

  private final WebSocket socket;
  private final List<JsonObject> messages = new ArrayList<>();
  private final FeedPicture picture = new FeedPicture();
  private boolean closed;

  private Viewer(WebSocket socket) {
    this.socket = socket;
    // A frame larger than this never reaches the handler: the client's own limit is as tight.
    socket.textMessageHandler(this::received);
    socket.closeHandler(gone -> gone());
  }

  /** The client must be kept by whoever asks: one that is collected closes its sockets. */
  public static WebSocketClient client(Vertx vertx) {
    return vertx.createWebSocketClient(
        new WebSocketClientOptions()
            .setMaxConnections(100)
            .setReceiveBufferSize(16 * 1_024)
            .setMaxFrameSize(TEXT_MAX)
            .setMaxMessageSize(TEXT_MAX));
  }

  public static Future<Viewer> connect(WebSocketClient client, int port) {
    return client
        .connect(
            new WebSocketConnectOptions()
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI("/feed")
                .addSubProtocol("postmaster.feed.v1+json"))
        .map(Viewer::new);
  }

  /** One that is connected and subscribes. */
  public static Viewer subscribed(WebSocketClient client, int port, JsonObject subscribe)
      throws Exception {
    Viewer viewer = Life.get(connect(client, port));
    viewer.send(subscribe);
    return viewer;
  }

  public static JsonObject subscribe() {
    return new JsonObject().put("t", "subscribe");
  }

  public static JsonObject resume(String epoch, long seq) {
    return subscribe().put("resume", new JsonObject().put("epoch", epoch).put("seq", seq));
  }

  public void send(JsonObject message) {
    socket.writeTextMessage(message.encode());
  }

  public WebSocket socket() {
    return socket;
  }

  private synchronized void received(String text) {
    JsonObject message = new JsonObject(text);
    messages.add(message);
    picture.received(message);
    notifyAll();
  }

  private synchronized void gone() {
    closed = true;
    notifyAll();
  }

  private synchronized void await(BooleanSupplier done, String what) throws Exception {
    long end = System.nanoTime() + DEADLINE_NS;
    while (!done.getAsBoolean()) {
      long leftMs = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (leftMs <= 0) {
        int from = Math.max(0, messages.size() - 20);
        throw new TimeoutException(
            what + ": never; at " + seq() + ", last " + messages.subList(from, messages.size()));
      }
      wait(leftMs);
    }
  }

  /** The n-th message of that type, from 1. */
  public synchronized JsonObject await(String type, int nth) throws Exception {
    await(() -> all(type).size() >= nth || closed, type);
    List<JsonObject> found = all(type);
    assertTrue(found.size() >= nth, () -> "closed before " + type + ": " + messages);
    return found.get(nth - 1);
  }

  public synchronized void awaitSeq(long wanted) throws Exception {
    await(() -> seq() >= wanted, "seq " + wanted);
  }

  /** Waits until it has come that far and shows exactly this; a picture may come in parts. */
  public synchronized void awaitPicture(long wanted, List<String> lines) throws Exception {
    await(() -> seq() >= wanted && picture().equals(lines), "picture " + lines);
  }

  /** The close code, once it is closed. */
  public synchronized int awaitClose() throws Exception {
    await(() -> closed, "close");
    return socket.closeStatusCode();
  }

  public synchronized List<JsonObject> all(String type) {
    return messages.stream().filter(m -> m.getString("t").equals(type)).toList();
  }

  public synchronized List<String> types() {
    return messages.stream().map(m -> m.getString("t")).toList();
  }

  public synchronized long seq() {
    return picture.seq();
  }

  /** Goes on counting where another viewer left off. */
  public synchronized void expectFrom(long last) {
    picture.expectFrom(last);
  }

  public synchronized void assertWhole() {
    assertEquals(List.of(), picture.broken());
  }

  /** What the picture shows, by slot: {@code name type generation state ready terminate starts}. */
  public synchronized List<String> picture() {
    return picture.workers().values().stream().map(Viewer::line).toList();
  }

  public static String line(JsonObject worker) {
    StringBuilder line = new StringBuilder();
    for (String field :
        List.of("slot", "generation", "name", "type", "state", "ready", "terminate", "starts")) {
      line.append(worker.getValue(field)).append(' ');
    }
    return line.toString();
  }
}
