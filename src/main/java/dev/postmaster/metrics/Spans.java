package dev.postmaster.metrics;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.postmaster.Cause;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.metrics.Meters.Named;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;

/**
 * How long things took, from one transition of a slot to another. A span whose beginning was not
 * heard is not counted.
 *
 * <p>Units: the transitions' own, epoch milliseconds.
 *
 * <p>Threading: the context that transitions are heard on.
 */
final class Spans {

  /** Fields of a slot; 0 unknown. */
  private static final int LAUNCHED = 0;

  private static final int STARTED = 1;
  private static final int TOLD = 2;
  private static final int RESTART = 3;
  private static final int FIELDS = 4;

  private final Timer start;
  private final Timer stop;
  private final Timer run;
  private final Timer late;
  private long[] times = new long[64 * FIELDS];

  Spans(Meters meters) {
    start =
        meters.timer(
            Named.seconds("start", "From launch to RUNNING."),
            seconds(0.001, 0.01, 0.1, 1, 10, 60));
    stop =
        meters.timer(
            Named.seconds("stop", "From STOPPING until nothing of the run was left."),
            seconds(0.01, 0.1, 1, 5, 10, 15, 30, 60));
    run =
        meters.timer(
            Named.seconds("run", "From RUNNING until nothing of the run was left."),
            seconds(0.1, 1, 10, 60, 600, 3_600, 86_400));
    late =
        meters.timer(
            Named.seconds("restart.late", "How much later than announced a restart came."),
            seconds(0.01, 0.05, 0.1, 0.25, 1, 10, 60));
  }

  private static Duration[] seconds(double... bounds) {
    return Arrays.stream(bounds)
        .mapToObj(bound -> Duration.ofMillis(Math.round(bound * 1_000)))
        .toArray(Duration[]::new);
  }

  void heard(Transition t) {
    WorkerState from = (WorkerState) t.from();
    WorkerState to = (WorkerState) t.to();
    if (from == to) {
      return;
    }
    int slot = place(t.slot());
    switch (to) {
      case STARTING -> launched(slot, t);
      case RUNNING -> since(start, slot + LAUNCHED, t.at(), slot + STARTED);
      case STOPPING -> times[slot + TOLD] = t.at();
      case FREE, BACKOFF -> gone(slot, t);
      case REGISTERED, PARKED, ABANDONED -> {}
    }
  }

  private void launched(int slot, Transition t) {
    long restartAt = times[slot + RESTART];
    if (t.cause() == Cause.RESTART_TIMER && restartAt != 0) {
      late.record(Math.max(0, t.at() - restartAt), MILLISECONDS);
    }
    Arrays.fill(times, slot, slot + FIELDS, 0);
    times[slot + LAUNCHED] = t.at();
  }

  private void gone(int slot, Transition t) {
    since(run, slot + STARTED, t.at(), slot + STARTED);
    since(stop, slot + TOLD, t.at(), slot + TOLD);
    Arrays.fill(times, slot, slot + FIELDS, 0);
    times[slot + RESTART] = t.restartAt();
  }

  /** Records how long it is since then, if that is known, and notes the time now. */
  private void since(Timer timer, int then, long now, int note) {
    if (times[then] != 0) {
      timer.record(Math.max(0, now - times[then]), MILLISECONDS);
    }
    times[note] = now;
  }

  private int place(int slot) {
    int first = slot * FIELDS;
    if (first >= times.length) {
      times = Arrays.copyOf(times, Math.max(2 * times.length, first + FIELDS));
    }
    return first;
  }
}
