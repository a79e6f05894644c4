package dev.postmaster;

import io.vertx.core.Deployable;
import java.util.function.Supplier;

/**
 * Makes what a run runs, afresh for each launch: Vert.x would take the same instance twice, and
 * nothing of one run may live on in the next.
 */
public sealed interface WorkerFactory {

  /** Makes one that has a main and may block. */
  record Blocking(Supplier<? extends BackgroundWorker> supplier) implements WorkerFactory {}

  /** Makes one that Vert.x could deploy as it is. */
  record Verticle(Supplier<? extends Deployable> supplier) implements WorkerFactory {}

  /** What its workers run on unless the specification says otherwise. */
  default Threading threading() {
    return isVerticle() ? Threading.EVENT_LOOP : Threading.WORKER;
  }

  default boolean isVerticle() {
    return this instanceof Verticle;
  }
}
