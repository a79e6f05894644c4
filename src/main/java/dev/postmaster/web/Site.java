package dev.postmaster.web;

import dev.postmaster.Postmaster;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.lang.System.Logger;

/** The deployed part of the server: its port, its routes, and whom they show. */
final class Site implements Deployable {

  static final Logger LOG = System.getLogger("dev.postmaster.web");

  private final Vertx vertx;
  private final WebOptions options;
  private final Feed feed;
  private final Authentication authentication;
  private Context context;
  private HttpServer server;
  private final Promise<Postmaster> started = Promise.promise();

  Site(Vertx vertx, WebOptions options) {
    this.vertx = vertx;
    this.options = options;
    feed = new Feed(vertx, options);
    authentication = new Authentication(vertx, options);
  }

  @Override
  public Future<?> deploy(Context deployed) {
    context = deployed;
    Routes routes = new Routes(vertx, options, started.future(), feed, authentication);
    server = WebServer.create(vertx, options).requestHandler(routes.build());
    return server.listen().onSuccess(bound -> watchCertificate());
  }

  private void watchCertificate() {
    options
        .tls()
        .ifPresent(tls -> new Certificate(tls).watch(vertx, server, options.certificateLookMs()));
  }

  @Override
  public Future<?> undeploy(Context deployed) {
    authentication.close();
    return Future.succeededFuture();
  }

  int port() {
    return server.actualPort();
  }

  void serve(Postmaster postmaster) {
    context.runOnContext(
        on -> {
          started.tryComplete(postmaster);
          postmaster.ended().onComplete(ended -> feed.leave());
        });
  }

  /** Closes the feeds; done when each has been told, or was too slow to be. */
  Future<Void> leave() {
    Promise<Void> left = Promise.promise();
    context.runOnContext(on -> feed.leave().onComplete(left));
    return left.future();
  }
}
