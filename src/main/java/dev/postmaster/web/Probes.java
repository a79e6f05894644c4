package dev.postmaster.web;

import dev.postmaster.Postmaster;
import dev.postmaster.health.PostmasterHealth;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.healthchecks.CheckResult;
import io.vertx.ext.healthchecks.HealthChecks;
import io.vertx.ext.web.RoutingContext;

/**
 * Answers those who watch over the process, at once also before there is a postmaster: 200 or 503,
 * with what was looked at.
 *
 * <p>Threading: the server's event loop.
 */
final class Probes {

  private final HealthChecks live;
  private final HealthChecks ready;
  private final HealthChecks startup;

  Probes(Vertx vertx, WebOptions options, Future<Postmaster> started) {
    PostmasterHealth health = PostmasterHealth.of(started).turnLimit(options.turnLimit());
    live = HealthChecks.create(vertx);
    ready = HealthChecks.create(vertx);
    startup = HealthChecks.create(vertx);
    health.live(live).ready(ready).startup(startup);
  }

  void live(RoutingContext context) {
    answer(context, live);
  }

  void ready(RoutingContext context) {
    answer(context, ready);
  }

  void startup(RoutingContext context) {
    answer(context, startup);
  }

  private static void answer(RoutingContext context, HealthChecks checks) {
    Answers.later(
        context,
        checks.checkStatus(),
        found -> Answers.json(context, CheckResult.isUp(found) ? 200 : 503, found.toJson()));
  }
}
