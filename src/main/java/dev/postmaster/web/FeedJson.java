package dev.postmaster.web;

import dev.postmaster.DurationText;
import dev.postmaster.Exit;
import dev.postmaster.Flag;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Stage;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.WorkerStatus.LastEnd;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * The JSON objects that REST and the feed share: fields in the order of protocols §4.
 *
 * <p>Units: {@code …At} epoch milliseconds, {@code …Ms} milliseconds, {@code restart} as text. What
 * is unknown is {@code null}, never 0 or "".
 */
final class FeedJson {

  private FeedJson() {}

  /** The object WORKER. */
  static JsonObject worker(WorkerStatus worker) {
    WorkerState state = worker.state();
    boolean stopping = state == WorkerState.STOPPING || state == WorkerState.ABANDONED;
    return new JsonObject()
        .put("seq", worker.seq())
        .put("slot", worker.slot())
        .put("generation", worker.generation())
        .put("handle", worker.handle().toString())
        .put("name", worker.name())
        .put("type", worker.type())
        .put("library", text(worker.library()))
        .put("function", text(worker.function()))
        .put("state", state.word())
        .put("ready", worker.ready())
        .put("status", worker.status().name())
        .put("runId", known(worker.runId()))
        .put("waiting", text(worker.waiting()))
        .put("reason", stopping && worker.reason() != null ? worker.reason().word() : null)
        .put("deadlineAt", known(worker.deadlineAt()))
        .put("paused", worker.paused())
        .put("pausedUntil", known(worker.pausedUntil()))
        .put("domain", text(worker.domain()))
        .put("group", text(worker.group()))
        .put("flags", flags(worker))
        .put("start", worker.start().name())
        .put("threading", worker.threading().name())
        .put("restart", restart(worker.restartMs()))
        .put("terminate", worker.terminate())
        .put("registeredAt", known(worker.registeredAt()))
        .put("startedAt", known(worker.startedAt()))
        .put("stateSince", known(worker.stateSince()))
        .put("restartAt", known(worker.restartAt()))
        .put("restartInMs", notNegative(worker.restartInMs()))
        .put("starts", worker.starts())
        .put("failures", worker.failures())
        .put("exits", exits(worker.exits()))
        .put("last", worker.last() == null ? null : last(worker.last()));
  }

  private static JsonArray flags(WorkerStatus worker) {
    return new JsonArray(
        Stream.of(Flag.values()).filter(worker.flags()::contains).map(Flag::name).toList());
  }

  private static JsonObject exits(List<Integer> counts) {
    JsonObject json = new JsonObject();
    Exit[] exits = Exit.values();
    for (int i = 1; i < exits.length; i++) {
      json.put(exits[i].name(), counts.get(i - 1));
    }
    return json;
  }

  private static JsonObject last(LastEnd last) {
    return new JsonObject()
        .put("exit", exit(last.exit()))
        .put("code", code(last.code()))
        .put("message", text(last.message()))
        .put("cause", last.cause() == null ? null : last.cause().word())
        .put("runId", known(last.runId()))
        .put("at", known(last.at()))
        .put("firstAt", known(last.firstAt()))
        .put("times", last.times());
  }

  /** A transition, with its {@code t}; {@code cut} stands there only where it is true. */
  static JsonObject transition(Transition edge) {
    JsonObject json =
        new JsonObject()
            .put("t", "transition")
            .put("seq", edge.seq())
            .put("at", edge.at())
            .put("slot", edge.slot())
            .put("generation", edge.own() ? null : edge.generation())
            .put("runId", known(edge.runId()))
            .put("name", text(edge.name()))
            .put("type", text(edge.type()))
            .put("from", stage(edge.from()))
            .put("to", stage(edge.to()))
            .put("cause", edge.cause().word())
            .put("ready", edge.ready())
            .put("terminate", edge.terminate())
            .put("starts", edge.starts())
            .put("restartAt", known(edge.restartAt()))
            .put("restartInMs", notNegative(edge.restartInMs()))
            .put("exit", exit(edge.exit()))
            .put("code", code(edge.code()))
            .put("message", text(edge.message()))
            .put("by", edge.by().word());
    return edge.cut() ? json.put("cut", true) : json;
  }

  /** {@code {mode, since, left}} while the postmaster goes down, else null. */
  static JsonObject shutdown(PostmasterStatus status) {
    if (status.shutdown() == ShutdownMode.NONE) {
      return null;
    }
    return new JsonObject()
        .put("mode", status.shutdown().word())
        .put("since", known(status.shutdownSince()))
        .put("left", status.left());
  }

  /** The crash domains, at most that many. */
  static JsonArray domains(List<DomainStatus> domains, int most) {
    JsonArray json = new JsonArray();
    domains.stream()
        .limit(most)
        .forEach(
            domain ->
                json.add(
                    new JsonObject()
                        .put("name", domain.name())
                        .put("resetting", domain.resetting())
                        .put("cycles", domain.cycles())));
    return json;
  }

  static JsonObject parallel(PostmasterStatus status) {
    return new JsonObject()
        .put("active", status.parallelActive())
        .put("limit", status.parallelLimit());
  }

  /** The null rule for numbers whose 0 means unknown. */
  static Long known(long value) {
    return value == 0 ? null : Long.valueOf(value);
  }

  private static Long notNegative(long value) {
    return value < 0 ? null : Long.valueOf(value);
  }

  private static String text(String value) {
    return value == null || value.isEmpty() ? null : value;
  }

  private static String stage(Stage stage) {
    return stage == null ? null : stage.word();
  }

  private static String exit(Exit exit) {
    return exit == Exit.NONE ? null : exit.name();
  }

  private static Integer code(int code) {
    return code == Transition.NO_CODE ? null : Integer.valueOf(code);
  }

  private static String restart(long ms) {
    return ms < 0 ? "never" : DurationText.of(Duration.ofMillis(ms));
  }
}
