package dev.postmaster.client;

import dev.postmaster.support.Life;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;

/** A TCP proxy that can stop passing bytes, and goes on taking them. */
final class Swallower implements AutoCloseable {

  private final NetServer server;
  private final NetClient client;
  private volatile boolean swallowing;

  private Swallower(Vertx vertx, int to) {
    client = vertx.createNetClient();
    server =
        vertx
            .createNetServer()
            .connectHandler(
                in -> {
                  in.pause();
                  client
                      .connect(to, "127.0.0.1")
                      .onFailure(refused -> in.close())
                      .onSuccess(
                          out -> {
                            pump(in, out);
                            pump(out, in);
                            in.resume();
                          });
                });
  }

  /** One before that port. */
  static Swallower before(Vertx vertx, int port) throws Exception {
    Swallower proxy = new Swallower(vertx, port);
    Life.get(proxy.server.listen(0, "127.0.0.1"));
    return proxy;
  }

  private void pump(NetSocket from, NetSocket to) {
    from.handler((Buffer bytes) -> pass(to, bytes));
    from.closeHandler(closed -> to.close());
  }

  private void pass(NetSocket to, Buffer bytes) {
    if (!swallowing) {
      to.write(bytes);
    }
  }

  int port() {
    return server.actualPort();
  }

  void swallow() {
    swallowing = true;
  }

  void pass() {
    swallowing = false;
  }

  @Override
  public void close() {
    server.close();
    client.close();
  }
}
