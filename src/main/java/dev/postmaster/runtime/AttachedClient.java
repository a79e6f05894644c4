package dev.postmaster.runtime;

import dev.postmaster.Client;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Supplier;

/** An attachment that renews itself, until it is detached. */
final class AttachedClient implements Client {

  private static final long RENEW_MS = 30_000;

  private final Vertx vertx;
  private final String id;
  private final Supplier<Future<Void>> detach;
  private final long timer;

  AttachedClient(
      Vertx vertx, String id, Supplier<Future<Void>> renew, Supplier<Future<Void>> detach) {
    this.vertx = vertx;
    this.id = id;
    this.detach = detach;
    timer = vertx.setPeriodic(RENEW_MS, tick -> renew.get());
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Future<Void> detach() {
    vertx.cancelTimer(timer);
    return detach.get();
  }
}
