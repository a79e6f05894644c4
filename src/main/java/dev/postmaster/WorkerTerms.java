package dev.postmaster;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The plain part of a specification: all that decisions are made from, and nothing that runs.
 *
 * <p>Shape: contract §2. In name and type control, line-separator and bidi characters have become
 * {@code ?}; an empty type has become the name. Nothing else is checked here but that all is there.
 *
 * <p>Errors: {@code INVALID_SPEC}, naming the field that is missing.
 *
 * <p>Source: PostgreSQL's {@code BackgroundWorker} struct.
 *
 * @param library empty for a worker given as a Supplier; so is {@code function}
 * @param restart how long to wait after a failed run; {@link #NEVER}
 * @param notifyAddress event-bus address that is told of starts and exits; empty for none
 * @param verticle whether it is a verticle rather than one that has a main
 */
public record WorkerTerms(
    String name,
    String type,
    String library,
    String function,
    Set<Flag> flags,
    StartTime start,
    Duration restart,
    String notifyAddress,
    Threading threading,
    boolean verticle,
    String domain,
    Readiness ready,
    Duration startTimeout,
    Duration grace,
    Duration force,
    boolean critical,
    List<String> requires,
    List<String> after) {

  /** The restart interval of a worker that is not restarted. */
  public static final Duration NEVER = Duration.ofSeconds(-1);

  public WorkerTerms {
    present("name", name);
    present("type", type);
    present("library", library);
    present("function", function);
    present("flags", flags);
    present("start", start);
    present("restart", restart);
    present("notify", notifyAddress);
    present("threading", threading);
    present("domain", domain);
    present("ready", ready);
    present("startTimeout", startTimeout);
    present("stop.grace", grace);
    present("stop.force", force);
    present("requires", requires);
    present("after", after);
    name = plain(name);
    type = type.isEmpty() ? name : plain(type);
    flags = Set.copyOf(flags);
    requires = List.copyOf(requires);
    after = List.copyOf(after);
  }

  private static void present(String field, Object value) {
    if (value == null) {
      throw PostmasterException.of(ErrorCode.INVALID_SPEC, field + ": \"null\" is no value");
    }
  }

  private static String plain(String text) {
    if (text.codePoints().noneMatch(WorkerTerms::isHostile)) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().forEach(c -> out.appendCodePoint(isHostile(c) ? '?' : c));
    return out.toString();
  }

  private static boolean isHostile(int c) {
    if (c >= 0x20 && c < 0x7f) {
      return false;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> isBidi(c);
    };
  }

  private static boolean isBidi(int c) {
    return c == 0x061c
        || c == 0x200e
        || c == 0x200f
        || c >= 0x202a && c <= 0x202e
        || c >= 0x2066 && c <= 0x2069;
  }
}
