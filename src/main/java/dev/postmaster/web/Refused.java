package dev.postmaster.web;

import dev.postmaster.By;
import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;

/**
 * Sees to it that every change that is refused stands in the journal: what the postmaster is asked
 * it notes itself, who does not get so far is noted here, by his address.
 *
 * <p>Threading: the server's event loop.
 */
final class Refused {

  private static final String ASKED = Refused.class.getName();

  private final Future<Postmaster> started;

  Refused(Future<Postmaster> started) {
    this.started = started;
  }

  /** From here on it is the postmaster that refuses. */
  static void byThePostmaster(RoutingContext context) {
    context.put(ASKED, true);
  }

  /** The first handler of a route that changes something. */
  void note(RoutingContext context) {
    String address = context.request().remoteAddress().host();
    String what = context.request().method() + " " + context.currentRoute().getPath();
    context.addEndHandler(
        ended -> {
          ErrorCode code = Answers.problem(context);
          if (code != null && context.get(ASKED) == null && started.succeeded()) {
            started.result().as(by(context)).refused(code, address, what);
          }
        });
    context.next();
  }

  /** Who has not shown who he is is nobody of ours. */
  private static By by(RoutingContext context) {
    Caller caller = Caller.of(context);
    return caller == null || caller.role() == Role.VIEWER ? By.SYSTEM : caller.role().by();
  }
}
