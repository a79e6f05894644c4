package dev.postmaster.builtin;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.DeliveryOptions;

/** Says the same at each interval. What nobody receives is lost. */
final class Publisher extends VerticleBase {

  @Override
  public Future<?> start() {
    Settings settings = Settings.of(config());
    boolean toOne = "send".equals(config().getString("mode"));
    DeliveryOptions locally = Settings.locally();
    Runnable say =
        toOne
            ? () -> vertx.eventBus().send(settings.address(), settings.body(), locally)
            : () -> vertx.eventBus().publish(settings.address(), settings.body(), locally);
    say.run();
    vertx.setPeriodic(settings.intervalMs(), timer -> say.run());
    return Future.succeededFuture();
  }
}
