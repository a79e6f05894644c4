package dev.postmaster.examples;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.IntConsumer;

/** An HTTP server as one writes it for Vert.x; nothing in it knows that it is supervised. */
final class HelloServer extends VerticleBase {

  private final IntConsumer listening;

  /** Tells the port that it listens at. */
  HelloServer(IntConsumer listening) {
    this.listening = listening;
  }

  @Override
  public Future<HttpServer> start() {
    return vertx
        .createHttpServer()
        .requestHandler(this::answer)
        .listen(config().getInteger("port"), "127.0.0.1")
        .onSuccess(server -> listening.accept(server.actualPort()));
  }

  private void answer(HttpServerRequest request) {
    if (request.path().equals("/fail")) {
      throw new IllegalStateException("asked to fail");
    }
    request.response().end("hello");
  }
}
