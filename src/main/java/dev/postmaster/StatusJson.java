package dev.postmaster;

import dev.postmaster.WorkerStatus.LastEnd;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * The JSON objects in which all interfaces speak of workers and their transitions, protocols §4.
 *
 * <p>Shape: {@link #worker} is {@code {"seq", "slot", "generation", "handle", "name", …, "last"}},
 * {@link #transition} {@code {"t": "transition", "seq", "at", "slot", …, "by"}}; fields in the
 * order of the protocol, enumerations by their words. Readers ignore fields that they do not know.
 *
 * <p>Units: {@code …At} epoch milliseconds, {@code …Ms} milliseconds, {@code restart} as text. What
 * is unknown is {@code null}, never 0 or "".
 *
 * <p>Threading: any; each call makes an object of its own, which the caller may change.
 */
public final class StatusJson {

  /** What is only known of a registration that is still remembered. */
  private static final List<String> UNKNOWN =
      List.of(
          "seq",
          "name",
          "type",
          "flags",
          "start",
          "threading",
          "restart",
          "starts",
          "failures",
          "exits");

  private StatusJson() {}

  /**
   * The object WORKER. Of a registration that nobody knows any more it has the handle, the state
   * FREE and the status; all else is {@code null} or {@code false}.
   */
  public static JsonObject worker(WorkerStatus worker) {
    WorkerState state = worker.state();
    boolean stopping = state == WorkerState.STOPPING || state == WorkerState.ABANDONED;
    JsonObject json =
        new JsonObject()
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
    if (worker.name().isEmpty()) {
      UNKNOWN.forEach(json::putNull);
    }
    return json;
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

  /**
   * A transition, with its {@code t}; {@code cut} stands there only where it is true. A record of
   * the postmaster's own has {@code slot} -1, and null for what only workers have.
   */
  public static JsonObject transition(Transition edge) {
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

  /** The null rule for numbers whose 0 means unknown. */
  public static Long known(long value) {
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
