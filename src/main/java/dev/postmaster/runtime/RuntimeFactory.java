package dev.postmaster.runtime;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import io.vertx.core.Vertx;

/** What {@link Postmaster#create} finds. */
public final class RuntimeFactory implements Postmaster.PostmasterFactory {

  @Override
  public Postmaster create(Vertx vertx, PostmasterOptions options) {
    return new EventLoopPostmaster(vertx, options);
  }
}
