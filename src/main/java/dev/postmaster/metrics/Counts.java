package dev.postmaster.metrics;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.metrics.Meters.Named;
import io.micrometer.core.instrument.Counter;
import java.util.EnumSet;
import java.util.Map;

/**
 * What transitions are counted as.
 *
 * <p>Threading: the context that they are heard on.
 */
final class Counts {

  private final Map<Cause, Counter> transitions;
  private final Map<Exit, Counter> ends;
  private final Counter launches;
  private final Counter restarts;
  private final Counter crashCycles;
  private final Spans spans;

  Counts(Meters meters) {
    transitions =
        meters.counters(
            Named.of("transitions", "Records of the journal."),
            EnumSet.allOf(Cause.class),
            "cause",
            Cause::word);
    ends =
        meters.counters(
            Named.of("run.ends", "Runs that ended."),
            EnumSet.complementOf(EnumSet.of(Exit.NONE)),
            "exit",
            Exit::name);
    launches = meters.counter(Named.of("launches", "Launches of runs, restarts among them."));
    restarts = meters.counter(Named.of("restarts", "Launches after a restart interval."));
    crashCycles = meters.counter(Named.of("crash.cycles", "Crash cycles that began."));
    spans = new Spans(meters);
  }

  void heard(Transition transition) {
    transitions.get(transition.cause()).increment();
    if (transition.own()) {
      if (transition.cause() == Cause.CRASH_BEGIN) {
        crashCycles.increment();
      }
      return;
    }
    if (transition.exit() != Exit.NONE) {
      ends.get(transition.exit()).increment();
    }
    if (transition.to() == WorkerState.STARTING) {
      launches.increment();
      if (transition.cause() == Cause.RESTART_TIMER) {
        restarts.increment();
      }
    }
    spans.heard(transition);
  }
}
