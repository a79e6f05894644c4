package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;

/**
 * Finds out who sends a request, and whether he may.
 *
 * <p>A token says it, in {@code Authorization: Bearer} or shown before and remembered by a
 * session's cookie; or the embedding service's own handler does, instead of both. A request that
 * shows nothing may read where reading is open; a wrong token is refused wherever it is shown.
 *
 * <p>Threading: the server's event loop.
 *
 * <p>Errors: {@code UNAUTHENTICATED}, {@code FORBIDDEN}, {@code RATE_LIMITED}.
 */
final class Authentication {

  private static final String BEARER = "bearer ";

  private final Vertx vertx;
  private final WebOptions options;
  private final Optional<byte[]> token;
  private final FailedLogins failures = new FailedLogins(System::nanoTime);
  private final Sessions sessions;

  Authentication(Vertx vertx, WebOptions options) {
    this.vertx = vertx;
    this.options = options;
    token = options.token().map(Authentication::digest);
    sessions = new Sessions(vertx, options.tls().isPresent());
  }

  /** Finds out who sends a request; their handler goes on only for those whom it knows. */
  void identify(RoutingContext context) {
    if (options.authentication().isPresent()) {
      options.authentication().get().handle(context);
    } else {
      Answers.later(
          context,
          caller(context),
          caller -> {
            caller.ifPresent(found -> found.enter(context));
            context.next();
          });
    }
  }

  /** Then lets it pass if its sender has at least that role. */
  Handler<RoutingContext> admit(Role needed) {
    return context -> {
      if (context.user() != null) {
        Role theirs = options.roles().apply(context.user());
        check(theirs, needed);
        new Caller(theirs).enter(context);
      } else {
        Caller caller = Caller.of(context);
        // Who only reads has shown nothing yet; who has shown something is known to be too little.
        boolean shown = caller != null && (caller.byCookie() || caller.role() != Role.VIEWER);
        if (caller == null || !shown && !caller.role().includes(needed)) {
          throw unauthenticated("this needs a token, in the header Authorization: Bearer");
        }
        check(caller.role(), needed);
      }
      context.next();
    };
  }

  private static void check(Role role, Role needed) {
    if (role == null || !role.includes(needed)) {
      String has = role == null ? "none" : role.word();
      throw PostmasterException.of(
          ErrorCode.FORBIDDEN, "this needs the role " + needed.word() + ", not " + has);
    }
  }

  private Future<Optional<Caller>> caller(RoutingContext context) {
    List<String> headers = context.request().headers().getAll("Authorization");
    if (headers.isEmpty()) {
      return sessions.caller(context).map(found -> found.or(this::anybody));
    }
    if (headers.size() > 1) {
      throw unauthenticated("Authorization is given more than once");
    }
    String header = headers.get(0);
    String scheme = header.substring(0, Math.min(header.length(), BEARER.length()));
    if (!scheme.equalsIgnoreCase(BEARER)) {
      throw unauthenticated("Authorization is not a Bearer token");
    }
    return Future.succeededFuture(
        Optional.of(new Caller(byToken(context, header.substring(BEARER.length())))));
  }

  /** Whoever shows nothing. */
  private Optional<Caller> anybody() {
    return options.isReadingOpen() ? Optional.of(new Caller(Role.VIEWER)) : Optional.empty();
  }

  private Role byToken(RoutingContext context, String shown) {
    String address = context.request().remoteAddress().host();
    failures.check(address);
    if (token.isPresent() && MessageDigest.isEqual(token.get(), digest(shown.strip()))) {
      return Role.ADMIN;
    }
    failures.failed(address);
    throw unauthenticated("the token is not the one in force");
  }

  /** Digests have one length: their comparison tells nothing of the token. */
  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JVM has SHA-256", impossible);
    }
  }

  private static PostmasterException unauthenticated(String what) {
    return PostmasterException.of(ErrorCode.UNAUTHENTICATED, what);
  }

  /** Begins a session for whoever shows the token. */
  Future<Role> login(RoutingContext context, String shown) {
    Role role = byToken(context, shown);
    return sessions.begin(context, role).map(begun -> role);
  }

  Future<Void> logout(RoutingContext context) {
    return sessions.end(context);
  }

  /** Ends what a session watches soon after that session. */
  void watch(Caller caller, FeedPump feed) {
    if (caller.byCookie()) {
      long timer =
          vertx.setPeriodic(
              options.heartbeat().toMillis(),
              tick ->
                  sessions
                      .isOpen(caller.session())
                      .onSuccess(
                          open -> {
                            if (!open) {
                              feed.end(CloseCode.SESSION);
                            }
                          }));
      feed.closed().onComplete(closed -> vertx.cancelTimer(timer));
    }
  }

  void close() {
    sessions.close();
  }
}
