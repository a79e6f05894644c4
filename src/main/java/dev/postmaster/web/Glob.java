package dev.postmaster.web;

/** A text with at most one {@code *}, which stands for any characters, or none. */
record Glob(String before, String after, boolean open) {

  /** Matches every text. */
  static final Glob ANY = new Glob("", "", true);

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException for a second {@code *}
   */
  static Glob of(String text) {
    int star = text.indexOf('*');
    if (star < 0) {
      return new Glob(text, "", false);
    }
    if (text.indexOf('*', star + 1) >= 0) {
      throw new IllegalArgumentException("more than one * in \"" + text + '"');
    }
    return new Glob(text.substring(0, star), text.substring(star + 1), true);
  }

  boolean matches(String text) {
    return open
        ? text.length() >= before.length() + after.length()
            && text.startsWith(before)
            && text.endsWith(after)
        : text.equals(before);
  }
}
