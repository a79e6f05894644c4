package dev.postmaster.runtime;

import dev.postmaster.Client;
import dev.postmaster.Postmaster;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** An attachment that renews itself, until it is detached. */
final class AttachedClient implements Client {

  /** A third of a lease. */
  static final long RENEW_MS = 30_000;

  private final Vertx vertx;
  private final Postmaster postmaster;
  private final String id;
  private final long renewMs;
  private volatile long timer = -1;

  AttachedClient(Vertx vertx, Postmaster postmaster, String id, long renewMs) {
    this.vertx = vertx;
    this.postmaster = postmaster;
    this.id = id;
    this.renewMs = renewMs;
  }

  Future<Client> attach() {
    return postmaster
        .attach(id)
        .map(
            nothing -> {
              timer = vertx.setPeriodic(renewMs, tick -> postmaster.attach(id));
              return this;
            });
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Future<Void> detach() {
    vertx.cancelTimer(timer);
    return postmaster.detach(id);
  }
}
