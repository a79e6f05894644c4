package dev.postmaster.web;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.WorkerContext;
import io.vertx.core.AbstractVerticle;
import java.util.concurrent.atomic.AtomicInteger;

/** A class that only somebody who resolves a name would touch, which counts in {@link Cage}. */
@SuppressWarnings("unused")
public final class Canary extends AbstractVerticle implements BackgroundWorker {

  /** Kept apart, so that looking does not touch it. */
  static final class Cage {
    static final AtomicInteger TOUCHED = new AtomicInteger();

    private Cage() {}
  }

  static {
    Cage.TOUCHED.incrementAndGet();
  }

  @Override
  public void run(WorkerContext context) {
    Cage.TOUCHED.incrementAndGet();
  }
}
