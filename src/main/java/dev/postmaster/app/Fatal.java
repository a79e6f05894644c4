package dev.postmaster.app;

import java.util.List;
import java.util.Locale;

/** Why the program does not start, or cannot go on: its exit code, and a line for each fault. */
final class Fatal extends Exception {

  private static final long serialVersionUID = 1;

  /** Faults of configuration, or of the command line. */
  static final int USAGE = 2;

  /** A port, a directory, a lock or a database. */
  static final int WORLD = 5;

  /** A journal that {@code inspect --verify} found damaged. */
  static final int DAMAGED = 9;

  private static final int LINE_MAX = 2_000;

  private final int exitCode;
  private final transient List<String> lines;

  Fatal(int exitCode, List<String> lines, Throwable cause) {
    super(String.join("; ", lines), cause);
    this.exitCode = exitCode;
    this.lines = lines.stream().map(Fatal::plain).toList();
  }

  Fatal(int exitCode, String message, Throwable cause) {
    this(exitCode, List.of(message), cause);
  }

  /** What to say, a line each. */
  List<String> lines() {
    return lines;
  }

  /**
   * One line of bounded length: what stands in a configuration can neither end it nor command the
   * terminal.
   */
  static String plain(String text) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), LINE_MAX));
    text.codePoints()
        .limit(LINE_MAX)
        .forEach(
            c -> {
              switch (Character.getType(c)) {
                case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    out.append(String.format(Locale.ROOT, "\\u%04x", c));
                default -> out.appendCodePoint(c);
              }
            });
    return text.codePointCount(0, text.length()) > LINE_MAX
        ? out.append('…').toString()
        : out.toString();
  }

  int exitCode() {
    return exitCode;
  }

  /** What is worth reading of a failure, in one line: its own message, else its class. */
  static String why(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank()
        ? failure.getClass().getSimpleName()
        : message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
