package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.request.Action;
import dev.postmaster.request.Bodies;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every route, with the role that it needs: what is not here does not exist.
 *
 * <p>Each route carries its role as metadata under {@value #ROLE}, {@value #NONE} where none is
 * needed.
 *
 * <p>Threading: the server's event loop.
 */
final class Routes {

  static final String ROLE = "role";
  static final String NONE = "none";

  /** How long a request waits for the start. */
  private static final long START_MS = 2_000;

  /** Stands in a context from when its body is read. */
  private static final String BODY = Routes.class.getName() + ".body";

  private static final Pattern BROKEN_ESCAPE = Pattern.compile("%(?![0-9a-fA-F]{2})");

  private final Vertx vertx;
  private final WebOptions options;
  private final Future<Postmaster> started;
  private final Feed feed;
  private final Authentication authentication;
  private final Dashboard dashboard = Dashboard.get();
  private final AccessRules rules;
  private final Refused refused;
  private final BodyHandler bodies =
      BodyHandler.create(false).setBodyLimit(Bodies.BYTES_MAX).setPreallocateBodyBuffer(false);
  private final Router router;
  private final Map<String, Set<String>> methods = new LinkedHashMap<>();

  /**
   * Builds them.
   *
   * @param started the postmaster, once there is one
   */
  Routes(
      Vertx vertx,
      WebOptions options,
      Future<Postmaster> started,
      Feed feed,
      Authentication authentication) {
    this.vertx = vertx;
    this.options = options;
    this.started = started;
    this.feed = feed;
    this.authentication = authentication;
    rules = new AccessRules(options);
    refused = new Refused(started);
    router = Router.router(vertx);
  }

  Router build() {
    router.route().handler(AccessLog.handler());
    router.route().handler(rules::checkHost);
    router.route().handler(rules::checkSite);
    router.route().handler(Routes::checkEscapes);
    Changes changes = new Changes(vertx);
    reading(new RestApi(vertx), changes);
    changing(changes);
    session();
    watching(new Probes(vertx, options, started));
    open(HttpMethod.GET, "/feed", Role.VIEWER.word())
        .handler(rules::checkOrigin)
        .handler(authentication::identify)
        .handler(authentication.admit(Role.VIEWER))
        .handler(Feed::checkProtocol)
        .handler(Handshake::check)
        .handler(with(this::openFeed));
    methods.forEach(this::only);
    router.route().handler(Routes::unknownPath);
    router.route().failureHandler(Routes::failed);
    // What fails before a route is found, such as a path that cannot be decoded.
    for (int status : new int[] {400, 404, 405, 500}) {
      router.errorHandler(status, Routes::failed);
    }
    return router;
  }

  private void openFeed(RoutingContext context, Postmaster postmaster) {
    Caller caller = Caller.of(context);
    feed.open(context, postmaster, caller.role().word())
        .onSuccess(session -> authentication.watch(caller, session.pump()));
  }

  private void reading(RestApi api, Changes asks) {
    reading("/", context -> dashboard.page(context, 200))
        .forEach(route -> route.failureHandler(this::welcome));
    open(HttpMethod.GET, "/assets/*", NONE).handler(this::file);
    read("/api/v1/status", api::status);
    read("/api/v1/workers", api::workers);
    read(
        "/api/v1/workers/:worker",
        (context, postmaster) -> {
          if (context.queryParams().contains("await")) {
            asks.await(context, postmaster);
          } else {
            api.worker(context, postmaster);
          }
        });
    transitions(api);
    read("/api/v1/entry-points", asks::entryPoints);
  }

  /** As a page, or to whoever accepts events as a stream of them. */
  private void transitions(RestApi api) {
    read("/api/v1/transitions", new EventStream(feed, authentication)::open)
        .forEach(route -> route.handler(with(api::transitions)));
  }

  /** For those who watch over the process; they wait for nothing. */
  private void watching(Probes probes) {
    probe("/health/live", probes::live);
    probe("/health/ready", probes::ready);
    probe("/health/startup", probes::startup);
    reading("/metrics", feed.scrapes()::show);
  }

  private void probe(String path, Handler<RoutingContext> handler) {
    open(HttpMethod.GET, path, NONE).handler(handler);
    open(HttpMethod.HEAD, path, NONE).handler(handler);
  }

  private void changing(Changes changes) {
    change(HttpMethod.POST, "/api/v1/workers", Role.OPERATOR, changes::register);
    change(HttpMethod.DELETE, "/api/v1/workers/:worker", Role.OPERATOR, changes::terminate);
    change(HttpMethod.POST, "/api/v1/workers/:worker/signal", Role.OPERATOR, changes::signal);
    whole(changes, "/api/v1/pause", Role.OPERATOR, Action.PAUSE);
    whole(changes, "/api/v1/drain", Role.OPERATOR, Action.DRAIN);
    whole(changes, "/api/v1/resume", Role.OPERATOR, Action.RESUME);
    whole(changes, "/api/v1/advance", Role.OPERATOR, Action.ADVANCE);
    change(
        HttpMethod.POST,
        "/api/v1/shutdown",
        Role.ADMIN,
        (context, postmaster) -> {
          if (!options.allowShutdown()) {
            throw PostmasterException.of(
                ErrorCode.FORBIDDEN, "http.allowShutdown is off: nobody shuts down over HTTP");
          }
          changes.whole(context, postmaster, Action.SHUTDOWN);
        });
  }

  private void whole(Changes changes, String path, Role role, Action action) {
    change(
        HttpMethod.POST,
        path,
        role,
        (context, postmaster) -> changes.whole(context, postmaster, action));
  }

  private void session() {
    open(HttpMethod.POST, "/api/v1/session", NONE)
        .handler(refused::note)
        .handler(rules::checkChange)
        .handler(this::readBody)
        .handler(this::login);
    open(HttpMethod.DELETE, "/api/v1/session", NONE)
        .handler(rules::checkChange)
        .handler(
            context ->
                Answers.later(
                    context, authentication.logout(context), out -> Answers.empty(context)));
  }

  /** {@code {"token"}} → {@code {"role"}}, and a cookie. */
  private void login(RoutingContext context) {
    JsonObject body = Bodies.read(context.body().buffer());
    if (body.size() != 1 || !(body.getValue("token") instanceof String token)) {
      throw PostmasterException.of(ErrorCode.BAD_REQUEST, "the body is not {\"token\": text}");
    }
    Answers.later(
        context,
        authentication.login(context, token),
        role -> Answers.json(context, new JsonObject().put("role", role.word())));
  }

  /** After who sends it, though Vert.x would have it first: nobody unknown has a body read. */
  private void readBody(RoutingContext context) {
    context.put(BODY, true);
    bodies.handle(context);
  }

  /** Whether a body failed on its way: it was broken, or nobody sends the rest of it. */
  private static boolean isBroken(RoutingContext context) {
    return context.get(BODY) != null && !context.request().isEnded();
  }

  private Route open(HttpMethod method, String path, String role) {
    methods.computeIfAbsent(path, key -> new LinkedHashSet<>()).add(method.name());
    return router.route(method, path).putMetadata(ROLE, role);
  }

  private List<Route> read(String path, BiConsumer<RoutingContext, Postmaster> handler) {
    return reading(path, with(handler));
  }

  private List<Route> reading(String path, Handler<RoutingContext> handler) {
    return Stream.of(HttpMethod.GET, HttpMethod.HEAD)
        .map(
            method ->
                open(method, path, Role.VIEWER.word())
                    .handler(authentication::identify)
                    .handler(authentication.admit(Role.VIEWER))
                    .handler(handler))
        .toList();
  }

  private void change(
      HttpMethod method, String path, Role role, BiConsumer<RoutingContext, Postmaster> handler) {
    Route route =
        open(method, path, role.word())
            .handler(refused::note)
            .handler(authentication::identify)
            .handler(authentication.admit(role))
            .handler(rules::checkChange);
    if (method.equals(HttpMethod.POST)) {
      route.handler(this::readBody);
    }
    route.handler(with(handler));
  }

  private void only(String path, Set<String> allowed) {
    String all = String.join(", ", allowed);
    router
        .route(path)
        .handler(
            context -> {
              context.response().putHeader("Allow", all);
              String method = context.request().method().name();
              Answers.problem(
                  context,
                  405,
                  ErrorCode.BAD_REQUEST,
                  method + " is not a method of " + path + "; " + all + " is");
            });
  }

  /** Passes the postmaster on; who comes between the binding and the start waits a little. */
  private Handler<RoutingContext> with(BiConsumer<RoutingContext, Postmaster> handler) {
    return context -> {
      if (started.succeeded()) {
        handler.accept(context, started.result());
        return;
      }
      context.request().pause();
      Future<Postmaster> soon =
          started
              .timeout(START_MS, TimeUnit.MILLISECONDS)
              .recover(late -> Future.failedFuture(notStarted()));
      // A limit that has passed is heard of on a thread of Netty's own.
      Context loop = vertx.getOrCreateContext();
      soon.onComplete(
          done ->
              loop.runOnContext(
                  on ->
                      Answers.later(
                          context,
                          soon,
                          postmaster -> {
                            context.request().resume();
                            handler.accept(context, postmaster);
                          })));
    };
  }

  private static PostmasterException notStarted() {
    return PostmasterException.of(ErrorCode.POSTMASTER_DIED, "the postmaster has not started yet");
  }

  /** A broken escape would otherwise surface as a bug, in whichever handler looks at it first. */
  private static void checkEscapes(RoutingContext context) {
    if (BROKEN_ESCAPE.matcher(context.request().uri()).find()) {
      Answers.problem(context, ErrorCode.BAD_REQUEST, "the path or query has a broken % escape");
    } else {
      context.next();
    }
  }

  /** Whoever has shown no token yet gets the page, too, to show it there; it knows nothing. */
  private void welcome(RoutingContext context) {
    boolean unknown =
        context.failure() instanceof PostmasterException refusal
            && refusal.code() == ErrorCode.UNAUTHENTICATED;
    if (unknown && options.authentication().isEmpty()) {
      context.response().putHeader("WWW-Authenticate", "Bearer");
      dashboard.page(context, 401);
    } else {
      context.next();
    }
  }

  private void file(RoutingContext context) {
    String name = context.pathParam("*");
    if (dashboard.files().contains(name)) {
      dashboard.file(context, name);
    } else {
      unknownPath(context);
    }
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
    } else if (status == 413) {
      String limit = "the body is larger than " + Bodies.BYTES_MAX + " bytes";
      Answers.problem(context, ErrorCode.BAD_REQUEST, limit);
    } else if (status == 401 || status == 403) {
      // An embedding service's own handler has said so, with headers of its own.
      Answers.problem(
          context,
          status == 401 ? ErrorCode.UNAUTHENTICATED : ErrorCode.FORBIDDEN,
          "the request was not let in");
    } else if (status >= 400 && status < 500) {
      Answers.problem(context, status, ErrorCode.BAD_REQUEST, "the request cannot be understood");
    } else if (isBroken(context)) {
      Answers.problem(context, ErrorCode.BAD_REQUEST, "the body cannot be read to its end");
    } else {
      String reference = UUID.randomUUID().toString();
      Site.LOG.log(Level.ERROR, "bug in a handler, reference " + reference, failure);
      Answers.problem(context, ErrorCode.INTERNAL, "a bug of ours, logged as " + reference);
    }
  }
}
