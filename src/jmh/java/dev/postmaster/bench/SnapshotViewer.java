package dev.postmaster.bench;

import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.util.concurrent.CountDownLatch;

/** A new viewer that waits for its snapshot. */
final class SnapshotViewer {

  private final Vertx vertx = Rounds.vertx();
  private final WebSocketClient client =
      vertx.createWebSocketClient(new WebSocketClientOptions().setMaxMessageSize(1 << 18));
  private final CountDownLatch whole = new CountDownLatch(1);
  private long workers;
  private long parts;
  private long largest;

  /** Seconds from the connection to the last part. */
  double run(int port) throws Exception {
    long begin = System.nanoTime();
    client
        .connect(
            new WebSocketConnectOptions()
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI("/feed")
                .addSubProtocol("postmaster.feed.v1+json"))
        .onSuccess(
            socket -> {
              socket.textMessageHandler(this::received);
              socket.writeTextMessage("{\"t\":\"subscribe\"}");
            })
        .onFailure(Throwable::printStackTrace);
    whole.await();
    double seconds = (System.nanoTime() - begin) / 1e9;
    vertx.close();
    return seconds;
  }

  private void received(String text) {
    if (text.startsWith("{\"t\":\"snapshot\"")) {
      parts++;
      largest = Math.max(largest, text.length());
      for (int at = text.indexOf("\"handle\":");
          at >= 0;
          at = text.indexOf("\"handle\":", at + 1)) {
        workers++;
      }
      if (text.contains("\"part\":" + parts + ",\"parts\":" + parts + ",")) {
        whole.countDown();
      }
    }
  }

  long workers() {
    return workers;
  }

  long parts() {
    return parts;
  }

  long largest() {
    return largest;
  }
}
