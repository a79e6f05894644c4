package dev.postmaster.runtime;

import dev.postmaster.Cause;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.PostmasterException;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.Target;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerTerms;
import dev.postmaster.core.End;
import dev.postmaster.core.Run;
import dev.postmaster.core.Supervisor;
import dev.postmaster.core.SupervisorOptions;
import dev.postmaster.support.RecordingEffects;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Asks a core of its own whether it could have written a journal: for each record the event that
 * must have been is played, or the next deadline comes, and the core must write the same.
 *
 * <p>A journal's times are milliseconds. What came first of a deadline and an event within one is
 * found by trying both.
 */
final class CoreReplay {

  private static final long MS = 1_000_000;

  private static final long NEXT_NS = 1_000;
  private static final long LATE_MS = 5;
  private static final Set<Cause> DEADLINES =
      EnumSet.of(Cause.RESTART_TIMER, Cause.STOP_TIMEOUT, Cause.START_TIMEOUT);

  /** Two clocks are looked at for a record's time, and cut to a millisecond each. */
  private static final long BLUR_NS = 2 * MS;

  /** Where few orders are open a journal needs about as many as it has records. */
  private static final int TRIES_MAX = 20_000;

  private static final boolean[] BOTH = {false, true};

  private final List<Transition> journal;
  private final Map<String, WorkerTerms> terms;
  private final String epoch;
  private int tries = TRIES_MAX;
  private int furthest = -1;
  private String difference = "";
  private boolean isUndecidable;

  /** Where a try stands: a core, and what it has written and the journal not yet. */
  private static final class State {
    final Supervisor core;
    final RecordingEffects effects = new RecordingEffects();
    final List<Transition> pending;
    final Map<Long, Long> runs;
    long now;
    int taken;

    State(SupervisorOptions options) {
      core = new Supervisor(options, effects);
      pending = new ArrayList<>();
      runs = new HashMap<>();
    }

    State(State other) {
      core = other.core.copy(effects);
      pending = new ArrayList<>(other.pending);
      runs = new HashMap<>(other.runs);
      now = other.now;
    }

    void wake() {
      now = Math.max(now, core.nextWake());
      core.wake(now);
      collect();
    }

    void collect() {
      List<Transition> all = effects.records();
      pending.addAll(all.subList(taken, all.size()));
      taken = all.size();
    }
  }

  /**
   * Takes what is to be explained.
   *
   * @param journal from its first record on
   * @param terms of all registrations, by name
   */
  CoreReplay(List<Transition> journal, Map<String, WorkerTerms> terms, String epoch) {
    this.journal = journal;
    this.terms = terms;
    this.epoch = epoch;
  }

  /** The first record that no order of events explains; empty if all are explained. */
  String unexplained(SupervisorOptions options) {
    State first = new State(options);
    return follow(first, 0)
        ? ""
        : "record " + (furthest + 1) + ", " + journal.get(furthest) + ": " + difference;
  }

  /** Later than that of the record before, so that deadlines come due as they were armed. */
  private long time(int at) {
    long ms = journal.get(at).at();
    int before = at;
    while (before > 0 && journal.get(before - 1).at() == ms) {
      before--;
    }
    return (ms - journal.get(0).at()) * MS + (at - before) * NEXT_NS;
  }

  private boolean follow(State from, int start) {
    State state = from;
    int at = start;
    while (at < journal.size() && explains(state, at)) {
      at++;
    }
    if (at == journal.size()) {
      return state.pending.isEmpty();
    }
    note(state, at);
    // A record of the postmaster's own follows the edge that it came of.
    if (tries-- <= 0 || state.pending.stream().anyMatch(Transition::own)) {
      return false;
    }
    for (boolean wasTold : BOTH) {
      State played = new State(state);
      if (play(played, at, wasTold) && explains(played, at) && follow(played, at + 1)) {
        return true;
      }
    }
    if (state.core.nextWake() < time(at) + BLUR_NS) {
      State woken = new State(state);
      woken.wake();
      return follow(woken, at);
    }
    return false;
  }

  private void note(State state, int at) {
    if (at >= furthest) {
      furthest = at;
      difference = "the core has written " + state.pending;
      isUndecidable = state.pending.stream().anyMatch(ours -> meets(ours, at));
    }
  }

  /** A deadline that was due when something else happened: a loop's timer is late, by a little. */
  private boolean meets(Transition ours, int at) {
    Transition real = journal.get(at);
    return ours.slot() == real.slot()
        && DEADLINES.contains(ours.cause())
        && real.from() == ours.from()
        && real.cause() != ours.cause()
        && time(at) / MS - ours.at() <= LATE_MS;
  }

