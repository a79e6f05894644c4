package dev.postmaster.app;

/** Why the program does not start, or cannot go on: its exit code, and a line for each fault. */
final class Fatal extends Exception {

  private static final long serialVersionUID = 1;

  /** Faults of configuration, or of the command line. */
  static final int USAGE = 2;

  /** A port, a directory, a lock or a database. */
  static final int WORLD = 5;

  private final int exitCode;

  Fatal(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
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
