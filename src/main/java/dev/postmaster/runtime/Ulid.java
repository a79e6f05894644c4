package dev.postmaster.runtime;

import java.math.BigInteger;
import java.security.SecureRandom;

/** Makes epochs: ULIDs, 48 bits of milliseconds and 80 random ones, in 26 characters. */
final class Ulid {

  private static final char[] DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
  private static final int TIME_DIGITS = 10;
  private static final int RANDOM_DIGITS = 16;

  private Ulid() {}

  /** The 128 bits, big-endian. */
  static byte[] bytes(String ulid) {
    BigInteger value = BigInteger.ZERO;
    for (char digit : ulid.toCharArray()) {
      value = value.shiftLeft(5).or(BigInteger.valueOf(new String(DIGITS).indexOf(digit)));
    }
    byte[] bytes = new byte[16];
    for (int place = 15; place >= 0; place--) {
      bytes[place] = value.byteValue();
      value = value.shiftRight(8);
    }
    return bytes;
  }

  /** The 26 characters of 128 bits. */
  static String text(byte[] bytes) {
    BigInteger value = new BigInteger(1, bytes);
    char[] text = new char[TIME_DIGITS + RANDOM_DIGITS];
    for (int place = text.length - 1; place >= 0; place--) {
      text[place] = DIGITS[value.intValue() & 31];
      value = value.shiftRight(5);
    }
    return new String(text);
  }

  static String next(long epochMs) {
    StringBuilder out = new StringBuilder(TIME_DIGITS + RANDOM_DIGITS);
    for (int digit = TIME_DIGITS - 1; digit >= 0; digit--) {
      out.append(DIGITS[(int) (epochMs >>> 5 * digit) & 31]);
    }
    SecureRandom random = new SecureRandom();
    for (int digit = 0; digit < RANDOM_DIGITS; digit++) {
      out.append(DIGITS[random.nextInt(DIGITS.length)]);
    }
    return out.toString();
  }
}
