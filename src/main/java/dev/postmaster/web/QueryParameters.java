package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.WorkerQuery;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;

/** Reads what a request asks for behind its {@code ?}. */
final class QueryParameters {

  private QueryParameters() {}

  /**
   * Which workers are asked for; what it does not know it ignores.
   *
   * @throws PostmasterException {@code BAD_REQUEST}, naming parameter, value and rule
   */
  static WorkerQuery workers(RoutingContext context) {
    int most = WorkerQuery.LIMIT_MAX;
    return new WorkerQuery(
        number(context, "after", -1, -1, Integer.MAX_VALUE),
        number(context, "limit", most, 1, most),
        one(context, "state").map(WorkerQuery::state),
        one(context, "type"),
        one(context, "name"),
        Optional.empty());
  }

  static int number(RoutingContext context, String parameter, int otherwise, int from, int to) {
    Optional<String> text = one(context, parameter);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int value = Integer.parseInt(text.get());
      if (value >= from && value <= to) {
        return value;
      }
    } catch (NumberFormatException notANumber) {
      // refused below, with the same words
    }
    throw bad(parameter, text.get(), "is not a whole number from " + from + " to " + to);
  }

  /** A parameter that may stand there once. */
  static Optional<String> one(RoutingContext context, String parameter) {
    List<String> values = context.queryParam(parameter);
    if (values.size() > 1) {
      throw bad(parameter, String.join(", ", values), "is given more than once");
    }
    return values.stream().findFirst();
  }

  static PostmasterException bad(String parameter, String value, String rule) {
    return PostmasterException.of(ErrorCode.BAD_REQUEST, parameter + ": \"" + value + "\" " + rule);
  }
}
