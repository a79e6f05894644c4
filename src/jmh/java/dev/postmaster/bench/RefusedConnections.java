package dev.postmaster.bench;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Connections that ask for the feed from a page of another site, and are refused. */
final class RefusedConnections {

  private static final int AT_ONCE = 64;

  private final Vertx vertx = Rounds.vertx();
  private final NetClient client = vertx.createNetClient(new NetClientOptions().setSoLinger(0));
  private final int port;
  private final String request;
  private long answered;
  private long end;
  private int open;
  private CountDownLatch over;

  RefusedConnections(int port) {
    this.port = port;
    request =
        "GET /feed HTTP/1.1\r\nHost: localhost:"
            + port
            + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + "Sec-WebSocket-Protocol: postmaster.feed.v1+json\r\n"
            + "Origin: http://evil.example\r\n\r\n";
  }

  /** For so many seconds; how many a second. */
  double run(int seconds) throws InterruptedException {
    over = new CountDownLatch(1);
    answered = 0;
    long begin = System.nanoTime();
    end = begin + TimeUnit.SECONDS.toNanos(seconds);
    vertx.runOnContext(
        on -> {
          for (; open < AT_ONCE; open++) {
            next();
          }
        });
    over.await();
    return answered * 1e9 / (System.nanoTime() - begin);
  }

  private void next() {
    if (System.nanoTime() >= end) {
      if (--open == 0) {
        over.countDown();
      }
      return;
    }
    client
        .connect(port, "127.0.0.1")
        .onComplete(
            done -> {
              if (done.failed()) {
                next();
                return;
              }
              done.result()
                  .handler(
                      data -> {
                        if (data.getString(0, 12).equals("HTTP/1.1 403")) {
                          answered++;
                        }
                        done.result().handler(more -> {});
                        done.result().close();
                      })
                  .closeHandler(gone -> next());
              done.result().write(request);
            });
  }
}
