package dev.postmaster.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.ErrorCode;
import dev.postmaster.Transition;
import dev.postmaster.core.TraceEvent.What;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Random ways through what a menu lets happen. Where two of them come to one key, every event is
 * played on a copy of both states, and has to bring about the same.
 *
 * <p>States with a deadline that is over are passed by: for those the key is not exact.
 */
final class KeyWalks {

  private static final int STEPS_MAX = 30;

  /** So often one key is met, that the near ones do not take all the time. */
  private static final int MEETINGS_MAX = 3;

  /** The first state that was found with a key, and the way to it. */
  private static final class First {
    final TraceWorld world;
    final List<TraceEvent> path;
    int meetings;

    First(TraceWorld world, List<TraceEvent> path) {
      this.world = world;
      this.path = path;
    }
  }

  /** What an event brings about, without sequence numbers, run ids, times and messages. */
  record Outcome(ErrorCode refusal, List<String> effects, long wakeInNs) {

    /** Of the event that was played last. */
    static Outcome of(TraceWorld world) {
      long next = world.supervisor.nextWake();
      return new Outcome(
          world.refusal,
          world.checker.effects.stream().map(KeyWalks::text).toList(),
          next == Long.MAX_VALUE ? next : next - world.now);
    }
  }

  private final SearchMenu menu;
  private final SearchEvents events;
  private final SplittableRandom random;
  private final Map<ByteBuffer, First> firsts = new HashMap<>();
  private int pairs;
  private int outcomes;

  KeyWalks(SearchMenu menu, long seed) {
    this.menu = menu;
    events = new SearchEvents(menu);
    random = new SplittableRandom(seed);
  }

  /** How many outcomes were held against one another. */
  int outcomes() {
    return outcomes;
  }

  /** Goes on until so many pairs of ways have met, or so many ways were gone. */
  int walk(int pairsMax, int walksMax) {
    for (int walks = 0; pairs < pairsMax && walks < walksMax; walks++) {
      walk();
    }
    return pairs;
  }

  private void walk() {
    TraceWorld world = new TraceWorld(menu.setup());
    List<TraceEvent> path = new ArrayList<>();
    TraceEvent event = TraceEvent.of(What.START);
    for (int steps = 1 + random.nextInt(STEPS_MAX); steps > 0 && event != null; steps--) {
      world.play(event);
      path.add(event);
      if (world.supervisor.nextWake() > world.now) {
        meet(world, path);
      }
      List<TraceEvent> possible = events.of(world);
      event = possible.isEmpty() ? null : possible.get(random.nextInt(possible.size()));
    }
  }

  private void meet(TraceWorld world, List<TraceEvent> path) {
    ByteBuffer key = ByteBuffer.wrap(key(world));
    First first = firsts.get(key);
    if (first == null) {
      firsts.put(key, new First(world.copy(), List.copyOf(path)));
    } else if (first.meetings < MEETINGS_MAX && !first.path.equals(path)) {
      first.meetings++;
      pairs++;
      for (TraceEvent event : events.of(world)) {
        compare(first, world, path, event);
      }
    }
  }

  private void compare(First first, TraceWorld world, List<TraceEvent> path, TraceEvent event) {
    TraceWorld one = after(first.world, event);
    TraceWorld other = after(world, event);
    String ways = menu.setup().name() + ": " + first.path + " and " + path + ", then " + event;
    assertEquals(Outcome.of(one), Outcome.of(other), ways);
    assertArrayEquals(key(one), key(other), ways);
    outcomes++;
  }

  private static TraceWorld after(TraceWorld world, TraceEvent event) {
    TraceWorld copy = world.copy();
    copy.play(event);
    return copy;
  }

  static byte[] key(TraceWorld world) {
    return world.supervisor.key(world.now);
  }

  private static String text(TraceChecker.Effect effect) {
    if (effect.of() instanceof Transition t) {
      return String.join(
          " ",
          t.name() + '@' + t.slot() + '.' + t.generation(),
          t.from() + ">" + t.to(),
          t.cause().word(),
          t.ready() + "/" + t.terminate(),
          t.exit() + "/" + t.code());
    }
    Object of = effect.of() instanceof Run run ? run.slot() + "." + run.generation() : effect.of();
    return switch (effect.what()) {
      case "answer" -> "answer " + told(effect);
      case "notify" -> "notify " + of + ' ' + told(effect);
      default -> effect.what() + ' ' + of + ' ' + effect.with();
    };
  }

  /** Without the sequence number, which comes last. */
  private static List<?> told(TraceChecker.Effect effect) {
    List<?> with = (List<?>) effect.with();
    return with.subList(0, with.size() - 1);
  }
}
