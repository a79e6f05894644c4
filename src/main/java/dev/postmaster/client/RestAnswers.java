package dev.postmaster.client;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.HandleStatus;
import dev.postmaster.Transition;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads the answers of REST, protocols §3. Errors: {@link WireFault}. */
final class RestAnswers {

  private RestAnswers() {}

  /** {@code {"epoch", "seq", "workers", "next"}}. */
  static WorkerPage workers(Wire of) {
    return new WorkerPage(
        of.name("epoch"),
        of.number("seq"),
        of.list("workers").stream().map(Wire::object).map(StatusReader::worker).toList(),
        of.has("next") ? OptionalInt.of(of.count("next")) : OptionalInt.empty());
  }

  /** {@code {"handle", "slot", "generation"}}. */
  static Handle handle(Wire of) {
    return Handle.parse(of.name("handle")).orElseThrow(() -> of.wrong("handle", "handle"));
  }

  /** The outcome of a wait; empty if its time was over. */
  static Optional<AwaitResult> awaited(Wire of) {
    String outcome = of.name("outcome");
    if (outcome.equals("timeout")) {
      return Optional.empty();
    }
    if (outcome.isEmpty()) {
      throw of.wrong("outcome", "text");
    }
    return Optional.of(
        new AwaitResult(
            handle(of),
            StatusReader.state(of),
            StatusReader.word(of, "status", HandleStatus.values(), HandleStatus::name)
                .orElseThrow(() -> of.wrong("status", "known word")),
            of.number("runId", 0L),
            StatusReader.word(of, "exit", Exit.values(), Exit::name).orElse(Exit.NONE),
            of.has("code")
                ? (int) of.number("code", Integer.MIN_VALUE, Integer.MAX_VALUE)
                : Transition.NO_CODE,
            of.text("message", Wire.MESSAGE_MAX),
            StatusReader.word(of, "reason", Cause.values(), Cause::word),
            of.number("at", 0L),
            of.number("seq", 0L)));
  }

  /**
   * {@code {"epoch", "transitions", "next", "gap"}}; next is a position, or its seq alone; records
   * of a later version are left out.
   */
  static TransitionPage transitions(Wire of) {
    String epoch = of.name("epoch");
    FeedPosition next =
        of.json().getValue("next") instanceof String text
            ? FeedPosition.parse(text).orElseThrow(() -> of.wrong("next", "position"))
            : new FeedPosition(epoch, of.number("next"));
    return new TransitionPage(
        of.list("transitions").stream()
            .map(Wire::object)
            .filter(StatusReader::isKnown)
            .map(StatusReader::transition)
            .toList(),
        next,
        of.optional("gap").map(StatusReader::gap));
  }

  /** {@code {"entryPoints": [{"library", "function", "description", "schema"}]}}. */
  static List<RemoteEntryPoint> entryPoints(Wire of) {
    return of.list("entryPoints").stream().map(Wire::object).map(RestAnswers::entryPoint).toList();
  }

  private static RemoteEntryPoint entryPoint(Wire of) {
    return new RemoteEntryPoint(
        of.name("library"),
        of.name("function"),
        of.text("description", Wire.MESSAGE_MAX),
        of.optional("schema").map(Wire::json).orElseGet(JsonObject::new));
  }
}
