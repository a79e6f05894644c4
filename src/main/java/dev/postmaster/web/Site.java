package dev.postmaster.web;

import dev.postmaster.Postmaster;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.lang.System.Logger;
import java.util.concurrent.TimeUnit;

/** The deployed part of the server: its port, its routes, and whom they show. */
final class Site implements Deployable {

  static final Logger LOG = System.getLogger("dev.postmaster.web");

  /** Why a deployment failed that landed on the postmaster's loop. */
  static final IllegalStateException SHARED =
      new IllegalStateException("this is the postmaster's loop");

  private final Vertx vertx;
  private final WebOptions options;
  private final Feed feed;
  private final Authentication authentication;
  private Context context;
  private HttpServer server;
  private final Promise<Postmaster> started = Promise.promise();

  /** Null where any loop will do. */
  private final Postmaster apart;

  /**
   * Makes one.
   *
   * @param apart refuses to be deployed on the loop of this postmaster; null for any loop
   */
  Site(Vertx vertx, WebOptions options, Scrapes scrapes, Postmaster apart) {
    this.vertx = vertx;
    this.options = options;
    this.apart = apart;
    feed = new Feed(vertx, options, scrapes);
    authentication = new Authentication(vertx, options);
  }

  @Override
  public Future<?> deploy(Context deployed) {
    context = deployed;
    if (apart != null && apart.isLoop()) {
      return Future.failedFuture(SHARED);
    }
    Routes routes = new Routes(vertx, options, started.future(), feed, authentication);
    server =
        new SlowSenders(options).guard(vertx, WebServer.create(vertx, options), routes.build());
    return server.listen(WebServer.address(options)).onSuccess(bound -> watchCertificate());
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

  Context context() {
    return context;
  }

  /** Whether it has landed on the loop of that postmaster; answered on the caller's context. */
  Future<Boolean> shares(Postmaster postmaster, Context caller) {
    Promise<Boolean> shares = Promise.promise();
    context.runOnContext(
        on -> {
          boolean found = postmaster.isLoop();
          caller.runOnContext(back -> shares.complete(found));
        });
    return shares.future();
  }

  /** Takes no more connections, and ends those that there are after their answers. */
  Future<Void> retire(long withinMs) {
    return server.shutdown(withinMs, TimeUnit.MILLISECONDS);
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
