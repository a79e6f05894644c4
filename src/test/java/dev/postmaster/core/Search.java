package dev.postmaster.core;

import dev.postmaster.core.TraceEvent.What;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Visits, breadth first, every state that a menu lets a postmaster come to, or the first so many of
 * them, and lets each come to rest.
 *
 * <p>Two states are taken for one where 64 bits of a digest of their keys are equal: among a
 * hundred million that hides one with a chance of 1 in 3,700.
 */
final class Search {

  /** A state found by an event in another, or the first. */
  private record Found(int from, TraceEvent by) {}

  /** A state to go on from: the world as it was found, or null where it has to be made again. */
  private record Open(int id, TraceWorld world) {}

  /** So many worlds are kept while they wait; some 5 KiB each. */
  private static final int WORLDS_MAX = 100_000;

  private final SearchMenu menu;
  private final int statesMax;
  private final SearchEvents events;
  private final SearchRests rests = new SearchRests(this);
  private final List<Found> found = new ArrayList<>();
  private final Set<Long> seen = new HashSet<>();
  private final ArrayDeque<Open> open = new ArrayDeque<>();
  private final Map<TraceEvent, TraceEvent> same = new HashMap<>();
  private final MessageDigest digest;
  private int worlds;

  /** The state made again last, and its world: those that were found in one come together. */
  private int madeId = -1;

  private TraceWorld made;

  private long edges;

  /** Events to the state that was visited last: all with fewer were visited. */
  private int depth;

  Search(SearchMenu menu, int statesMax) {
    this.menu = menu;
    this.statesMax = statesMax;
    events = new SearchEvents(menu);
    try {
      digest = MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  int states() {
    return found.size();
  }

  boolean isComplete() {
    return open.isEmpty();
  }

  @Override
  public String toString() {
    return String.format(
        "%s %s: %,d states, %,d edges, %s",
        menu.setup().name(),
        menu.kinds(),
        found.size(),
        edges,
        isComplete()
            ? "all of them, up to " + depth + " events"
            : "all up to " + (depth - 1) + " events");
  }

  /**
   * Visits them.
   *
   * @throws AssertionError with the shortest way to a state in which something does not hold
   */
  void run() {
    TraceWorld first = new TraceWorld(menu.setup());
    first.play(TraceEvent.of(What.START));
    add(-1, TraceEvent.of(What.START), first);
    int last = 0;
    while (!open.isEmpty() && found.size() < statesMax) {
      Open next = open.poll();
      TraceWorld world = next.world() == null ? make(next.id()) : next.world();
      worlds -= next.world() == null ? 0 : 1;
      expand(next.id(), world);
      rests.of(next.id(), world);
      last = next.id();
    }
    depth = path(last).size();
  }

  private void expand(int id, TraceWorld world) {
    for (TraceEvent event : events.of(world)) {
      edges++;
      TraceWorld next = world.copy();
      try {
        next.play(event);
      } catch (AssertionError broken) {
        throw failure(id, List.of(event), broken);
      }
      add(id, event, next);
    }
  }

  private void add(int from, TraceEvent by, TraceWorld world) {
    if (seen.add(key(world))) {
      boolean kept = worlds < WORLDS_MAX;
      worlds += kept ? 1 : 0;
      open.add(new Open(found.size(), kept ? world : null));
      found.add(new Found(from, same.computeIfAbsent(by, event -> event)));
    }
  }

  /** What tells a state from another. */
  long key(TraceWorld world) {
    return ByteBuffer.wrap(digest.digest(world.symmetricKey())).getLong();
  }

  private TraceWorld make(int id) {
    Found last = found.get(id);
    if (last.from() != madeId) {
      made = new TraceWorld(menu.setup());
      made.onlyTouched = true;
      path(last.from()).forEach(made::play);
      made.onlyTouched = false;
      madeId = last.from();
    }
    TraceWorld world = made.copy();
    world.play(last.by());
    return world;
  }

  private List<TraceEvent> path(int last) {
    List<TraceEvent> path = new ArrayList<>();
    for (int id = last; id >= 0; id = found.get(id).from()) {
      path.add(found.get(id).by());
    }
    Collections.reverse(path);
    return path;
  }

  /** The shortest way there, as a test to be pasted. */
  AssertionError failure(int last, List<TraceEvent> more, AssertionError broken) {
    List<TraceEvent> path = path(last);
    path.addAll(more);
    return new AssertionError(TraceWorld.asTest(menu.setup().name(), path, broken), broken);
  }
}
