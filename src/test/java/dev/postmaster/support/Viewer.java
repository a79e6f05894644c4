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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * A viewer as protocols §4 describes one: keeps every message, holds the sequence to its promise,
 * and draws the picture from snapshots, slots, workers and transitions.
 */
public final class Viewer {

  private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(20);

  /** Time between two acknowledgements: there may be ten messages a second. */
  private static final long ACK_NS = TimeUnit.MILLISECONDS.toNanos(150);

  /** What a transition says of a worker, beside its state. */
  private static final List<String> OF_AN_EDGE =
      List.of(
          "seq",
          "slot",
          "generation",
          "name",
          "type",
          "runId",
          "ready",
          "terminate",
          "starts",
          "restartAt");

  /** What a picture is held to. */
  private static final List<String> OF_A_LINE =
      List.of(
          "slot",
          "generation",
          "name",
          "type",
          "state",
          "runId",
          "ready",
          "terminate",
          "starts",
          "restartAt",
          "waiting",
          "paused",
          "pausedUntil",
          "deadlineAt");

  private static final int TEXT_MAX = 60 * 1_024;

  private final WebSocket socket;
  private final List<JsonObject> messages = new ArrayList<>();
  private final List<JsonObject> parts = new ArrayList<>();
  private final Map<Integer, JsonObject> picture = new TreeMap<>();
  private final List<String> broken = new ArrayList<>();
  private final List<JsonObject> gaps = new ArrayList<>();

  /** The states that its filter shows; null for all, and then no record may be missing. */
  private Set<String> states;

  private int ackEvery;
  private long acknowledgedNs = System.nanoTime() - ACK_NS;
  private int unacknowledged;
  private int mostUnacknowledged;
  private long seq = -1;

  /** Where it can resume: after a gap not before what replaces it has come. */
  private long safe = -1;

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

  /** It has a filter with these states, or any: records may be missing. */
  public Viewer filtered(Set<String> shown) {
    states = shown;
    return this;
  }

  /** Acknowledges so many transitions at a time; 0 for never. */
  public Viewer acknowledging(int every) {
    ackEvery = every;
    return this;
  }

  public synchronized void acknowledge() {
    acknowledgedNs = System.nanoTime();
    unacknowledged = 0;
    send(new JsonObject().put("t", "ack").put("seq", seq));
  }

  /** How many transitions came at most beyond the last that was acknowledged. */
  public synchronized int mostUnacknowledged() {
    return mostUnacknowledged;
  }

  /** The sequence numbers that came. */
  public synchronized List<Long> log() {
    return all("transition").stream().map(edge -> edge.getLong("seq")).toList();
  }

  /** Whether a gap covers that record. */
  public synchronized boolean missed(long at) {
    return gaps.stream().anyMatch(g -> at >= g.getLong("from") && at <= g.getLong("to"));
  }

  private boolean hides(JsonObject worker) {
    return states != null && !states.isEmpty() && !states.contains(worker.getString("state"));
  }

  private synchronized void received(String text) {
    JsonObject message = new JsonObject(text);
    messages.add(message);
    switch (message.getString("t")) {
      case "snapshot" -> snapshot(message);
      case "slots" -> slots(message);
      case "gap" -> gap(message);
      case "heartbeat" -> safe = Math.max(safe, message.getLong("sent", safe));
      case "worker" -> put(message.getJsonObject("worker"));
      case "transition" -> transition(message);
      default -> {}
    }
    boolean owes = ackEvery > 0 && unacknowledged >= ackEvery;
    if (owes && System.nanoTime() - acknowledgedNs > ACK_NS) {
      acknowledge();
    }
    notifyAll();
  }

  private void snapshot(JsonObject part) {
    if (part.getInteger("part") == 1) {
      parts.clear();
    }
    parts.add(part);
    if (parts.size() != part.getInteger("part")) {
      broken.add("part out of order " + part);
    }
    if (part.getInteger("part").equals(part.getInteger("parts"))) {
      picture.clear();
      parts.forEach(p -> workers(p).forEach(w -> picture.put(w.getInteger("slot"), w)));
      moveTo(part.getLong("seq"));
      safe = seq;
    }
  }

  private static List<JsonObject> workers(JsonObject message) {
    return message.getJsonArray("workers").stream().map(JsonObject.class::cast).toList();
  }

  private void slots(JsonObject message) {
    workers(message).forEach(this::put);
    message.getJsonArray("free").stream()
        .map(JsonObject.class::cast)
        .forEach(free -> picture.remove(free.getInteger("slot")));
  }

  private void gap(JsonObject gap) {
    gaps.add(gap);
    if (seq >= 0 && states == null && gap.getLong("from") > seq + 1) {
      broken.add("after " + seq + " came " + gap);
    }
    moveTo(gap.getLong("to"));
  }

  private void moveTo(long to) {
    if (to < seq) {
      broken.add("went back from " + seq + " to " + to);
    }
    seq = to;
  }

  private void put(JsonObject worker) {
    JsonObject known = picture.get(worker.getInteger("slot"));
    if (known == null || worker.getLong("seq") >= known.getLong("seq")) {
      picture.put(worker.getInteger("slot"), worker);
      if (hides(worker)) {
        picture.remove(worker.getInteger("slot"));
      }
    }
  }

  private void transition(JsonObject edge) {
    long at = edge.getLong("seq");
    if (seq >= 0 && (states == null ? at != seq + 1 : at <= seq)) {
      broken.add("after " + seq + " came " + edge);
    }
    seq = at;
    safe = at;
    mostUnacknowledged = Math.max(mostUnacknowledged, ++unacknowledged);
    int slot = edge.getInteger("slot");
    JsonObject known = picture.get(slot);
    if (slot < 0 || known != null && at <= known.getLong("seq")) {
      return;
    }
    if (edge.getString("to").equals("FREE")) {
      picture.remove(slot);
      return;
    }
    JsonObject next = known == null ? new JsonObject() : known.copy();
    for (String field : OF_AN_EDGE) {
      next.put(field, edge.getValue(field));
    }
    picture.put(slot, next.put("state", edge.getString("to")));
    if (hides(next)) {
      picture.remove(slot);
    }
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
            what + ": never; at " + seq + ", last " + messages.subList(from, messages.size()));
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
    await(() -> seq >= wanted, "seq " + wanted);
  }

  /** Waits until it has come that far and shows exactly this; a picture may come in parts. */
  public synchronized void awaitPicture(long wanted, List<String> lines) throws Exception {
    await(() -> seq >= wanted && picture().equals(lines), "picture " + lines);
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
    return seq;
  }

  /** From where it can resume. */
  public synchronized long safe() {
    return safe;
  }

  /** Goes on counting where another viewer left off. */
  public synchronized void expectFrom(long last) {
    seq = last;
    safe = last;
  }

  /** Goes on with the picture of another viewer too. */
  public Viewer after(Viewer before) {
    synchronized (before) {
      expectFrom(before.safe);
      picture.putAll(before.picture);
    }
    return this;
  }

  public synchronized void assertWhole() {
    assertEquals(List.of(), broken);
  }

  /** What the picture shows, by slot. */
  public synchronized List<String> picture() {
    return picture.values().stream().map(Viewer::line).toList();
  }

  public static String line(JsonObject worker) {
    StringBuilder line = new StringBuilder();
    for (String field : OF_A_LINE) {
      line.append(worker.getValue(field)).append(' ');
    }
    return line.toString();
  }
}
