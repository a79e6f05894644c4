package dev.postmaster.client;

import java.util.Optional;

/**
 * A place in a journal: after that record.
 *
 * <p>Shape: {@code <epoch>.<seq>}, such as {@code 01JDA3…7Q.8123}.
 */
public record FeedPosition(String epoch, long seq) {

  /** Reads the text form; empty if the text is not one. */
  public static Optional<FeedPosition> parse(String text) {
    int dot = text.indexOf('.');
    if (dot < 1 || !text.substring(dot + 1).matches("\\d{1,18}")) {
      return Optional.empty();
    }
    return Optional.of(
        new FeedPosition(text.substring(0, dot), Long.parseLong(text.substring(dot + 1))));
  }

  @Override
  public String toString() {
    return epoch + '.' + seq;
  }
}
