package dev.postmaster.runtime;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Phase;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.core.Edges;
import dev.postmaster.journal.Entry;
import dev.postmaster.journal.Inspection;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Holds a journal against the contract: what its records say of one another must be what a
 * postmaster can do. It knows nothing but the records.
 *
 * <p>It may begin anywhere in a journal, and learns a slot with its first record. From record 1 on
 * it knows all slots. Turns, tells and waits are in no journal: what holds of those the tests of
 * the core show.
 *
 * <p>Ordering: records in their order. Threading: one.
 */
public final class Witness {

  /** Times are whole milliseconds, and the wall clock is looked at once a turn. */
  private static final long EARLY_MS = 2;

  private final Map<Integer, Transition> lasts = new HashMap<>();
  private final Map<Integer, Transition> waits = new HashMap<>();
  private final Set<Integer> orphans = new HashSet<>();

  /** Slots that are known to be free, and those that are known not to be. */
  private final BitSet free = new BitSet();

  private final BitSet taken = new BitSet();

  /** Domains; a list, because names that were cut may be the same. */
  private final List<String> resetting = new ArrayList<>();

  private final List<String> violations = new ArrayList<>();
  private long seq;
  private long at;
  private final boolean judgesTimes;
  private boolean knowsAll;
  private boolean closed;
  private boolean gateClosed;

  /** The last known; null before that. */
  private Phase phase;

  private ShutdownMode mode;

  /**
   * Has seen nothing.
   *
   * @param judgesTimes whether it is certain that nobody sets the wall clock
   */
  public Witness(boolean judgesTimes) {
    this.judgesTimes = judgesTimes;
  }

  /**
   * What all that can be relied on in a file breaks, if none of it is damaged. Times are left out:
   * they are of a wall clock, and who set it is in no file.
   */
  public static List<String> of(Inspection read) {
    long from = read.oldest();
    List<Entry> records = read.records().stream().filter(e -> e.sequence >= from).toList();
    List<String> unknown =
        records.stream()
            .filter(e -> !Records.isKnown(e))
            .map(e -> "record " + e.sequence + ": nothing is known of what it says")
            .toList();
    if (!unknown.isEmpty()) {
      return unknown;
    }
    Witness witness = new Witness(false);
    records.stream()
        .map(e -> Records.transition(e, e.name, e.type, e.nameCut || e.typeCut))
        .forEach(witness::saw);
    return witness.violations();
  }

  /** The next record. */
  public void saw(Transition t) {
    if (seq == 0) {
      knowsAll = t.seq() == 1;
    } else {
      that(t, t.seq() == seq + 1, "it follows " + seq);
    }
    that(t, !closed || t.cause() == Cause.OPENED, "it follows the end");
    seq = t.seq();
    if (t.at() < at) {
      waits.clear(); // the clock was set back: nothing is known of how long they waited
    }
    at = t.at();
    if (t.own()) {
      own(t);
    } else {
      edge(t);
      lasts.put(t.slot(), t);
      free.set(t.slot(), state(t) == WorkerState.FREE);
      taken.set(t.slot(), state(t) != WorkerState.FREE);
    }
  }

  /** What the records break, in words, each with its number. */
  public List<String> violations() {
    return List.copyOf(violations);
  }

  private void that(Transition t, boolean holds, String otherwise) {
    if (!holds) {
      violations.add("record " + t.seq() + ", " + describe(t) + ": " + otherwise);
    }
  }

  private static String describe(Transition t) {
    return t.own()
        ? t.cause().word()
        : "slot " + t.slot() + ' ' + t.from() + "->" + t.to() + ' ' + t.cause().word();
  }

  // ---- the postmaster's own

  private void own(Transition t) {
    switch (t.cause()) {
      case OPENED -> opened(t);
      case CLOSED -> {
        that(t, gateClosed || !knowsAll, "the gate was not closed");
        lasts.values().stream()
            .filter(last -> state(last).hasRun() && state(last) != WorkerState.ABANDONED)
            .forEach(last -> that(t, false, "slot " + last.slot() + " is " + last.to()));
        closed = true;
      }
      case PHASE -> {
        that(t, phase == null || t.from() == phase, "the phase was " + phase);
        phase = t.to() instanceof Phase to ? to : null;
        boolean rises =
            t.from() instanceof Phase from && phase != null && from.compareTo(phase) < 0;
        that(t, rises, "it goes back");
      }
      case SHUTDOWN_BEGIN -> {
        ShutdownMode to = t.to() instanceof ShutdownMode known ? known : null;
        boolean rises = to != null && (mode == null || mode.compareTo(to) < 0);
        that(t, rises, "the mode was " + mode);
        mode = to;
        gateClosed |= to != ShutdownMode.SMART;
      }
      case CRASH_BEGIN -> {
        that(t, t.cut() || !resetting.contains(t.name()), "the domain is being reset");
        that(t, !gateClosed, "the gate was closed");
        resetting.add(t.name());
      }
      case CRASH_END -> that(t, resetting.remove(t.name()) || !knowsAll, "nothing was reset");
      default -> {}
    }
  }

