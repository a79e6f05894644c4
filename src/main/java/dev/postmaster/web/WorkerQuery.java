package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which workers are asked for: all that have the state, the type and the name, by slot.
 *
 * @param after slots above this one
 * @param limit 1 to 1,000
 * @param state null for any
 * @param type null for any
 * @param name null for any
 */
record WorkerQuery(int after, int limit, WorkerState state, String type, String name) {

  private static final int LIMIT_MAX = 1_000;

  static WorkerQuery name(String name, int limit) {
    return new WorkerQuery(-1, limit, null, null, name);
  }

  /**
   * Reads the query of a request; what it does not know it ignores.
   *
   * @throws PostmasterException {@code BAD_REQUEST}, naming parameter, value and rule
   */
  static WorkerQuery of(RoutingContext context) {
    String state = one(context, "state");
    return new WorkerQuery(
        number(context, "after", -1, -1, Integer.MAX_VALUE),
        number(context, "limit", LIMIT_MAX, 1, LIMIT_MAX),
        state == null ? null : state(state),
        one(context, "type"),
        one(context, "name"));
  }

  boolean matches(WorkerStatus worker) {
    return (state == null || worker.state() == state)
        && (type == null || worker.type().equals(type))
        && (name == null || worker.name().equals(name));
  }

  private static WorkerState state(String word) {
    return Stream.of(WorkerState.values())
        .filter(state -> state != WorkerState.FREE && state.word().equals(word))
        .findFirst()
        .orElseThrow(() -> bad("state", word, "is not the state of a worker"));
  }

  private static int number(
      RoutingContext context, String parameter, int otherwise, int from, int to) {
    String text = one(context, parameter);
    if (text == null) {
      return otherwise;
    }
    try {
      int value = Integer.parseInt(text);
      if (value >= from && value <= to) {
        return value;
      }
    } catch (NumberFormatException notANumber) {
      // refused below, with the same words
    }
    throw bad(parameter, text, "is not a whole number from " + from + " to " + to);
  }

  private static String one(RoutingContext context, String parameter) {
    List<String> values = context.queryParam(parameter);
    if (values.size() > 1) {
      throw bad(parameter, String.join(", ", values), "is given more than once");
    }
    return values.isEmpty() ? null : values.get(0);
  }

  private static PostmasterException bad(String parameter, String value, String rule) {
    return PostmasterException.of(ErrorCode.BAD_REQUEST, parameter + ": \"" + value + "\" " + rule);
  }
}
