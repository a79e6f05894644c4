package dev.postmaster;

import io.vertx.core.Future;

/** An attachment to the postmaster: while there is one, a smart shutdown waits. Renews itself. */
public interface Client {

  /** Names the attachment. */
  String id();

  /** Ends it. */
  Future<Void> detach();
}
