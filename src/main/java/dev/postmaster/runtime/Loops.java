package dev.postmaster.runtime;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.impl.VertxImpl;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The event loops that runs are put on: in turn, never the postmaster's own if there is another,
 * and none that somebody blocks. Looks every second whether they turn, and names who blocks one.
 *
 * <p>Threading: the postmaster's loop; what a loop answers is written on that loop.
 */
final class Loops {

  /**
   * How many looks in a row a loop may leave unanswered before somebody is blamed. Looks, not time:
   * when the whole JVM stood still no loop is to blame.
   */
  static final int LOOKS_MAX = 2;

  /**
   * A look that comes sooner after the last one was missed: Netty makes up for those at once, when
   * nobody had a chance to answer yet.
   */
  private static final long LOOKS_APART_NS = Places.LOOK_MS * 1_000_000 / 2;

  private static final System.Logger LOG = System.getLogger("dev.postmaster.runtime");

  /** One loop. */
  private static final class Watched {
    final EventLoop loop;
    volatile Thread thread;
    volatile boolean isAsked;
    int unanswered;
    boolean isBlamed;

    Watched(EventLoop loop) {
      this.loop = loop;
      loop.execute(() -> thread = Thread.currentThread());
    }
  }

  private final List<Watched> loops = new ArrayList<>();

  /** Those of them that runs are put on. */
  private final List<Watched> places;

  private final Map<EventLoop, Watched> byLoop = new IdentityHashMap<>();
  private final Function<ContextInternal, String> blame;
  private int next;
  private long lookedAt = System.nanoTime();

  /**
   * All loops of the Vertx but that one; runs are put on the relay only if there is no other.
   *
   * @param blame who runs on a context, in words
   */
  Loops(
      VertxInternal vertx,
      EventLoop own,
      EventLoop relay,
      Function<ContextInternal, String> blame) {
    this.blame = blame;
    for (EventExecutor executor : vertx.nettyEventLoopGroup()) {
      if (executor != own) {
        add((EventLoop) executor);
      }
    }
    if (loops.isEmpty()) {
      add(own); // a Vertx with one loop: there is no other place
    }
    List<Watched> free = loops.stream().filter(watched -> watched.loop != relay).toList();
    places = free.isEmpty() ? loops : free;
  }

  private void add(EventLoop loop) {
    Watched watched = new Watched(loop);
    loops.add(watched);
    byLoop.put(loop, watched);
  }

  /** The next in turn that is not blocked; if all are, the next. */
  EventLoop next() {
    for (int tries = 0; tries < places.size(); tries++) {
      Watched candidate = turn();
      if (!candidate.isBlamed) {
        return candidate.loop;
      }
    }
    return turn().loop;
  }

  private Watched turn() {
    next = next + 1 >= places.size() ? 0 : next + 1;
    return places.get(next);
  }

  /** What the thread of a loop does now. */
  StackTraceElement[] stack(EventLoop loop) {
    Watched watched = byLoop.get(loop);
    Thread thread = watched == null ? null : watched.thread;
    return thread == null ? new StackTraceElement[0] : thread.getStackTrace();
  }

  /** Asks each loop to answer, and blames whoever kept one from it for too long. */
  void look() {
    long now = System.nanoTime();
    if (now - lookedAt < LOOKS_APART_NS) {
      return;
    }
    lookedAt = now;
    for (Watched watched : loops) {
      if (!watched.isAsked) {
        answered(watched);
        watched.isAsked = true;
        watched.loop.execute(() -> watched.isAsked = false);
      } else if (++watched.unanswered == LOOKS_MAX) {
        watched.isBlamed = true;
        blame(watched);
      }
    }
  }

  private static void answered(Watched watched) {
    watched.unanswered = 0;
    if (watched.isBlamed) {
      watched.isBlamed = false;
      LOG.log(Level.WARNING, () -> "event loop " + name(watched) + " turns again");
    }
  }

  private void blame(Watched watched) {
    Thread thread = watched.thread;
    ContextInternal context = thread == null ? null : VertxImpl.currentContext(thread);
    String who = context == null ? "somebody who is not known" : blame.apply(context);
    String line = "event loop " + name(watched) + " is blocked by " + Faults.onOneLine(who);
    LOG.log(Level.ERROR, line + Faults.trace(stack(watched.loop)));
  }

  private static String name(Watched watched) {
    Thread thread = watched.thread;
    return thread == null ? "(not started)" : thread.getName();
  }
}
