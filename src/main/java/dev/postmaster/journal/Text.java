package dev.postmaster.journal;

import java.nio.charset.StandardCharsets;

/** Strings in a record: a length byte, then UTF-8, cut at a code point, the rest zeros. */
final class Text {

  private Text() {}

  /**
   * Writes a string.
   *
   * @return whether it had to be cut
   */
  static boolean put(byte[] record, int offset, int max, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(utf8.length, max);
    while (length < utf8.length && length > 0 && isContinuation(utf8[length])) {
      length--;
    }
    record[offset] = (byte) length;
    System.arraycopy(utf8, 0, record, offset + 1, length);
    java.util.Arrays.fill(record, offset + 1 + length, offset + 1 + max, (byte) 0);
    return length < utf8.length;
  }

  private static boolean isContinuation(byte b) {
    return (b & 0xC0) == 0x80;
  }

  static String get(byte[] record, int offset, int max) {
    int length = Math.min(record[offset] & 0xFF, max);
    return new String(record, offset + 1, length, StandardCharsets.UTF_8);
  }
}
