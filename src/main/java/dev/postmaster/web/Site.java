package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/** The deployed part of the server: its routes, and what happens before and after them. */
final class Site implements Deployable {

  static final Logger LOG = System.getLogger("dev.postmaster.web");

  /** How long a request waits for the start. */
  private static final long START_MS = 2_000;

  private static final Pattern BROKEN_ESCAPE = Pattern.compile("%(?![0-9a-fA-F]{2})");

  private final Vertx vertx;
  private final WebOptions options;
  private final AccessRules rules;
  private final Feed feed;
  private final RestApi api;
  private Context context;
  private HttpServer server;
  private final Promise<Postmaster> started = Promise.promise();

  Site(Vertx vertx, WebOptions options) {
    this.vertx = vertx;
    this.options = options;
    rules = new AccessRules(options);
    feed = new Feed(vertx, options);
    api = new RestApi(vertx);
  }

  @Override
  public Future<?> deploy(Context deployed) {
    context = deployed;
    server = WebServer.create(vertx, options).requestHandler(routes());
    return server.listen();
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

  private Router routes() {
    Router router = Router.router(vertx);
    router.route().handler(AccessLog.handler());
    router.route().handler(rules::checkHost);
    router.route().handler(Site::checkEscapes);
    read(router, "/", Site::index);
    read(router, "/api/v1/status", with(api::status));
    read(router, "/api/v1/workers", with(api::workers));
    read(router, "/api/v1/workers/:worker", with(api::worker));
    router
        .get("/feed")
        .handler(rules::checkOrigin)
        .handler(Feed::checkProtocol)
        .handler(with(feed::open));
    only(router, "/feed", "GET");
    router.route().handler(Site::unknownPath);
    router.route().failureHandler(Site::failed);
    // What fails before a route is found, such as a path that cannot be decoded.
    for (int status : new int[] {400, 404, 405, 500}) {
      router.errorHandler(status, Site::failed);
    }
    return router;
  }

  private static void read(Router router, String path, Handler<RoutingContext> handler) {
    router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD).handler(handler);
    only(router, path, "GET, HEAD");
  }

  private static void only(Router router, String path, String methods) {
    router
        .route(path)
        .handler(
            context -> {
              context.response().putHeader("Allow", methods);
              String method = context.request().method().name();
              Answers.problem(
                  context,
                  405,
                  ErrorCode.BAD_REQUEST,
                  method + " is not a method of " + path + "; " + methods + " is");
            });
  }

  /** Passes the postmaster on; who comes between the binding and the start waits a little. */
  private Handler<RoutingContext> with(BiConsumer<RoutingContext, Postmaster> handler) {
    return context -> {
      if (started.future().succeeded()) {
        handler.accept(context, started.future().result());
        return;
      }
      context.request().pause();
      started
          .future()
          .timeout(START_MS, TimeUnit.MILLISECONDS)
          .onSuccess(
              postmaster -> {
                context.request().resume();
                handler.accept(context, postmaster);
              })
          .onFailure(late -> notStarted(context));
    };
  }

  private static void notStarted(RoutingContext context) {
    Answers.problem(context, ErrorCode.POSTMASTER_DIED, "the postmaster has not started yet");
  }

  /** A broken escape would otherwise surface as a bug, in whichever handler looks at it first. */
  private static void checkEscapes(RoutingContext context) {
    if (BROKEN_ESCAPE.matcher(context.request().uri()).find()) {
      Answers.problem(context, ErrorCode.BAD_REQUEST, "the path or query has a broken % escape");
    } else {
      context.next();
    }
  }

  private static void index(RoutingContext context) {
    Answers.json(
        context,
        new JsonObject()
            .put("status", "/api/v1/status")
            .put("workers", "/api/v1/workers")
            .put("feed", "/feed"));
  }

  private static void unknownPath(RoutingContext context) {
    Answers.problem(
        context, 404, ErrorCode.BAD_REQUEST, "there is nothing at " + context.request().path());
  }

  private static void failed(RoutingContext context) {
    Throwable failure = context.failure();
    int status = context.statusCode();
    if (failure instanceof PostmasterException refusal) {
      Answers.problem(context, refusal);
    } else if (status >= 400 && status < 500) {
      Answers.problem(context, status, ErrorCode.BAD_REQUEST, "the request cannot be understood");
    } else {
      String reference = UUID.randomUUID().toString();
      LOG.log(Level.ERROR, "bug in a handler, reference " + reference, failure);
      Answers.problem(context, ErrorCode.INTERNAL, "a bug of ours, logged as " + reference);
    }
  }
}
