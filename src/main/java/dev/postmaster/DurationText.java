package dev.postmaster;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as a specification and the configuration write them: {@code 250ms}, {@code 5s}. */
public final class DurationText {

  private static final Pattern SHAPE = Pattern.compile("(\\d{1,12})(ms|s|m|h)");

  private DurationText() {}

  /** Reads {@code 0s}, {@code 250ms}, {@code 5s}, {@code 2m}, {@code 1h}; empty for all else. */
  public static Optional<Duration> parse(String text) {
    Matcher matcher = SHAPE.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long amount = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        });
  }

  /** Writes the longest unit that is exact, from milliseconds up; zero is {@code 0s}. */
  public static String of(Duration duration) {
    if (Math.abs(duration.getSeconds() / 1_000) >= Long.MAX_VALUE / 1_000_000) {
      return duration.getSeconds() + "s"; // more milliseconds than there are numbers
    }
    long ms = duration.toMillis();
    if (ms % 1_000 != 0) {
      return ms + "ms";
    }
    if (ms == 0 || ms % 60_000 != 0) {
      return ms / 1_000 + "s";
    }
    return ms % 3_600_000 != 0 ? ms / 60_000 + "m" : ms / 3_600_000 + "h";
  }
}
