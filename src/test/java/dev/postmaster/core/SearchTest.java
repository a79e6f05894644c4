package dev.postmaster.core;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ShutdownMode;
import dev.postmaster.WorkerState;
import dev.postmaster.core.TraceEvent.What;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Visits every state that a small postmaster can come to, and holds every invariant after every
 * event; then lets each state come to rest. With {@code -Dsearch.full=true} it takes minutes.
 */
class SearchTest {

  /** A state found by an event in another, or the first. */
  private record Found(int from, TraceEvent by) {}

  private record Node(int id, TraceWorld world) {}

  private static final int RESTS_MAX = 60;

  static List<SearchMenu> menus() {
    return Boolean.getBoolean("search.full") ? SearchMenu.ALL : SearchMenu.SMALL;
  }

  static List<SearchMenu> pairs() {
    return SearchPairs.all();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @Execution(ExecutionMode.CONCURRENT)
  void twoSlotsWithEachPairOfFeatures(SearchMenu menu) {
    search(menu, 250);
  }

  @ParameterizedTest
  @MethodSource("menus")
  @Execution(ExecutionMode.CONCURRENT)
  void everyInvariantHoldsInEveryStateAndEachComesToRest(SearchMenu menu) {
    search(menu, 1_000);
  }

  private static void search(SearchMenu menu, int statesMin) {
    long begin = System.nanoTime();
    List<Found> found = new ArrayList<>();
    long edges = search(menu, found);
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf(
        "search %s %s: %d states, %d edges, %.1f s%n",
        menu.setup().name(), menu.kinds(), found.size(), edges, seconds);
    assertTrue(found.size() > statesMin, "the search is almost empty");
  }

  private static long search(SearchMenu menu, List<Found> found) {
    SearchEvents events = new SearchEvents(menu);
    Rests rests = new Rests(menu, found);
    Map<ByteBuffer, Integer> seen = new HashMap<>();
    ArrayDeque<Node> open = new ArrayDeque<>();
    TraceWorld first = new TraceWorld(menu.setup());
    first.play(TraceEvent.of(What.START));
    seen.put(ByteBuffer.wrap(first.symmetricKey()), 0);
    found.add(new Found(-1, TraceEvent.of(What.START)));
    open.add(new Node(0, first));
    long edges = 0;
    for (Node node = open.poll(); node != null; node = open.poll()) {
      for (TraceEvent event : events.of(node.world())) {
        edges++;
        TraceWorld next = node.world().copy();
        try {
          next.play(event);
        } catch (AssertionError broken) {
          throw failure(menu, found, node.id(), List.of(event), broken);
        }
        if (seen.putIfAbsent(ByteBuffer.wrap(next.symmetricKey()), found.size()) == null) {
          open.add(new Node(found.size(), next));
          found.add(new Found(node.id(), event));
        }
      }
      rests.of(node);
    }
    return edges;
  }

  /**
   * From each state, without new requests: it ends, or nothing moves any more, and nobody waits.
   */
  private static final class Rests {

    private final SearchMenu menu;
    private final List<Found> found;

    /** States from which this was seen before, by the way to it. */
    private final List<Set<ByteBuffer>> known =
        List.of(new HashSet<>(), new HashSet<>(), new HashSet<>());

    Rests(SearchMenu menu, List<Found> found) {
      this.menu = menu;
      this.found = found;
    }

    void of(Node node) {
      from(node, true, false, known.get(0));
      from(node, true, true, known.get(1));
      from(node, false, true, known.get(2));
    }

    private void from(Node node, boolean shutdown, boolean obedient, Set<ByteBuffer> seen) {
      TraceWorld world = node.world().copy();
      List<TraceEvent> played = new ArrayList<>();
      List<ByteBuffer> way = new ArrayList<>();
      try {
        if (shutdown) {
          play(world, played, TraceEvent.of(What.SHUTDOWN, 0, ShutdownMode.FAST.ordinal()));
        }
        for (ByteBuffer key = key(world); !seen.contains(key); key = key(world)) {
          way.add(key);
          if (isAtRest(world)) {
            assertOver(world, shutdown);
            break;
          }
          if (way.size() == RESTS_MAX) {
            throw new AssertionError("P4 is broken: it does not come to rest");
          }
          boolean answered = obedient && answer(world, played);
          if (!answered && world.supervisor.nextWake() != Long.MAX_VALUE) {
            play(world, played, TraceEvent.of(What.WAKE));
          }
        }
      } catch (AssertionError broken) {
        throw failure(menu, found, node.id(), played, broken);
      }
      seen.addAll(way);
    }

    private static ByteBuffer key(TraceWorld world) {
      return ByteBuffer.wrap(world.symmetricKey());
    }

    private static void assertOver(TraceWorld world, boolean shutdown) {
      boolean over = world.checker.isOver();
      if (shutdown && !over || world.checker.waits() > 0) {
        throw new AssertionError("P8 is broken: over " + over + ", waits " + world.checker.waits());
      }
    }
  }

  private static boolean isAtRest(TraceWorld world) {
    if (world.checker.isOver()) {
      return true;
    }
    for (TraceSlot slot : world.checker.slots) {
      if (slot.state.hasRun() && slot.state != WorkerState.RUNNING) {
        return false;
      }
    }
    return world.supervisor.nextWake() == Long.MAX_VALUE;
  }

  /** Runs start, and obey the last rung only. */
  private static boolean answer(TraceWorld world, List<TraceEvent> played) {
    for (TraceSlot slot : world.checker.slots) {
      TraceEvent answer =
          switch (slot.state) {
            case STARTING -> TraceEvent.of(What.STARTED, slot.index);
            case RUNNING ->
                slot.ready || slot.wasReady ? null : TraceEvent.of(What.READY, slot.index);
            case STOPPING, ABANDONED ->
                slot.interrupted ? TraceEvent.of(What.GONE, slot.index, 5) : null;
            default -> null;
          };
      if (answer != null) {
        play(world, played, answer);
        return true;
      }
    }
    return false;
  }

  private static void play(TraceWorld world, List<TraceEvent> played, TraceEvent event) {
    played.add(event);
    world.play(event);
  }

  /** The shortest way there, as a test to be pasted. */
  private static AssertionError failure(
      SearchMenu menu, List<Found> found, int last, List<TraceEvent> more, AssertionError broken) {
    List<TraceEvent> path = new ArrayList<>();
    for (int id = last; id >= 0; id = found.get(id).from()) {
      path.add(found.get(id).by());
    }
    Collections.reverse(path);
    path.addAll(more);
    String setup = "SearchMenu." + menu.setup().name() + "_SETUP";
    return new AssertionError(TraceWorld.asTest(setup, path, broken), broken);
  }
}
