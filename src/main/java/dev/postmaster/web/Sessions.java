package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.Session;
import io.vertx.ext.web.sstore.LocalSessionStore;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Browsers that have shown a token: a cookie stands for it, which no script can read and no other
 * site can send.
 *
 * <p>Units: a session ends {@value #HOURS} hours after it was last used; there are {@value #MAX} at
 * most.
 *
 * <p>Threading: the server's event loop.
 */
final class Sessions {

  static final String COOKIE = "postmaster-session";

  static final int MAX = 1_000;

  static final int HOURS = 12;

  private static final String ROLE = "role";
  private static final int RETRY_MS = 60_000;

  private final LocalSessionStore store;
  private final boolean secure;

  Sessions(Vertx vertx, boolean secure) {
    // A map of its own: whoever has this Vertx for its own sessions keeps them apart.
    store = LocalSessionStore.create(vertx, "postmaster-sessions-" + UUID.randomUUID());
    this.secure = secure;
  }

  /** Begins one and sets its cookie. */
  Future<Void> begin(RoutingContext context, Role role) {
    return store
        .size()
        .compose(
            size -> {
              if (size >= MAX) {
                throw PostmasterException.retry(
                    ErrorCode.RATE_LIMITED, MAX + " sessions, and that is the limit", RETRY_MS);
              }
              Session session = store.createSession(Duration.ofHours(HOURS).toMillis());
              session.put(ROLE, role.name());
              return store
                  .put(session)
                  .onSuccess(
                      stored -> context.response().addCookie(cookie(context, session.id(), HOURS)));
            });
  }

  private Cookie cookie(RoutingContext context, String value, int hours) {
    String path = context.mountPoint() == null ? "/" : context.mountPoint();
    return Cookie.cookie(COOKIE, value)
        .setHttpOnly(true)
        .setSameSite(CookieSameSite.STRICT)
        .setSecure(secure)
        .setPath(path)
        .setMaxAge(Duration.ofHours(hours).toSeconds());
  }

  /** The caller that the cookie of a request stands for; empty if it stands for nobody. */
  Future<Optional<Caller>> caller(RoutingContext context) {
    Cookie cookie = context.request().getCookie(COOKIE);
    return cookie == null ? Future.succeededFuture(Optional.empty()) : caller(cookie.getValue());
  }

  /** The caller that has this session; it is used with that. */
  Future<Optional<Caller>> caller(String id) {
    return store
        .get(id)
        .map(
            session -> {
              if (session == null) {
                return Optional.empty();
              }
              session.setAccessed();
              return Optional.of(new Caller(Role.valueOf(session.get(ROLE)), id));
            });
  }

  /** Whether it goes on; asking does not make it last longer. */
  Future<Boolean> isOpen(String id) {
    return store.get(id).map(Objects::nonNull);
  }

  /** Ends the session of a request, if there is one, and takes its cookie back. */
  Future<Void> end(RoutingContext context) {
    Cookie cookie = context.request().getCookie(COOKIE);
    context.response().addCookie(cookie(context, "", 0));
    return cookie == null ? Future.succeededFuture() : store.delete(cookie.getValue());
  }

  void close() {
    store.close();
  }
}
