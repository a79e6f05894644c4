package dev.postmaster.web;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A place in a journal, written {@code <epoch>.<seq>}: what comes after it is still to be read. */
record Cursor(String epoch, long seq) {

  private static final Pattern SHAPE = Pattern.compile("([0-9A-Z]{26})\\.(\\d{1,16})");

  /** Empty if it is none. */
  static Optional<Cursor> parse(String text) {
    Matcher matcher = SHAPE.matcher(text);
    return matcher.matches()
        ? Optional.of(new Cursor(matcher.group(1), Long.parseLong(matcher.group(2))))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return epoch + '.' + seq;
  }
}
