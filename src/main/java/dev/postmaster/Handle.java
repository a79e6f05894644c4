package dev.postmaster;

import java.util.Optional;

/**
 * Names one registration for ever: a slot is re-used, its generation is not.
 *
 * <p>Shape: {@code <epoch>.<slot>.<generation>}, such as {@code 01JDA3…7Q.3.17}.
 *
 * <p>Source: PostgreSQL {@code BackgroundWorkerHandle}, with the epoch added.
 *
 * @param epoch the life line of the postmaster's state, a ULID of 26 characters
 * @param slot from 0
 * @param generation from 1
 */
public record Handle(String epoch, int slot, long generation) {

  private static final int EPOCH_LENGTH = 26;

  /** Reads the text form; empty if the text is not a handle. */
  public static Optional<Handle> parse(String text) {
    int first = text.indexOf('.');
    int second = text.indexOf('.', first + 1);
    if (first != EPOCH_LENGTH || second < 0 || !isDigits(text, first + 1, second)) {
      return Optional.empty();
    }
    if (!isDigits(text, second + 1, text.length()) || !isUlid(text.substring(0, first))) {
      return Optional.empty();
    }
    try {
      int slot = Integer.parseInt(text.substring(first + 1, second));
      long generation = Long.parseLong(text.substring(second + 1));
      return Optional.of(new Handle(text.substring(0, first), slot, generation));
    } catch (NumberFormatException outOfRange) {
      return Optional.empty();
    }
  }

  private static boolean isUlid(String text) {
    return text.chars().allMatch(c -> "0123456789ABCDEFGHJKMNPQRSTVWXYZ".indexOf(c) >= 0);
  }

  private static boolean isDigits(String text, int from, int to) {
    return from < to
        && text.chars().skip(from).limit(to - from).allMatch(c -> c >= '0' && c <= '9');
  }

  @Override
  public String toString() {
    return epoch + '.' + slot + '.' + generation;
  }
}
