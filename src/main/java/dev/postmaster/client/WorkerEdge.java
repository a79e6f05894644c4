package dev.postmaster.client;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.HandleStatus;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.WorkerStatus.LastEnd;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What an edge makes of a worker that was seen before it, contract §5 and §7. */
final class WorkerEdge {

  /** A message of 83 bytes at most, less up to three of a character that did not fit. */
  private static final int CUT_BYTES = 80;

  private WorkerEdge() {}

  /** The worker after an edge that does not free its slot. */
  static WorkerStatus apply(WorkerStatus w, Transition t) {
    WorkerState to = (WorkerState) t.to();
    boolean launched = to == WorkerState.STARTING;
    boolean ended = t.exit() != Exit.NONE;
    boolean moved = t.from() != to;
    return new WorkerStatus(
        t.seq(),
        w.handle(),
        t.cut() && !w.name().isEmpty() ? w.name() : t.name(),
        t.cut() && !w.type().isEmpty() ? w.type() : t.type(),
        w.library(),
        w.function(),
        to,
        t.ready(),
        status(w, to),
        to.hasRun() ? t.runId() : 0,
        "",
        reason(w, to, t),
        0,
        w.paused(),
        w.pausedUntil(),
        w.domain(),
        w.group(),
        w.flags(),
        w.start(),
        w.threading(),
        w.critical(),
        w.restartMs(),
        t.terminate(),
        t.cause() == Cause.REGISTERED ? t.at() : w.registeredAt(),
        launched ? t.at() : w.startedAt(),
        moved ? t.at() : w.stateSince(),
        t.restartAt(),
        t.restartInMs(),
        t.starts(),
        w.failures() + (ended && isFailure(t.exit()) ? 1 : 0),
        ended ? counted(w.exits(), t.exit()) : w.exits(),
        ended ? last(w.last(), t) : w.last());
  }

  private static HandleStatus status(WorkerStatus w, WorkerState to) {
    return switch (to) {
      case RUNNING -> HandleStatus.STARTED;
      case REGISTERED -> HandleStatus.NOT_YET_STARTED;
      case FREE -> HandleStatus.STOPPED;
      case BACKOFF, PARKED ->
          w.status() == HandleStatus.STARTED ? HandleStatus.STOPPED : w.status();
      case STARTING, STOPPING, ABANDONED -> w.status();
    };
  }

  private static Cause reason(WorkerStatus w, WorkerState to, Transition t) {
    return switch (to) {
      case STARTING -> null;
      case STOPPING -> t.from() == to ? w.reason() : t.cause();
      default -> w.reason();
    };
  }

  private static boolean isFailure(Exit exit) {
    return exit != Exit.COMPLETED && exit != Exit.TERMINATED && exit != Exit.KILLED;
  }

  private static List<Integer> counted(List<Integer> exits, Exit exit) {
    List<Integer> counts = new ArrayList<>(exits);
    int place = exit.ordinal() - 1;
    counts.set(place, counts.get(place) + 1);
    return List.copyOf(counts);
  }

  private static LastEnd last(LastEnd before, Transition t) {
    boolean same =
        before != null
            && before.exit() == t.exit()
            && before.code() == t.code()
            && isSame(before.message(), t.message());
    return new LastEnd(
        t.exit(),
        t.code(),
        same ? before.message() : t.message(),
        t.cause(),
        t.runId(),
        t.at(),
        same ? before.firstAt() : t.at(),
        same ? before.times() + 1 : 1);
  }

  /** A transition's message is cut: one that goes on where it ends is taken for the same. */
  private static boolean isSame(String whole, String told) {
    boolean isCut = told.getBytes(StandardCharsets.UTF_8).length >= CUT_BYTES;
    return isCut ? whole.startsWith(told) : whole.equals(told);
  }
}
