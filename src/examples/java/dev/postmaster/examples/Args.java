package dev.postmaster.examples;

import dev.postmaster.DurationText;
import dev.postmaster.WorkerContext;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Optional;

/**
 * A worker's arguments, read with defaults.
 *
 * <p>Errors: {@link IllegalArgumentException} naming argument, value and rule; the run fails.
 */
record Args(JsonObject json) {

  /** A schema's name: it becomes part of statements, so it holds nothing that needs quoting. */
  static final String IDENTIFIER = "[a-z][a-z0-9_]{0,62}";

  private static final Duration LONGEST = Duration.ofHours(24);

  static Args of(WorkerContext context) {
    return new Args(context.args());
  }

  /** A duration from 1 ms to 24 h. */
  Duration time(String name, Duration otherwise) {
    Object value = json.getValue(name);
    if (value == null) {
      return otherwise;
    }
    return time(value).orElseThrow(() -> wrong(name, value, "is not a time from 1ms to 24h"));
  }

  /** The same rule for a time that comes from elsewhere. */
  static Optional<Duration> time(Object value) {
    return value instanceof String text
        ? DurationText.parse(text).filter(t -> !t.isZero() && t.compareTo(LONGEST) <= 0)
        : Optional.empty();
  }

  String identifier(String name, String otherwise) {
    String value = text(name, otherwise);
    if (!value.matches(IDENTIFIER)) {
      throw wrong(name, value, "is not of the form " + IDENTIFIER);
    }
    return value;
  }

  String text(String name, String otherwise) {
    Object value = json.getValue(name, otherwise);
    if (value instanceof String text) {
      return text;
    }
    throw wrong(name, value, "is not a text");
  }

  static IllegalArgumentException wrong(String name, Object value, String rule) {
    return new IllegalArgumentException("args." + name + ": \"" + value + "\" " + rule);
  }
}
