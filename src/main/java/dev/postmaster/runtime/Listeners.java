package dev.postmaster.runtime;

import dev.postmaster.Transition;
import io.vertx.core.Handler;
import io.vertx.core.internal.ContextInternal;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Those who listen to transitions, each on a context of its own; one that throws harms nobody.
 *
 * <p>Threading: {@link #tell} the postmaster's loop; the rest any.
 */
final class Listeners {

  private static final System.Logger LOG = System.getLogger("dev.postmaster.runtime");

  private final List<Listener> all = new CopyOnWriteArrayList<>();
  private final AtomicLong thrown = new AtomicLong();

  private record Listener(ContextInternal context, Handler<Transition> handler) {}

  Runnable add(ContextInternal context, Handler<Transition> handler) {
    Listener listener = new Listener(context, handler);
    all.add(listener);
    return () -> all.remove(listener);
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  void tell(Transition transition) {
    for (Listener listener : all) {
      try {
        listener.context().runOnContext(nothing -> tell(listener, transition));
      } catch (RejectedExecutionException closed) {
        // Its loop is closed for good.
        all.remove(listener);
      }
    }
  }

  private void tell(Listener listener, Transition transition) {
    try {
      listener.handler().handle(transition);
    } catch (Throwable failure) {
      if (thrown.incrementAndGet() == 1) {
        LOG.log(Level.WARNING, "a transition listener threw; further ones are counted", failure);
      }
    }
  }

  /** How often a listener threw. */
  long thrown() {
    return thrown.get();
  }
}
