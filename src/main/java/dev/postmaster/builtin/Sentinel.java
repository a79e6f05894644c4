package dev.postmaster.builtin;

import dev.postmaster.WorkerContext;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.DeliveryOptions;

/**
 * Is ready while somebody answers: any reply is an answer, a failure is none. One question is open
 * at a time; while it is, no other is asked.
 */
final class Sentinel extends VerticleBase {

  private WorkerContext worker;
  private Settings settings;
  private DeliveryOptions inTime;
  private boolean isAsking;

  @Override
  public Future<?> start() {
    worker = WorkerContext.current(vertx);
    settings = Settings.of(config());
    inTime = Settings.locally().setSendTimeout(Settings.timeMs(config(), "timeout", "500ms"));
    ask();
    // Periodic: a timer set again by a late answer would outlive the run.
    vertx.setPeriodic(settings.intervalMs(), timer -> ask());
    return Future.succeededFuture();
  }

  private void ask() {
    if (isAsking) {
      return;
    }
    isAsking = true;
    vertx
        .eventBus()
        .request(settings.address(), settings.body(), inTime)
        .onComplete(
            answer -> {
              isAsking = false;
              // Said each time: what was said before the run had begun does not count.
              if (answer.succeeded()) {
                worker.ready();
              } else {
                worker.notReady();
              }
            });
  }
}
