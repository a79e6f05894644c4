package dev.postmaster.bus;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterExtension;
import dev.postmaster.PostmasterOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;

/**
 * Opens the addresses of a postmaster, {@code postmaster.<name>.control} and {@code
 * postmaster.<name>.transitions}, until it has ended. They are local, unless the option {@code
 * cluster.remoteControl} opens them to the other nodes of a clustered Vertx.
 *
 * <p>After the end there is nobody at the control address any more: a request fails with Vert.x's
 * own {@code NO_HANDLERS}. Requests that were in flight then are answered {@code POSTMASTER_DIED}.
 *
 * <p>Threading: an event loop that is not the postmaster's, if the Vertx has a second one.
 */
public final class BusExtension implements PostmasterExtension {

  /** How many contexts to make before giving up on another loop: some Vertx have only one. */
  private static final int TRIES = 64;

  @Override
  public Future<?> open(Vertx vertx, Postmaster postmaster, PostmasterOptions options) {
    ContextInternal context = otherLoop((VertxInternal) vertx);
    TransitionPublisher transitions = new TransitionPublisher(vertx, postmaster, options);
    Control control = new Control(vertx, postmaster, options);
    Promise<Void> opened = Promise.promise();
    context.runOnContext(
        on -> {
          try {
            transitions.open();
            control.open().onComplete(opened);
            postmaster
                .ended()
                .onComplete(
                    report -> {
                      control.close();
                      transitions.close();
                    });
          } catch (RuntimeException failure) {
            opened.tryFail(failure);
          }
        });
    return opened.future();
  }

  /** It is the postmaster's loop that calls: a context whose thread this is would share it. */
  private static ContextInternal otherLoop(VertxInternal vertx) {
    ContextInternal context = vertx.createEventLoopContext();
    for (int t = 0; t < TRIES && context.inThread(); t++) {
      context = vertx.createEventLoopContext();
    }
    return context;
  }
}
