package dev.postmaster.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Transition;
import dev.postmaster.core.TraceEvent.What;
import dev.postmaster.runtime.Witness;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Random histories: runs that answer late, twice, never and in odd order; every invariant after
 * every event; beside them a journal that can fail, and viewers that read it ({@link TraceWatch}).
 * A history that fails is shrunk and printed as a test.
 *
 * <p>{@code -Dhistory.seed=n} plays one; profile {@code simulate} plays for hours.
 */
class HistoryTest {

  private static final Long ONE = Long.getLong("history.seed");
  private static final long SEEDS = Long.getLong("history.seeds");
  private static final long MORE_SEEDS = 4 * SEEDS;
  private static final int EVENTS = 500;
  private static final int WATCHED_EVERY = 4;
  private static final int WAKES_MAX = 1_000;

  /** Causes of features that are not built, or of journals that are opened again. */
  private static final Set<Cause> NEVER =
      EnumSet.of(
          Cause.GROUP,
          Cause.WATCHDOG,
          Cause.BUDGET,
          Cause.PROBE,
          Cause.ORPHANED,
          Cause.LOST,
          Cause.REPLACED,
          Cause.OPENED,
          Cause.REFUSED);

  /** At least this many of each pair of state and event, and of each premise of an invariant. */
  private static final int OFTEN = Integer.getInteger("history.often");

  /** What one was made of, and what came of it. */
  private static final class Played {
    final List<TraceEvent> events = new ArrayList<>();
    final List<TraceChecker.Effect> effects = new ArrayList<>();
  }

  /** What came out of all histories of a test. */
  private static final class Result {
    final LongAdder events = new LongAdder();
    final Coverage coverage = new Coverage();
    final Map<Cause, Integer> causes = new EnumMap<>(Cause.class);

    synchronized void add(Map<Cause, Integer> seen) {
      seen.forEach((cause, times) -> causes.merge(cause, times, Integer::sum));
    }
  }

  @Test
  void everyInvariantHoldsInRandomHistories() {
    Result result = play("histories", 0, SEEDS, false);
    if (ONE == null) {
      assertEquals(List.of(), result.coverage.rarerThan(OFTEN));
      for (Cause cause : EnumSet.complementOf(EnumSet.copyOf(NEVER))) {
        boolean often = result.causes.getOrDefault(cause, 0) >= 10 * OFTEN;
        assertTrue(often, () -> cause + " was hardly ever seen: " + result.causes);
      }
    }
  }

  @Test
  void thoseOfTheSlotsThatAreTouchedHoldInMany() {
    play("histories, of what is touched", SEEDS, MORE_SEEDS, true);
  }

  private static Result play(String what, long from, long seeds, boolean onlyTouched) {
    long begin = System.nanoTime();
    Result result = new Result();
    LongStream all = ONE == null ? LongStream.range(from, from + seeds) : LongStream.of(ONE);
    all.parallel().forEach(seed -> play(seed, onlyTouched, result));
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf(
        "%s: %,d events, %.1f s, %s%n%s%n",
        what, result.events.sum(), seconds, result.causes, result.coverage);
    return result;
  }

  private static void play(long seed, boolean onlyTouched, Result result) {
    Played played = new Played();
    Map<Cause, Integer> seen = new EnumMap<>(Cause.class);
    Coverage coverage = new Coverage();
    try {
      play(seed, played, seen, onlyTouched, coverage);
    } catch (AssertionError broken) {
      throw shrunk(setup(seed, onlyTouched), played.events, broken);
    }
    result.events.add(played.events.size());
    result.coverage.add(coverage);
    result.add(seen);
  }

