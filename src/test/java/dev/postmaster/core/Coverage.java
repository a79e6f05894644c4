package dev.postmaster.core;

import dev.postmaster.WorkerState;
import dev.postmaster.core.TraceEvent.What;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How often each event met each state of a slot, and the premise of each invariant was true. */
final class Coverage {

  private static final int EVENTS = What.values().length;

  private final long[][] pairs = new long[WorkerState.values().length][EVENTS];
  private final Map<String, long[]> premises = new HashMap<>();

  void pair(WorkerState state, What what) {
    pairs[state.ordinal()][what.ordinal()]++;
  }

  void premise(String invariant) {
    premises.computeIfAbsent(invariant, id -> new long[1])[0]++;
  }

  /** A premise that never is true is rare too. */
  void expect(List<String> those) {
    those.forEach(id -> premises.putIfAbsent(id, new long[1]));
  }

  synchronized void add(Coverage other) {
    for (int state = 0; state < pairs.length; state++) {
      for (int event = 0; event < EVENTS; event++) {
        pairs[state][event] += other.pairs[state][event];
      }
    }
    other.premises.forEach(
        (id, count) -> premises.computeIfAbsent(id, unknown -> new long[1])[0] += count[0]);
  }

  /**
   * Why a pair cannot be; empty if it can.
   *
   * <p>PARKED comes with a budget, which is refused until there is one. What a run says needs a
   * run; of one that is gone the late events say it. Before the start nothing else than
   * registrations is there to be met.
   */
  static String impossible(WorkerState state, What what) {
    if (state == WorkerState.PARKED) {
      return "there is no budget yet";
    }
    if (what == What.START) {
      return "it is before all others, and meets no state of its own";
    }
    boolean run = what.isOfARun() && !what.isLate();
    return run && !state.hasRun() ? "it has no run that could say it" : "";
  }

  /** The pairs and premises that were seen less often than that, in words. */
  List<String> rarerThan(long times) {
    List<String> rare = new ArrayList<>();
    for (WorkerState state : WorkerState.values()) {
      for (What what : What.values()) {
        long seen = pairs[state.ordinal()][what.ordinal()];
        if (impossible(state, what).isEmpty() && seen < times) {
          rare.add(state + " " + what + " " + seen);
        }
      }
    }
    premises.forEach(
        (id, count) -> {
          if (count[0] < times) {
            rare.add("premise " + id + ' ' + count[0]);
          }
        });
    return rare;
  }

  /** The table, an event a line. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(String.format("%-14s", ""));
    for (WorkerState state : WorkerState.values()) {
      text.append(String.format("%11s", state));
    }
    for (What what : What.values()) {
      text.append(String.format("%n%-14s", what));
      for (WorkerState state : WorkerState.values()) {
        long seen = pairs[state.ordinal()][what.ordinal()];
        text.append(String.format("%11s", impossible(state, what).isEmpty() ? seen : "-"));
      }
    }
    Map<String, Long> sorted = new TreeMap<>();
    premises.forEach((id, count) -> sorted.put(id, count[0]));
    return text.append(String.format("%npremises %s", sorted)).toString();
  }
}
