package dev.postmaster.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Stretches of a log, however it is cut. */
class TallyTest {

  private static final String LINE = AccessLineTest.GOOD + "\n";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Tally of(String text) {
    return Tally.of(bytes(text), bytes(text).length, false, false);
  }

  @Test
  void whatHasNoEndYetIsLeftForTheNextTime() {
    Tally tally = of(LINE + "half a li");

    assertEquals(1, tally.lines());
    assertEquals(0, tally.malformed());
    assertEquals(LINE.length(), tally.consumed());
  }

  @Test
  void aCarriageReturnBelongsToTheEnd() {
    assertEquals(1, of(AccessLineTest.GOOD + "\r\n").lines());
  }

  @Test
  void emptyAndBadLinesAreMalformed() {
    Tally tally = of("\n" + LINE + "x\n\r\n");

    assertEquals(1, tally.lines());
    assertEquals(3, tally.malformed());
  }

  @Test
  void theLastLineOfAFileNeedsNoEnd() {
    byte[] line = bytes(AccessLineTest.GOOD);

    Tally tally = Tally.of(line, line.length, false, true);

    assertEquals(1, tally.lines());
    assertEquals(line.length, tally.consumed());
  }

  @Test
  void anOversizedLineIsCountedOnceHoweverLongItGrows() {
    byte[] endless = new byte[Tally.LINE_BYTES_MAX + 1];
    Arrays.fill(endless, (byte) 'x');

    Tally first = Tally.of(endless, endless.length, false, false);
    Tally second = Tally.of(endless, endless.length, first.isInsideOversized(), false);
    byte[] end = bytes("xx\n" + LINE);
    Tally third = Tally.of(end, end.length, second.isInsideOversized(), false);

    assertTrue(first.isInsideOversized());
    assertEquals(endless.length, first.consumed());
    assertEquals(1, first.oversized() + second.oversized() + third.oversized());
    assertEquals(1, third.lines());
    assertEquals(0, third.malformed());
    assertFalse(third.isInsideOversized());
  }

  @Test
  void howeverAStreamIsCutItAddsUpToTheSame() {
    Random random = new Random(7);
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    for (int n = 0; n < 200; n++) {
      int kind = random.nextInt(20);
      String line =
          kind == 0
              ? "x".repeat(Tally.LINE_BYTES_MAX + random.nextInt(9) - 4) + "\n"
              : kind == 1 ? "bad\n" : LINE;
      stream.writeBytes(bytes(line));
    }
    byte[] all = stream.toByteArray();
    Tally whole = Tally.of(all, all.length, false, true);

    for (int round = 0; round < 20; round++) {
      long lines = 0;
      long malformed = 0;
      long oversized = 0;
      boolean isInside = false;
      int at = 0;
      while (at < all.length) {
        int length = Math.min(all.length - at, Tally.LINE_BYTES_MAX + 1 + random.nextInt(100_000));
        byte[] cut = Arrays.copyOfRange(all, at, at + length);
        Tally part = Tally.of(cut, length, isInside, at + length == all.length);
        assertTrue(part.consumed() > 0, "a buffer that is larger than any line brings us on");
        at += part.consumed();
        isInside = part.isInsideOversized();
        lines += part.lines();
        malformed += part.malformed();
        oversized += part.oversized();
      }
      assertEquals(whole.lines(), lines);
      assertEquals(whole.malformed(), malformed);
      assertEquals(whole.oversized(), oversized);
    }
    assertTrue(whole.oversized() > 0 && whole.malformed() > 0);
  }
}