  /**
   * Whether it is unexplained because a deadline and something else lie so near to one another that
   * milliseconds do not say which came first.
   */
  boolean isUndecidable() {
    return isUndecidable;
  }

  /** Whether the core has written it already; it is taken then. */
  private boolean explains(State state, int at) {
    Transition real = journal.get(at);
    for (int n = 0; n < state.pending.size(); n++) {
      Transition ours = state.pending.get(n);
      if (ours.slot() == real.slot() && (!ours.own() || ours.cause() == real.cause())) {
        boolean isOvertaken = state.pending.subList(0, n).stream().anyMatch(Transition::own);
        if (isOvertaken || !isSame(state, ours, real)) {
          return false;
        }
        state.pending.remove(n);
        return true;
      }
    }
    return false;
  }

  private static boolean isSame(State state, Transition ours, Transition real) {
    if (ours.to() == WorkerState.STARTING) {
      state.runs.put(real.runId(), ours.runId());
    }
    return ours.from() == real.from()
        && ours.to() == real.to()
        && ours.cause() == real.cause()
        && ours.generation() == real.generation()
        && ours.runId() == state.runs.getOrDefault(real.runId(), 0L)
        && ours.name().equals(real.name())
        && ours.ready() == real.ready()
        && ours.terminate() == real.terminate()
        && ours.starts() == real.starts()
        && ours.restartInMs() == real.restartInMs()
        && ours.exit() == real.exit()
        && ours.code() == real.code()
        && ours.by() == real.by();
  }

  /**
   * Plays the event that the record must have come of; false if it comes of none.
   *
   * @param wasTold whether a run that said its own exit had been told before
   */
  private boolean play(State state, int at, boolean wasTold) {
    Transition t = journal.get(at);
    state.now = Math.max(state.now, time(at));
    long now = state.now;
    try {
      boolean played = t.own() ? own(state, t, now) : edge(state, at, now, wasTold);
      state.collect();
      return played;
    } catch (PostmasterException refused) {
      return false;
    }
  }

  private boolean own(State state, Transition t, long now) {
    switch (t.cause()) {
      case OPENED -> state.core.open(t.message(), now);
      case PAUSE -> state.core.pause(Target.all(), Long.MAX_VALUE, t.by(), now);
      case DRAIN -> state.core.drain(Target.all(), Long.MAX_VALUE, t.by(), now);
      case RESUME -> state.core.resume(Target.all(), t.by(), now);
      case PHASE -> state.core.advance((Phase) t.to(), t.by(), now);
      case REFUSED -> state.core.refused(t.message(), t.by(), now);
      case SHUTDOWN_BEGIN -> state.core.shutdown((ShutdownMode) t.to(), t.by(), now);
      default -> {
        return false;
      }
    }
    if (t.cause() == Cause.OPENED) {
      state.core.start(now); // nobody was registered before
    }
    return true;
  }

  private boolean edge(State state, int at, long now, boolean wasTold) {
    Transition t = journal.get(at);
    Handle handle = new Handle(epoch, t.slot(), t.generation());
    Run run = new Run(t.slot(), t.generation(), state.runs.getOrDefault(t.runId(), 0L));
    switch (t.cause()) {
      case REGISTERED -> state.core.register(terms.get(t.name()), t.by(), now);
      case STARTED -> state.core.started(run, now);
      case READY -> state.core.ready(run, true, now);
      case NOT_READY -> state.core.ready(run, false, now);
      case TERMINATE -> state.core.terminate(handle, t.by(), now);
      case SIGNAL -> state.core.signal(handle, Signal.TERM, t.by(), now);
      case START_FAILED, THREAD_RETURNED -> state.core.gone(run, end(t, wasTold), now);
      case EXIT -> {
        if (t.to() == WorkerState.STOPPING) {
          Optional<Transition> last = lastOf(at);
          if (last.isEmpty()) {
            return false; // every run is over at the end of a journal
          }
          state.core.ended(run, end(last.get(), wasTold), now);
        } else {
          state.core.gone(run, end(t, wasTold), now);
        }
      }
      default -> {
        return false; // of a deadline, or of what another record says
      }
    }
    return true;
  }

  /** The record with which the run of that one is over. */
  private Optional<Transition> lastOf(int at) {
    Transition of = journal.get(at);
    return journal.subList(at + 1, journal.size()).stream()
        .filter(t -> t.slot() == of.slot() && !((WorkerState) t.to()).hasRun())
        .findFirst();
  }

  /** An end that is judged as that record says. */
  private static End end(Transition t, boolean wasTold) {
    return switch (t.exit()) {
      case TERMINATED, START_TIMEOUT -> End.returned().afterTell(false);
      case KILLED -> End.returned().afterTell(true);
      default -> new End(t.exit(), t.code(), t.message(), wasTold, wasTold, false);
    };
  }
}
