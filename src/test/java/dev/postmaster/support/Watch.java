package dev.postmaster.support;

import dev.postmaster.Postmaster;
import dev.postmaster.Transition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** Keeps every transition, and waits for one: what integration tests wait on instead of time. */
public final class Watch {

  private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(20);

  private final List<Transition> seen = new ArrayList<>();

  /** Watches from now on; call it before the start to miss nothing. */
  public static Watch on(Postmaster postmaster) {
    Watch watch = new Watch();
    postmaster.onTransition(watch::saw);
    return watch;
  }

  private synchronized void saw(Transition transition) {
    seen.add(transition);
    notifyAll();
  }

  /** The first that matches, perhaps seen already. */
  public synchronized Transition await(Predicate<Transition> wanted) throws Exception {
    return await(wanted, 1);
  }

  /** The n-th that matches. */
  public synchronized Transition await(Predicate<Transition> wanted, int nth) throws Exception {
    long end = System.nanoTime() + DEADLINE_NS;
    while (true) {
      List<Transition> found = seen.stream().filter(wanted).toList();
      if (found.size() >= nth) {
        return found.get(nth - 1);
      }
      long leftMs = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (leftMs <= 0) {
        throw new TimeoutException("never seen; what was seen: " + edges());
      }
      wait(leftMs);
    }
  }

  public synchronized List<Transition> seen() {
    return List.copyOf(seen);
  }

  /** The edges of a worker, such as {@code FREE→REGISTERED registered}. */
  public synchronized List<String> edges(String name) {
    return seen.stream().filter(t -> t.name().equals(name)).map(Watch::edge).toList();
  }

  private synchronized List<String> edges() {
    return seen.stream().map(t -> t.name() + ' ' + edge(t)).toList();
  }

  /** An edge as the grid writes it. */
  public static String edge(Transition t) {
    String from = t.from() == null ? "" : t.from().word();
    String to = t.to() == null ? "" : t.to().word();
    return from + "→" + to + ' ' + t.cause().word();
  }
}
