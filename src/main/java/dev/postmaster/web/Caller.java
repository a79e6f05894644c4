package dev.postmaster.web;

import io.vertx.ext.web.RoutingContext;

/**
 * Who sent a request.
 *
 * @param session the id of the session that says so; empty where there is none
 */
record Caller(Role role, String session) {

  private static final String KEY = Caller.class.getName();

  Caller(Role role) {
    this(role, "");
  }

  /** The caller of a request that was let in. */
  static Caller of(RoutingContext context) {
    return context.get(KEY);
  }

  void enter(RoutingContext context) {
    context.put(KEY, this);
  }

  /** Whether it is a browser that sends a cookie along, whoever made it send the request. */
  boolean byCookie() {
    return !session.isEmpty();
  }
}
