package dev.postmaster.bench;

import dev.postmaster.support.FeedPicture;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Viewers in numbers: each counts what comes and how old it is, and keeps a picture if it is to.
 *
 * <p>Threading: their Vertx has one loop.
 */
final class LoadViewers {

  private static final int AGE_MAX = 60_000;
  private static final String PROTOCOL = "postmaster.feed.v1+json";

  /** One of them. */
  private static final class One {
    final FeedPicture picture;
    long last = -1;
    long transitions;
    long gaps;
    boolean closed;

    One(boolean draws) {
      picture = draws ? new FeedPicture() : null;
    }
  }

  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
  private final Context loop = vertx.getOrCreateContext();
  private final WebSocketClient client;
  private final List<One> all = new ArrayList<>();
  private final List<WebSocket> sockets = new ArrayList<>();

  /** How many came at each age, in milliseconds. */
  private final int[] ages = new int[AGE_MAX + 1];

  private boolean counting;
  private long broken;

  LoadViewers(int viewers) {
    client =
        vertx.createWebSocketClient(
            new WebSocketClientOptions().setMaxConnections(viewers).setMaxMessageSize(1 << 18));
  }

  /** Connects one, and subscribes it. */
  Future<WebSocket> connect(int port, boolean draws) {
    return client
        .connect(
            new WebSocketConnectOptions()
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI("/feed")
                .addSubProtocol(PROTOCOL))
        .onSuccess(
            socket -> {
              One one = new One(draws);
              all.add(one);
              sockets.add(socket);
              socket.textMessageHandler(text -> received(one, text));
              socket.closeHandler(gone -> one.closed = true);
              socket.writeTextMessage("{\"t\":\"subscribe\"}");
            });
  }

  private void received(One one, String text) {
    if (one.picture != null) {
      one.picture.received(new JsonObject(text));
      broken += one.picture.broken().isEmpty() ? 0 : 1;
    }
    if (text.startsWith("{\"t\":\"transition\"")) {
      long seq = number(text, "\"seq\":");
      broken += one.last >= 0 && seq != one.last + 1 ? 1 : 0;
      one.last = seq;
      if (counting) {
        one.transitions++;
        long age = System.currentTimeMillis() - number(text, "\"at\":");
        ages[(int) Math.max(0, Math.min(AGE_MAX, age))]++;
      }
    } else if (text.startsWith("{\"t\":\"gap\"")) {
      one.last = number(text, "\"to\":");
      one.gaps += counting ? 1 : 0;
    } else if (text.startsWith("{\"t\":\"snapshot\"")) {
      one.last = number(text, "\"seq\":");
    }
  }

  private static long number(String text, String field) {
    int from = text.indexOf(field) + field.length();
    int to = from;
    while (Character.isDigit(text.charAt(to))) {
      to++;
    }
    return Long.parseLong(text, from, to, 10);
  }

  /** From now on what comes is counted. */
  void count() throws Exception {
    onLoop(() -> counting = true);
  }

  private void onLoop(Runnable what) throws Exception {
    Promise<Void> done = Promise.promise();
    loop.runOnContext(
        on -> {
          what.run();
          done.complete();
        });
    done.future().toCompletionStage().toCompletableFuture().get();
  }

  /** How many have come as far as that. */
  long at(long head) throws Exception {
    long[] found = new long[1];
    onLoop(
        () ->
            found[0] =
                all.stream()
                    .filter(
                        one -> one.picture == null ? one.last >= head : one.picture.seq() >= head)
                    .count());
    return found[0];
  }

  /** How many have that picture. */
  long alike(List<String> picture) throws Exception {
    long[] found = new long[1];
    onLoop(() -> found[0] = all.stream().filter(one -> lines(one).equals(picture)).count());
    return found[0];
  }

  private static List<String> lines(One one) {
    return one.picture.workers().values().stream().map(LoadViewers::line).toList();
  }

  /** What is compared of a worker. */
  static String line(JsonObject worker) {
    return worker.getInteger("slot")
        + " "
        + worker.getLong("generation")
        + " "
        + worker.getString("state")
        + " "
        + worker.getBoolean("ready")
        + " "
        + worker.getLong("seq");
  }

  /** What was counted. */
  String figures() throws Exception {
    String[] text = new String[1];
    onLoop(
        () -> {
          text[0] =
              String.format(
                  "%,d transitions delivered, %,d gaps, %d closed, %d out of order; age p50 %d ms,"
                      + " p99 %d ms, max %d ms",
                  all.stream().mapToLong(one -> one.transitions).sum(),
                  all.stream().mapToLong(one -> one.gaps).sum(),
                  all.stream().filter(one -> one.closed).count(),
                  broken,
                  age(0.5),
                  age(0.99),
                  age(1));
        });
    return text[0];
  }

  private int age(double quantile) {
    long all = IntStream.of(ages).asLongStream().sum();
    long rest = (long) (quantile * all);
    int age = 0;
    for (rest -= ages[0]; rest > 0 && age < AGE_MAX; rest -= ages[age]) {
      age++;
    }
    return age;
  }

  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get();
  }
}
