package dev.postmaster.metrics;

import dev.postmaster.ErrorCode;
import dev.postmaster.Phase;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.TransitionLog;
import dev.postmaster.WorkerState;
import dev.postmaster.health.Findings;
import dev.postmaster.metrics.Meters.Named;
import java.time.Duration;
import java.util.function.ToDoubleFunction;

/**
 * What is read when somebody asks: the published figures of a postmaster.
 *
 * <p>Threading: any; no reading takes a turn of the postmaster's loop.
 */
final class Gauges {

  private final Meters meters;
  private final Postmaster postmaster;

  private Gauges(Meters meters, Postmaster postmaster) {
    this.meters = meters;
    this.postmaster = postmaster;
  }

  static void register(Meters meters, Postmaster postmaster) {
    Gauges gauges = new Gauges(meters, postmaster);
    gauges.whole();
    gauges.workers();
    gauges.journal();
    gauges.loop();
    gauges.refusals();
  }

  private void status(Named named, ToDoubleFunction<PostmasterStatus> figure, String... tags) {
    meters.gauge(named, () -> figure.applyAsDouble(postmaster.status()), tags);
  }

  private static double one(boolean holds) {
    return holds ? 1 : 0;
  }

  private void whole() {
    String version = Gauges.class.getPackage().getImplementationVersion();
    meters.gauge(
        Named.of("info", "Always 1."),
        () -> 1,
        "version",
        version == null ? "unpackaged" : version);
    status(Named.seconds("uptime", "Since the start."), status -> status.upMs() / 1_000.0);
    meters.gauge(
        Named.of("ready", "Whether it is ready, as /health/ready says."),
        () -> one(Findings.isReady(postmaster)));
    for (Phase phase : Phase.values()) {
      status(
          Named.of("phase", "Whether this is the phase."),
          status -> one(status.phase() == phase),
          "phase",
          phase.word());
    }
    for (ShutdownMode mode : ShutdownMode.values()) {
      status(
          Named.of("shutdown", "Whether this is the mode of shutdown in force."),
          status -> one(status.shutdown() == mode),
          "mode",
          mode.word());
    }
  }

  private void workers() {
    for (WorkerState state : WorkerState.values()) {
      if (state != WorkerState.FREE) {
        status(
            Named.of("workers", "Registrations by state."),
            status -> status.workers().getOrDefault(state, 0),
            "state",
            state.word());
      }
    }
    status(
        Named.of("abandoned", "Workers whose threads were left inside their code."),
        status -> status.workers().getOrDefault(WorkerState.ABANDONED, 0));
    meters.gauge(
        Named.of("critical.unready", "Critical workers that are not ready."),
        () -> postmaster.vitals().unready());
    status(Named.of("slots.used", "Slots that are not free."), PostmasterStatus::slotsUsed);
    status(Named.of("slots.limit", "Slots that there are."), PostmasterStatus::slotsTotal);
    status(
        Named.of("parallel.active", "Workers with the flag PARALLEL."),
        PostmasterStatus::parallelActive);
    status(
        Named.of("parallel.limit", "How many of these there may be."),
        PostmasterStatus::parallelLimit);
    status(Named.of("clients", "Clients that are attached."), PostmasterStatus::clients);
    status(
        Named.of("domains.resetting", "Domains in a crash cycle."),
        status -> status.domains().stream().filter(DomainStatus::resetting).count());
  }

  private void journal() {
    log(Named.of("journal.head", "Sequence number of the last record."), TransitionLog::head);
    log(Named.of("journal.capacity", "Records that are kept."), TransitionLog::capacity);
    log(
        Named.of("journal.faulted", "Whether its file met a fault, and it is in memory."),
        log -> one(log.isFaulted()));
  }

  /** Before the start there is none. */
  private void log(Named named, ToDoubleFunction<TransitionLog> figure) {
    meters.gauge(
        named,
        () ->
            postmaster.status().startedAt() == 0
                ? Double.NaN
                : figure.applyAsDouble(postmaster.transitions()));
  }

  private void loop() {
    meters.gauge(
        Named.seconds("loop.turned", "Since the postmaster's loop last turned."),
        () -> seconds(postmaster.vitals().sinceTurn()));
    meters.gauge(
        Named.seconds("loop.lag", "How late the loop's beat was at worst in the last minute."),
        () -> seconds(postmaster.vitals().lag()));
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private void refusals() {
    for (ErrorCode code : ErrorCode.values()) {
      meters.counted(
          Named.of("refusals", "Requests that were refused."),
          () -> postmaster.vitals().refusals(code),
          "code",
          code.name());
    }
  }
}
