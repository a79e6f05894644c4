package dev.postmaster.journal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Strings in a record: a length byte, then UTF-8, cut at a code point, the rest zeros. */
final class Text {

  private Text() {}

  /**
   * Writes a string.
   *
   * @return whether it had to be cut
   */
  static boolean put(byte[] record, int offset, int max, String text) {
    int ascii = putAscii(record, offset + 1, max, text);
    if (ascii < text.length() && ascii < max) {
      return putAny(record, offset, max, text);
    }
    end(record, offset, ascii, max);
    return ascii < text.length();
  }

  /** What most texts are; nothing is allocated for it. */
  private static int putAscii(byte[] record, int offset, int max, String text) {
    int length = Math.min(text.length(), max);
    for (int n = 0; n < length; n++) {
      char c = text.charAt(n);
      if (c >= 0x80) {
        return n;
      }
      record[offset + n] = (byte) c;
    }
    return length;
  }

  private static boolean putAny(byte[] record, int offset, int max, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(utf8.length, max);
    while (length < utf8.length && length > 0 && isContinuation(utf8[length])) {
      length--;
    }
    System.arraycopy(utf8, 0, record, offset + 1, length);
    end(record, offset, length, max);
    return length < utf8.length;
  }

  private static void end(byte[] record, int offset, int length, int max) {
    record[offset] = (byte) length;
    Arrays.fill(record, offset + 1 + length, offset + 1 + max, (byte) 0);
  }

  private static boolean isContinuation(byte b) {
    return (b & 0xC0) == 0x80;
  }

  static String get(byte[] record, int offset, int max) {
    int length = Math.min(record[offset] & 0xFF, max);
    return new String(record, offset + 1, length, StandardCharsets.UTF_8);
  }
}
