package dev.postmaster.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines of the combined format, and what only looks like them. */
class AccessLineTest {

  static final String GOOD =
      "127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET /x HTTP/1.1\" 200 2326 \"-\" \"curl/8\"";

  private static final long MINUTE = 971_211_336L / 60;

  private static Optional<AccessLine> parse(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    return AccessLine.parse(bytes, 0, bytes.length);
  }

  @Test
  void aLineHasItsMinuteInUtcAndItsStatusClass() {
    assertEquals(Optional.of(new AccessLine(MINUTE, 2)), parse(GOOD));
    assertEquals(
        Optional.of(new AccessLine(MINUTE + 420, 2)), parse(GOOD.replace("-0700", "-1400")));
    assertEquals(MINUTE - 420 - 345, parse(GOOD.replace("-0700", "+0545")).orElseThrow().minute());
    assertEquals(5, parse(GOOD.replace(" 200 ", " 599 ")).orElseThrow().statusClass());
    assertEquals(1, parse(GOOD.replace(" 200 ", " 100 ")).orElseThrow().statusClass());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "::1 - frank [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 304 - \"http://x/\" \"a b\"",
        "h - a name with spaces [10/Oct/2000:13:55:36 -0700] \"-\" 400 0 \"-\" \"-\"",
        "h - - [29/Feb/2024:23:59:60 +0000] \"GET /\\\"q\\\\ HTTP/1.1\" 200 1 \"\\\"\" \"\"",
        "h - - [01/Jan/1970:00:00:00 +0000] \"G\tT\" 200 999999999999999999 \"-\" \"\\x09\"",
      })
  void theseAreLines(String line) {
    assertTrue(parse(line).isPresent(), line);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "- - - [] \"\" 200 1 \"\" \"\"",
        "h - - [10/Okt/2000:13:55:36 -0700] \"GET /\" 200 1 \"-\" \"-\"",
        "h - - [31/Feb/2000:13:55:36 -0700] \"GET /\" 200 1 \"-\" \"-\"",
        "h - - [10/Oct/2000:24:55:36 -0700] \"GET /\" 200 1 \"-\" \"-\"",
        "h - - [10/Oct/2000:13:55:61 -0700] \"GET /\" 200 1 \"-\" \"-\"",
        "h - - [10/Oct/2000:13:55:36 -9900] \"GET /\" 200 1 \"-\" \"-\"",
        "h - - [10/Oct/2000:13:55:36 -0700] \"GET /\" 99 1 \"-\" \"-\"",
        "h - - [10/Oct/2000:13:55:36 -0700] \"GET /\" 600 1 \"-\" \"-\"",
        "h - - [10/Oct/2000:13:55:36 -0700] \"GET /\" 200 -1 \"-\" \"-\"",
        "h - - [10/Oct/2000:13:55:36 -0700] \"GET /\" 200 1234567890123456789 \"-\" \"-\"",
        "h - - [10/Oct/2000:13:55:36 -0700] \"GET /\" 200 1 \"-\" \"-\" more",
        "h - - [10/Oct/2000:13:55:36 -0700] \"GET /\" 200 1 \"-\" \"-",
        "h - - [10/Oct/2000:13:55:36 -0700] \"GET /\" 200 1 \"-\" \"\\",
        "h - - [10/Oct/2000:13:55:36 -0700] \"GET /\u0000\" 200 1 \"-\" \"-\"",
        "h - - [10/Oct/2000:13:55:36 -0700] \"GET /\u007f\" 200 1 \"-\" \"-\"",
      })
  void theseAreNot(String line) {
    assertEquals(Optional.empty(), parse(line), line);
  }

  @Test
  void noBeginningOfALineIsALine() {
    for (int length = 0; length < GOOD.length(); length++) {
      assertEquals(Optional.empty(), parse(GOOD.substring(0, length)));
    }
  }

  @Test
  void whateverBytesComeNothingIsThrown() {
    Random random = new Random(1);
    byte[] good = GOOD.getBytes(StandardCharsets.US_ASCII);
    int lines = 0;
    for (int n = 0; n < 200_000; n++) {
      byte[] bytes = good.clone();
      for (int change = random.nextInt(3); change >= 0; change--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      lines += AccessLine.parse(bytes, 0, bytes.length - random.nextInt(2)).isPresent() ? 1 : 0;
    }
    assertTrue(lines > 1_000, lines + " were lines all the same");
  }
}