  private void opened(Transition t) {
    closed = false;
    gateClosed = false;
    mode = null;
    phase = t.to() instanceof Phase to ? to : null;
    resetting.clear();
    waits.clear();
    orphans.clear();
    lasts.values().stream()
        .filter(last -> state(last) != WorkerState.FREE)
        .forEach(last -> orphans.add(last.slot()));
  }

  // ---- edges

  private static WorkerState state(Transition t) {
    return (WorkerState) t.to();
  }

  private void edge(Transition t) {
    WorkerState from = (WorkerState) t.from();
    WorkerState to = state(t);
    that(t, Edges.isLegal(from, to, t.cause()), "there is no such edge");
    Transition last = lasts.get(t.slot());
    boolean wasLeft = orphans.remove(t.slot());
    that(t, wasLeft == (t.cause() == Cause.ORPHANED) || last == null, "an earlier life left it");
    if (t.cause() == Cause.REGISTERED) {
      registered(t, last);
    } else if (last != null) {
      follows(t, last, from);
    } else {
      that(t, !knowsAll || from == WorkerState.FREE, "nobody is there");
    }
    if (to == WorkerState.STARTING && from != WorkerState.STARTING) {
      launched(t);
    }
    ended(t, from, to);
    that(t, !t.ready() || to == WorkerState.RUNNING, "it is ready without running");
  }

  private void registered(Transition t, Transition last) {
    that(t, !gateClosed, "the gate was closed");
    that(t, orphans.isEmpty(), "slots that an earlier life left are not free yet");
    that(t, last == null || state(last) == WorkerState.FREE, "the slot is not free");
    long generation = last == null ? t.generation() - 1 : last.generation();
    that(t, t.generation() == generation + 1, "the generation was " + generation);
    that(t, t.starts() == 0 && !t.terminate() && t.runId() == 0, "it begins with a past");
    int lowest = knowsAll ? taken.nextClearBit(0) : free.nextSetBit(0);
    that(t, lowest < 0 || lowest >= t.slot(), "slot " + lowest + " is free and lower");
  }

  private void follows(Transition t, Transition last, WorkerState from) {
    that(t, from == last.to(), "the slot is " + last.to());
    that(t, t.generation() == last.generation(), "the generation is " + last.generation());
    boolean same = t.cut() || last.cut() || t.name().equals(last.name());
    that(t, same, "the name is \"" + last.name() + '"');
    boolean left = t.cause() == Cause.ORPHANED; // of a kill nobody knows more than the slot
    that(t, left || t.terminate() || !last.terminate(), "its termination is forgotten");
    boolean launch = state(t) == WorkerState.STARTING;
    that(t, t.starts() == last.starts() + (launch ? 1 : 0), "starts were " + last.starts());
    long run = launch ? t.seq() : state(last).hasRun() ? last.runId() : 0;
    that(t, left || t.runId() == run, "the run is " + run + ", not " + t.runId());
  }

  private void launched(Transition t) {
    that(t, !t.terminate(), "its termination was asked for");
    that(t, !gateClosed, "the gate was closed");
    Transition wait = waits.remove(t.slot());
    if (judgesTimes && wait != null && t.cause() == Cause.RESTART_TIMER) {
      long waited = t.at() - wait.at();
      that(
          t,
          waited + EARLY_MS >= wait.restartInMs(),
          "it waited " + waited + " of " + wait.restartInMs() + " ms, or the clock was set");
    }
  }

  private void ended(Transition t, WorkerState from, WorkerState to) {
    boolean ends = from.hasRun() && !to.hasRun() && t.cause() != Cause.ORPHANED;
    that(t, ends == (t.exit() != Exit.NONE), "its exit is " + t.exit());
    if (to == WorkerState.BACKOFF) {
      that(t, t.exit() != Exit.COMPLETED, "it has completed");
      that(t, !t.terminate(), "its termination was asked for");
      that(t, !gateClosed, "the gate was closed");
      waits.put(t.slot(), t);
    } else if (!to.hasRun()) {
      waits.remove(t.slot());
    }
  }
}
