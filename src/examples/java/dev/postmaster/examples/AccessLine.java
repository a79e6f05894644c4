package dev.postmaster.examples;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * One line of an access log in combined format.
 *
 * <p>Shape: {@code host ident user [10/Oct/2000:13:55:36 -0700] "request" 200 2326 "referer"
 * "agent"}, one space between fields. Within quotes a backslash takes the next byte with it, as
 * Apache and nginx write. The user may hold spaces, and no {@code [}. There is nothing after the
 * agent.
 *
 * <p>Errors: a line that is anything else, or holds control bytes, is none: servers escape those,
 * so raw ones are a torn file or somebody's try.
 *
 * @param minute minutes since the epoch
 * @param statusClass 1 to 5
 */
record AccessLine(long minute, int statusClass) {

  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

  /** {@code 10/Oct/2000:13:55:36 -0700}. */
  private static final int TIME_CHARS = 26;

  private static final int BYTES_DIGITS_MAX = 18;

  /** Reads the bytes of a line, without its end; empty if it is not one. */
  static Optional<AccessLine> parse(byte[] bytes, int from, int to) {
    for (int at = from; at < to; at++) {
      if (bytes[at] >= 0 && bytes[at] < ' ' && bytes[at] != '\t' || bytes[at] == 0x7f) {
        return Optional.empty();
      }
    }
    return new Scan(bytes, from, to).line();
  }

  /** Walks over the line once. Every step says whether it met what had to come. */
  private static final class Scan {

    private final byte[] bytes;
    private final int to;
    private int at;

    Scan(byte[] bytes, int from, int to) {
      this.bytes = bytes;
      this.at = from;
      this.to = to;
    }

    Optional<AccessLine> line() {
      if (!word() || !is(' ') || !word() || !is(' ') || !user() || !is('[')) {
        return Optional.empty();
      }
      long minute = time();
      if (minute < 0 || !is(']') || !is(' ') || !quoted() || !is(' ')) {
        return Optional.empty();
      }
      int status = number(at, 3);
      at += 3;
      if (status < 100 || status > 599 || !is(' ') || !size() || !is(' ')) {
        return Optional.empty();
      }
      boolean isWhole = quoted() && is(' ') && quoted() && at == to;
      return isWhole ? Optional.of(new AccessLine(minute, status / 100)) : Optional.empty();
    }

    private boolean is(char wanted) {
      return at < to && bytes[at++] == wanted;
    }

    private boolean word() {
      int start = at;
      while (at < to && bytes[at] != ' ') {
        at++;
      }
      return at > start;
    }

    /** Up to the bracket, and the space before it. */
    private boolean user() {
      int start = at;
      while (at < to && bytes[at] != '[') {
        at++;
      }
      return at - start > 1 && bytes[at - 1] == ' ';
    }

    private boolean quoted() {
      if (!is('"')) {
        return false;
      }
      while (at < to && bytes[at] != '"') {
        at += bytes[at] == '\\' ? 2 : 1;
      }
      return is('"');
    }

    private boolean size() {
      int start = at;
      while (at < to && bytes[at] >= '0' && bytes[at] <= '9') {
        at++;
      }
      return at > start ? at - start <= BYTES_DIGITS_MAX : is('-');
    }

    /** So many digits from there, or -1. */
    private int number(int start, int digits) {
      int value = 0;
      for (int i = start; i < start + digits; i++) {
        if (i >= to || bytes[i] < '0' || bytes[i] > '9') {
          return -1;
        }
        value = value * 10 + bytes[i] - '0';
      }
      return value;
    }

    private boolean isAt(int offset, char wanted) {
      return bytes[at + offset] == wanted;
    }

    /** Minutes since the epoch, or -1; none of the years before 1970 has a log. */
    private long time() {
      if (to - at < TIME_CHARS
          || !isAt(2, '/')
          || !isAt(6, '/')
          || !isAt(11, ':')
          || !isAt(14, ':')
          || !isAt(17, ':')
          || !isAt(20, ' ')
          || !isAt(21, '+') && !isAt(21, '-')) {
        return -1;
      }
      int second = number(at + 18, 2);
      int zoneHours = number(at + 22, 2);
      int zoneMinutes = number(at + 24, 2);
      if (second < 0 || second > 60 || zoneHours < 0 || zoneMinutes < 0) {
        return -1;
      }
      int sign = isAt(21, '-') ? -1 : 1;
      try {
        LocalDate day = LocalDate.of(number(at + 7, 4), month(), number(at, 2));
        LocalTime time = LocalTime.of(number(at + 12, 2), number(at + 15, 2));
        ZoneOffset zone = ZoneOffset.ofHoursMinutes(sign * zoneHours, sign * zoneMinutes);
        at += TIME_CHARS;
        return Math.floorDiv(day.toEpochSecond(time, zone), 60L);
      } catch (DateTimeException noSuchTime) {
        return -1;
      }
    }

    /** 1 to 12, or 0. */
    private int month() {
      String name = new String(bytes, at + 3, 3, java.nio.charset.StandardCharsets.ISO_8859_1);
      int found = MONTHS.indexOf(name);
      return found % 3 == 0 ? found / 3 + 1 : 0;
    }
  }
}
