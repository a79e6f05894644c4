package dev.postmaster.web;

import dev.postmaster.Postmaster;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;

/**
 * Everything that {@link WebServer} serves, for a server of somebody else's: {@code
 * main.route("/postmaster/*").subRouter(PostmasterRouter.create(…))}.
 *
 * <p>Of the options host, port and TLS are that server's own business, and are not looked at but
 * for one thing: whoever shows nothing may read if the host is a loopback address.
 *
 * <p>Threading: made for one server; its requests come on one event loop.
 */
public final class PostmasterRouter {

  private PostmasterRouter() {}

  /**
   * Makes one for a postmaster that has started, or will.
   *
   * @throws IllegalArgumentException for faulty options, each with its path
   */
  public static Router create(Vertx vertx, Postmaster postmaster, WebOptions options) {
    WebOptions own = WebServer.checked(options);
    Scrapes scrapes = new Scrapes(own);
    scrapes.serve(postmaster);
    Feed feed = new Feed(vertx, own, scrapes);
    postmaster.ended().onComplete(ended -> feed.leaveOnItsLoop());
    return new Routes(
            vertx, own, Future.succeededFuture(postmaster), feed, new Authentication(vertx, own))
        .build();
  }

  /** What a server needs for the feed, and to stay small: put into its own options. */
  public static HttpServerOptions limits(HttpServerOptions http) {
    return WebServer.limits(http);
  }
}
