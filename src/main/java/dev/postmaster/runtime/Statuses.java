package dev.postmaster.runtime;

import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.ShutdownReport;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.core.Past;
import dev.postmaster.core.Supervisor;
import dev.postmaster.core.SupervisorOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What is shown of the postmaster, and said in messages. */
final class Statuses {

  private Statuses() {}

  static PostmasterException died() {
    return PostmasterException.of(ErrorCode.POSTMASTER_DIED, "the postmaster has ended");
  }

  static PostmasterException notStarted() {
    return PostmasterException.of(ErrorCode.BAD_REQUEST, "the postmaster has not been started");
  }

  /** The journal's directory cannot be had or written. */
  static PostmasterException unusable(IOException why) {
    return PostmasterException.of(ErrorCode.INTERNAL, why.getMessage());
  }

  /** What the core is set up with. */
  static SupervisorOptions coreOptions(
      PostmasterOptions options, String epoch, long head, Past past, EntryPoints.Rule rule) {
    return new SupervisorOptions(
        epoch,
        head,
        past,
        options.maxWorkers(),
        options.maxWorkerThreads(),
        options.maxParallelWorkers(),
        options.uniqueNames(),
        options.restartAfterCrash(),
        options.crashCycles(),
        Nanos.of(options.crashWithin()),
        Nanos.of(options.shutdownTimeout()),
        options.phase(),
        rule.virtualThreads(),
        rule);
  }

  /** The workers whose threads are left inside their code. */
  static List<ShutdownReport.Abandoned> abandoned(PublishedTable table, RunHost host) {
    return table.list(-1, Integer.MAX_VALUE, s -> s.state() == WorkerState.ABANDONED).stream()
        .map(
            s -> new ShutdownReport.Abandoned(s.handle(), s.name(), List.of(host.stack(s.runId()))))
        .toList();
  }

  static PostmasterStatus before(PostmasterOptions options) {
    return new PostmasterStatus(
        options.name(),
        "",
        0,
        options.phase(),
        ShutdownMode.NONE,
        0,
        0,
        0,
        0,
        Map.of(),
        0,
        0,
        options.maxWorkers(),
        0,
        options.maxParallelWorkers(),
        List.of());
  }

  static PostmasterStatus of(
      PostmasterOptions options, Supervisor core, long startedAt, long shutdownAt, long now) {
    Map<WorkerState, Integer> workers = new EnumMap<>(WorkerState.class);
    int left = 0;
    for (WorkerState state : WorkerState.values()) {
      int count = core.inState(state);
      if (count > 0 && state != WorkerState.FREE) {
        workers.put(state, count);
      }
      left += state.hasRun() ? count : 0;
    }
    boolean down = core.mode() != ShutdownMode.NONE;
    return new PostmasterStatus(
        options.name(),
        core.epoch(),
        core.seq(),
        core.phase(),
        core.mode(),
        shutdownAt,
        down ? left : 0,
        startedAt,
        0,
        Map.copyOf(workers),
        core.clients(),
        core.used(),
        options.maxWorkers(),
        core.parallelActive(),
        options.maxParallelWorkers(),
        core.domains());
  }

  /** The same with the time that it has been up by now. */
  static PostmasterStatus now(PostmasterStatus s) {
    long upMs = s.startedAt() == 0 ? 0 : System.currentTimeMillis() - s.startedAt();
    return new PostmasterStatus(
        s.name(),
        s.epoch(),
        s.seq(),
        s.phase(),
        s.shutdown(),
        s.shutdownSince(),
        s.left(),
        s.startedAt(),
        Math.max(0, upMs),
        s.workers(),
        s.clients(),
        s.slotsUsed(),
        s.slotsTotal(),
        s.parallelActive(),
        s.parallelLimit(),
        s.domains());
  }

  /** Why a wait failed, in a sentence with every fact. */
  static String why(ErrorCode failure, WorkerStatus status) {
    String worker = "worker \"" + status.name() + "\" (" + status.handle() + ")";
    return switch (failure) {
      case NOT_STARTED -> worker + " was forgotten before it came to that" + last(status);
      case TIMEOUT -> worker + " is " + status.state() + ", and the time is over";
      default -> "the postmaster has ended; " + worker + " was " + status.state();
    };
  }

  private static String last(WorkerStatus status) {
    String reason = status.reason() == null ? "" : ", reason " + status.reason().word();
    return status.last() == null ? reason : ", exit " + status.last().exit() + reason;
  }

  /** What a notify address is told. */
  static JsonObject notice(WorkerStatus status) {
    Exit exit = status.last() == null ? Exit.NONE : status.last().exit();
    return new JsonObject()
        .put("handle", status.handle().toString())
        .put("name", status.name())
        .put("status", status.status().name())
        .put("state", status.state().name())
        .put("runId", status.runId() == 0 ? null : status.runId())
        .put("seq", status.seq())
        .put("exit", exit == Exit.NONE ? null : exit.name())
        .put("gone", status.state() == WorkerState.FREE);
  }
}