  private static void play(
      long seed, Played played, Map<Cause, Integer> seen, boolean onlyTouched, Coverage coverage) {
    TraceWorld world = new TraceWorld(setup(seed, onlyTouched));
    world.onlyTouched = onlyTouched;
    world.count(coverage);
    HistoryEvents events = new HistoryEvents(seed, world);
    Witness witness = new Witness(false);
    for (int i = 0; i < EVENTS && !world.checker.isOver(); i++) {
      play(world, events.next(i > EVENTS / 2), played);
      count(world, seen, witness);
    }
    play(world, TraceEvent.of(What.START), played);
    play(world, TraceEvent.of(What.SHUTDOWN, 0, ShutdownMode.FAST.ordinal()), played);
    for (int wakes = 0; !world.checker.isOver(); wakes++) {
      count(world, seen, witness);
      if (wakes == WAKES_MAX) {
        throw new AssertionError("P8 is broken: shutdown does not end");
      }
      play(world, TraceEvent.of(What.WAKE), played);
    }
    count(world, seen, witness);
    if (!witness.violations().isEmpty()) {
      throw new AssertionError("the journal is broken: " + witness.violations());
    }
    if (world.checker.watch != null && world.checker.watch.hasFailed()) {
      isTheSameWithout(seed, played);
    }
  }

  /** What becomes of a journal is nothing to the core. */
  private static void isTheSameWithout(long seed, Played played) {
    TraceWorld world = new TraceWorld(HistorySetup.of(seed));
    world.onlyTouched = true;
    Played without = new Played();
    played.events.forEach(event -> play(world, event, without));
    if (!without.effects.equals(played.effects)) {
      throw new AssertionError("invariant 48 is broken: without the journal all is different");
    }
  }

  private static TraceSetup setup(long seed, boolean onlyTouched) {
    boolean watched = !onlyTouched && seed % WATCHED_EVERY == 0;
    return watched ? HistorySetup.watched(seed) : HistorySetup.of(seed);
  }

  private static void play(TraceWorld world, TraceEvent event, Played played) {
    played.events.add(event);
    world.play(event);
    played.effects.addAll(world.checker.effects);
  }

  private static void count(TraceWorld world, Map<Cause, Integer> seen, Witness witness) {
    for (TraceChecker.Effect effect : world.checker.effects) {
      if (effect.of() instanceof Transition transition) {
        seen.merge(transition.cause(), 1, Integer::sum);
        witness.saw(transition);
      }
    }
  }

  /** Takes out as many events as possible, so that the same invariant is still broken. */
  private static AssertionError shrunk(
      TraceSetup setup, List<TraceEvent> played, AssertionError broken) {
    List<TraceEvent> events = new ArrayList<>(played);
    AssertionError last = broken;
    for (int chunk = events.size() / 2; chunk > 0; ) {
      boolean shorter = false;
      for (int from = 0; from + chunk <= events.size(); ) {
        List<TraceEvent> fewer = new ArrayList<>(events.subList(0, from));
        fewer.addAll(events.subList(from + chunk, events.size()));
        AssertionError error = broken(setup, fewer);
        if (error != null && invariant(error).equals(invariant(broken))) {
          events = fewer;
          last = error;
          shorter = true;
        } else {
          from += chunk;
        }
      }
      chunk = shorter && chunk == 1 ? 1 : chunk / 2;
    }
    return new AssertionError(TraceWorld.asTest(setup.name(), events, last), last);
  }

  private static String invariant(AssertionError error) {
    return error.getMessage().split(":")[0];
  }

  private static AssertionError broken(TraceSetup setup, List<TraceEvent> events) {
    try {
      TraceWorld world = new TraceWorld(setup);
      events.forEach(world::play);
      return null;
    } catch (AssertionError error) {
      return error;
    }
  }

  @Test
  void aCopyDoesAsItsOriginalAndSharesNothing() {
    for (long seed = 0; seed < 200; seed++) {
      TraceWorld world = new TraceWorld(HistorySetup.of(seed));
      HistoryEvents events = new HistoryEvents(seed, world);
      TraceWorld twin = world.copy();
      for (int i = 0; i < EVENTS && !world.checker.isOver(); i++) {
        if (i % 20 == 0) {
          twin = world.copy();
        }
        TraceEvent event = events.next(i > EVENTS / 2);
        byte[] before = world.key();
        twin.play(event);
        assertArrayEquals(before, world.key(), "the original moved with its copy");
        world.play(event);
        String where = "seed " + seed + ", event " + i + ", " + event;
        assertEquals(world.checker.effects, twin.checker.effects, where);
        assertArrayEquals(world.key(), twin.key(), where);
        assertEquals(world.supervisor.nextWake(), twin.supervisor.nextWake(), where);
      }
    }
  }
}
