package dev.postmaster.core;

import dev.postmaster.ErrorCode;
import dev.postmaster.Flag;
import dev.postmaster.PostmasterException;
import dev.postmaster.Readiness;
import dev.postmaster.StartTime;
import dev.postmaster.WorkerTerms;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * What can be said against a specification by itself: contract §3, rules 1 to 5, in that order.
 *
 * <p>Source: PostgreSQL {@code SanityCheckBackgroundWorker}.
 */
public final class Sanity {

  static final int NAME_BYTES_MAX = 95;
  static final int NOTIFY_BYTES_MAX = 255;
  static final int DEPENDENCIES_MAX = 32;
  static final Duration DAY = Duration.ofHours(24);
  static final Duration HOUR = Duration.ofHours(1);

  private Sanity() {}

  /**
   * Looks at the terms.
   *
   * @throws PostmasterException {@code INVALID_SPEC} for the first broken rule, naming field, value
   *     and rule
   */
  public static void check(WorkerTerms terms) {
    texts(terms);
    times(terms);
    rules(terms);
  }

  private static void texts(WorkerTerms terms) {
    text("name", terms.name(), 1, NAME_BYTES_MAX);
    text("type", terms.type(), 1, NAME_BYTES_MAX);
    text("library", terms.library(), 0, NAME_BYTES_MAX);
    text("function", terms.function(), 0, NAME_BYTES_MAX);
    text("notify", terms.notifyAddress(), 0, NOTIFY_BYTES_MAX);
    text("domain", terms.domain(), 1, NAME_BYTES_MAX);
    int count = terms.requires().size() + terms.after().size();
    if (count > DEPENDENCIES_MAX) {
      throw invalid("requires, after: %d names are more than %d in all", count, DEPENDENCIES_MAX);
    }
    terms.requires().forEach(name -> text("requires", name, 1, NAME_BYTES_MAX));
    terms.after().forEach(name -> text("after", name, 1, NAME_BYTES_MAX));
  }

  private static void times(WorkerTerms terms) {
    range("startTimeout", terms.startTimeout(), Duration.ofMillis(1), DAY);
    range("stop.grace", terms.grace(), Duration.ZERO, HOUR);
    range("stop.force", terms.force(), Duration.ZERO, HOUR);
    Duration uptime = terms.ready().uptime();
    boolean judged = terms.ready().kind() == Readiness.Kind.UPTIME;
    if (judged && (uptime.isNegative() || uptime.compareTo(terms.startTimeout()) >= 0)) {
      throw invalid(
          "ready: an uptime of %d ms is not shorter than startTimeout, %d ms",
          ms(uptime), ms(terms.startTimeout()));
    }
  }

  private static void rules(WorkerTerms terms) {
    boolean connects = terms.flags().contains(Flag.DATABASE_CONNECTION);
    if (connects && !terms.flags().contains(Flag.SHARED_MEMORY)) {
      throw invalid("flags: DATABASE_CONNECTION needs SHARED_MEMORY");
    }
    if (connects && terms.start() == StartTime.POSTMASTER_START) {
      throw invalid("start: POSTMASTER_START cannot have DATABASE_CONNECTION");
    }
    Duration restart = terms.restart();
    boolean never = restart.equals(WorkerTerms.NEVER);
    if (!never && (restart.isNegative() || restart.compareTo(DAY) > 0)) {
      throw invalid("restart: %d ms is neither never nor between 0 and 24 h", ms(restart));
    }
    if (!never && terms.flags().contains(Flag.PARALLEL)) {
      throw invalid("restart: %d ms must be never with the flag PARALLEL", ms(restart));
    }
  }

  private static void text(String field, String value, int from, int to) {
    if (value.length() >= from && value.length() <= to / 3) {
      return; // a char is at most three bytes
    }
    int bytes = value.getBytes(StandardCharsets.UTF_8).length;
    if (bytes < from || bytes > to) {
      String shown = value.length() > to ? value.substring(0, to) + "…" : value;
      throw invalid("%s: \"%s\" has %d bytes, not %d to %d", field, shown, bytes, from, to);
    }
  }

  private static void range(String field, Duration value, Duration from, Duration to) {
    if (value.compareTo(from) < 0 || value.compareTo(to) > 0) {
      throw invalid("%s: %d ms is not between %d and %d ms", field, ms(value), ms(from), ms(to));
    }
  }

  /** Milliseconds, or the most that 64 bits hold: a wrong value must not break its refusal. */
  private static long ms(Duration value) {
    try {
      return value.toMillis();
    } catch (ArithmeticException tooMany) {
      return value.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  private static PostmasterException invalid(String message, Object... facts) {
    return PostmasterException.of(ErrorCode.INVALID_SPEC, String.format(message, facts));
  }
}
