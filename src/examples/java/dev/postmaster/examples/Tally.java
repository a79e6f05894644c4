package dev.postmaster.examples;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a stretch of a log adds up to.
 *
 * <p>Threading: one thread's own.
 */
final class Tally {

  /** Longer lines are skipped, and counted as such. */
  static final int LINE_BYTES_MAX = 64 * 1024;

  private final Map<AccessLine, Long> counts = new HashMap<>();
  private long lines;
  private long malformed;
  private long oversized;
  private boolean isInsideOversized;
  private int consumed;

  private Tally(boolean isInsideOversized) {
    this.isInsideOversized = isInsideOversized;
  }

  /** Of nothing. */
  static Tally empty(boolean isInsideOversized) {
    return new Tally(isInsideOversized);
  }

  /**
   * Counts the lines of a stretch that begins at the start of a line, or inside an oversized one.
   * What has no end yet is left for the next time, unless it is too long to wait for.
   *
   * @param isLast nothing will follow: what has no end is a line all the same
   */
  static Tally of(byte[] bytes, int length, boolean isInsideOversized, boolean isLast) {
    Tally tally = new Tally(isInsideOversized);
    int start = 0;
    for (int at = 0; at < length; at++) {
      if (bytes[at] == '\n') {
        tally.line(bytes, start, at);
        start = at + 1;
      }
    }
    tally.rest(bytes, start, length, isLast);
    return tally;
  }

  private void line(byte[] bytes, int from, int end) {
    if (isInsideOversized) {
      isInsideOversized = false;
    } else if (end - from > LINE_BYTES_MAX) {
      oversized++;
    } else {
      count(AccessLine.parse(bytes, from, withoutReturn(bytes, from, end)));
    }
    consumed = end + 1;
  }

  private static int withoutReturn(byte[] bytes, int from, int end) {
    return end > from && bytes[end - 1] == '\r' ? end - 1 : end;
  }

  private void count(Optional<AccessLine> line) {
    if (line.isEmpty()) {
      malformed++;
    } else {
      counts.merge(line.get(), 1L, Long::sum);
      lines++;
    }
  }

  private void rest(byte[] bytes, int from, int length, boolean isLast) {
    if (from == length) {
      return;
    }
    if (isLast) {
      line(bytes, from, length);
      consumed = length;
    } else if (isInsideOversized || length - from > LINE_BYTES_MAX) {
      oversized += isInsideOversized ? 0 : 1;
      isInsideOversized = true;
      consumed = length;
    }
  }

  /** How many lines there were of a minute and a status class. */
  Map<AccessLine, Long> counts() {
    return Collections.unmodifiableMap(counts);
  }

  /** Well-formed lines. */
  long lines() {
    return lines;
  }

  long malformed() {
    return malformed;
  }

  long oversized() {
    return oversized;
  }

  /** Whether the stretch ends inside an oversized line, which is counted already. */
  boolean isInsideOversized() {
    return isInsideOversized;
  }

  /** How many bytes are done with. */
  int consumed() {
    return consumed;
  }
}
