package dev.postmaster;

import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * Something that speaks for every postmaster to the outside; found by {@link
 * java.util.ServiceLoader}.
 *
 * <p>Threading: {@link #open} is called once on the postmaster's loop, which it must not block.
 */
public interface PostmasterExtension {

  /**
   * Opens it, when the slots of the static workers are given and none of them has started. It
   * closes itself when {@link Postmaster#ended()} completes.
   *
   * @return when it can be reached; the start of the postmaster waits for that, and fails with it
   */
  Future<?> open(Vertx vertx, Postmaster postmaster, PostmasterOptions options);
}
