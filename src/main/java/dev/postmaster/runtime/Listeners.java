package dev.postmaster.runtime;

import dev.postmaster.Transition;
import io.vertx.core.Handler;
import io.vertx.core.internal.ContextInternal;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Those who listen to transitions, each on a context of its own; one that throws harms nobody.
 *
 * <p>Threading: {@link #tell} the postmaster's loop; the rest any.
 */
final class Listeners {

  private static final System.Logger LOG = System.getLogger("dev.postmaster.runtime");

  /** How many a listener hears before its loop serves others. */
  private static final int HEARD_MAX = 1_000;

  private final List<Listener> all = new CopyOnWriteArrayList<>();
  private final AtomicBoolean thrown = new AtomicBoolean();

  Runnable add(ContextInternal context, Handler<Transition> handler, long patienceNs) {
    Listener listener = new Listener(context, handler, patienceNs);
    all.add(listener);
    return () -> all.remove(listener);
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  void tell(Transition transition) {
    for (Listener listener : all) {
      try {
        listener.tell(transition);
      } catch (RejectedExecutionException closed) {
        // Its loop is closed for good.
        all.remove(listener);
      }
    }
  }

  private void hear(Handler<Transition> handler, Transition transition) {
    try {
      handler.handle(transition);
    } catch (Throwable failure) {
      if (thrown.compareAndSet(false, true)) {
        LOG.log(
            Level.WARNING,
            () ->
                "a transition listener threw; others that do are ignored" + Faults.trace(failure));
      }
    }
  }

  /**
   * One task for all that came meanwhile; a patient one looks again before it waits to be woken: to
   * wake a loop costs the postmaster more than all else that a record does.
   */
  private final class Listener {

    private final ContextInternal context;
    private final Handler<Transition> handler;
    private final long patienceNs;
    private final Queue<Transition> unheard = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    Listener(ContextInternal context, Handler<Transition> handler, long patienceNs) {
      this.context = context;
      this.handler = handler;
      this.patienceNs = patienceNs;
    }

    void tell(Transition transition) {
      unheard.add(transition);
      schedule();
    }

    private void schedule() {
      if (!unheard.isEmpty() && scheduled.compareAndSet(false, true)) {
        context.runOnContext(nothing -> hearAll());
      }
    }

    private void hearAll() {
      int heard = 0;
      for (Transition next = unheard.poll(); next != null; next = unheard.poll()) {
        hear(handler, next);
        if (++heard == HEARD_MAX) {
          context.runOnContext(nothing -> hearAll());
          return;
        }
      }
      if (heard > 0 && patienceNs > 0) {
        context.nettyEventLoop().schedule(this::hearMore, patienceNs, TimeUnit.NANOSECONDS);
      } else {
        scheduled.set(false);
        schedule();
      }
    }

    private void hearMore() {
      context.emit(null, nothing -> hearAll());
    }
  }
}
