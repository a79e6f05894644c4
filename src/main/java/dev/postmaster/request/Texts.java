package dev.postmaster.request;

import java.util.regex.Pattern;

/** Texts of others, as far as they are repeated to them. */
public final class Texts {

  private static final int SHOWN_MAX = 100;

  private static final Pattern UNSEEN = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

  private Texts() {}

  /** In quotes, shortened, on one line. */
  public static String shown(Object value) {
    return '"' + cut(String.valueOf(value)) + '"';
  }

  /** Shortened, on one line. */
  static String cut(String text) {
    boolean isLong = text.length() > SHOWN_MAX;
    return onOneLine(isLong ? text.substring(0, SHOWN_MAX) + '…' : text);
  }

  /** Nothing in it can end a line, start an escape sequence or turn the writing around. */
  public static String onOneLine(String text) {
    return UNSEEN.matcher(text).replaceAll("?");
  }

  /** How many bytes of UTF-8 it has, or at least so many as are too many. */
  static int utf8(CharSequence text, int tooMany) {
    int bytes = 0;
    for (int c = 0; c < text.length() && bytes < tooMany; c++) {
      char unit = text.charAt(c);
      // Half of a pair is two bytes of the four.
      bytes += unit < 0x80 ? 1 : unit < 0x800 || Character.isSurrogate(unit) ? 2 : 3;
    }
    return bytes;
  }
}
