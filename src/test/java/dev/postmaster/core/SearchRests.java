package dev.postmaster.core;

import dev.postmaster.ShutdownMode;
import dev.postmaster.WorkerState;
import dev.postmaster.core.TraceEvent.What;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** From a state, without new requests: it ends, or nothing moves any more, and nobody waits. */
final class SearchRests {

  private static final int STEPS_MAX = 60;

  private final Search search;

  /** States from which this was seen before, by the way to it. */
  private final List<Set<Long>> known = List.of(new HashSet<>(), new HashSet<>(), new HashSet<>());

  SearchRests(Search search) {
    this.search = search;
  }

  void of(int id, TraceWorld world) {
    from(id, world, true, false, known.get(0));
    from(id, world, true, true, known.get(1));
    from(id, world, false, true, known.get(2));
  }

  private void from(int id, TraceWorld found, boolean shutdown, boolean obedient, Set<Long> seen) {
    TraceWorld world = found.copy();
    List<TraceEvent> played = new ArrayList<>();
    List<Long> way = new ArrayList<>();
    try {
      if (shutdown) {
        play(world, played, TraceEvent.of(What.SHUTDOWN, 0, ShutdownMode.FAST.ordinal()));
      }
      for (long key = search.key(world); !seen.contains(key); key = search.key(world)) {
        way.add(key);
        if (isAtRest(world)) {
          assertOver(world, shutdown);
          break;
        }
        if (way.size() == STEPS_MAX) {
          throw new AssertionError("P4 is broken: it does not come to rest");
        }
        boolean answered = obedient && answer(world, played);
        if (!answered && world.supervisor.nextWake() != Long.MAX_VALUE) {
          play(world, played, TraceEvent.of(What.WAKE));
        }
      }
    } catch (AssertionError broken) {
      throw search.failure(id, played, broken);
    }
    seen.addAll(way);
  }

  private static void assertOver(TraceWorld world, boolean shutdown) {
    boolean over = world.checker.isOver();
    if (shutdown && !over || world.checker.waits() > 0) {
      throw new AssertionError("P8 is broken: over " + over + ", waits " + world.checker.waits());
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
}
