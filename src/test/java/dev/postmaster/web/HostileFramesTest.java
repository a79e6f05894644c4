package dev.postmaster.web;

import static dev.postmaster.web.RawFeed.BINARY;
import static dev.postmaster.web.RawFeed.CLOSE;
import static dev.postmaster.web.RawFeed.FIN;
import static dev.postmaster.web.RawFeed.PING;
import static dev.postmaster.web.RawFeed.PONG;
import static dev.postmaster.web.RawFeed.TEXT;
import static dev.postmaster.web.RawFeed.masked;
import static dev.postmaster.web.RawFeed.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.web.RawFeed.Frame;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Frames that no WebSocket client sends: the feed ends, with its code, and nothing else does. */
class HostileFramesTest {

  private final Logged logged = new Logged();
  private Web web;
  private RawFeed first;

  @BeforeEach
  void open() throws Exception {
    web = Web.started();
    first = opened();
  }

  private RawFeed opened() throws Exception {
    return new RawFeed(web.server.port());
  }

  @AfterEach
  void nobodyElseNoticed() throws Exception {
    try {
      first.close();
      try (RawFeed next = opened()) {
        next.send(text("{\"t\":\"ping\"}"));
        assertEquals("heartbeat", new JsonObject(next.frame().text()).getString("t"));
      }
      assertEquals(1, web.postmaster.transitions().head());
      logged.assertNoBug();
    } finally {
      logged.close();
      web.close();
    }
  }

  private static byte[] bytes(int... values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int value : values) {
      out.write(value);
    }
    return out.toByteArray();
  }

  private int awaitCode(RawFeed feed) throws Exception {
    Frame next = feed.frame();
    while (next.opcode() != CLOSE) {
      String text = next.text();
      assertFalse(text.contains("Exception"), text);
      next = feed.frame();
    }
    return next.code();
  }

  private void assertEnds(int code, byte[]... frames) throws Exception {
    try (RawFeed feed = opened()) {
      for (byte[] frame : frames) {
        feed.send(frame);
      }
      assertEquals(code, awaitCode(feed));
      feed.sayClose();
      feed.awaitClosed();
    }
  }

  @Test
  void framesAgainstTheProtocolAreBadMessages() throws Exception {
    int bad = CloseCode.BAD_MESSAGE.number();
    assertEnds(bad, bytes(FIN | TEXT, 2, '{', '}')); // not masked
    assertEnds(bad, masked(PING, new byte[0]));
    assertEnds(bad, masked(FIN | PING, new byte[126]));
    assertEnds(bad, masked(FIN | 3, new byte[1])); // reserved
    assertEnds(bad, masked(FIN | 11, new byte[1]));
    assertEnds(bad, masked(FIN | 0x40 | TEXT, new byte[1])); // says that it is compressed
    assertEnds(bad, masked(FIN, new byte[1])); // goes on where nothing has begun
    assertEnds(bad, masked(TEXT, new byte[1]), masked(FIN | TEXT, new byte[1]));
  }

  @Test
  void whatIsNotUtf8IsABadMessage() throws Exception {
    for (byte[] text :
        List.of(
            bytes(0xc0, 0xae),
            bytes(0xff),
            bytes(0xed, 0xa0, 0x80),
            bytes(0xf8, 0x88, 0x80, 0x80, 0x80),
            bytes('{', '"', 0xe2, 0x82),
            pingWith(0xff))) {
      assertEnds(CloseCode.BAD_MESSAGE.number(), masked(FIN | TEXT, text));
    }
  }

  /** A ping that would be right without that byte in a text. */
  private static byte[] pingWith(int wrong) {
    byte[] ping = "{\"t\":\"ping\",\"x\":\"?\"}".getBytes(StandardCharsets.US_ASCII);
    ping[ping.length - 3] = (byte) wrong;
    return ping;
  }

  @Test
  void binaryFramesAreBadMessages() throws Exception {
    byte[] subscribe = "{\"t\":\"subscribe\"}".getBytes(StandardCharsets.UTF_8);
    assertEnds(CloseCode.BAD_MESSAGE.number(), masked(FIN | BINARY, subscribe));
  }

  @Test
  void aLengthIsRefusedBeforeWhatItPromisesIsSent() throws Exception {
    int large = CloseCode.TOO_LARGE.number();
    assertEnds(large, bytes(FIN | TEXT, 0x80 | 126, 0x40, 0x01, 0, 0, 0, 0));
    assertEnds(large, bytes(FIN | TEXT, 0x80 | 127, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0));
    assertEnds(
        large, bytes(FIN | TEXT, 0x80 | 127, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0));
  }

  @Test
  void aLengthWithItsHighestBitSetIsABadMessage() throws Exception {
    assertEnds(
        CloseCode.BAD_MESSAGE.number(),
        bytes(FIN | TEXT, 0x80 | 127, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  }

  @Test
  void manyFragmentsAreOneMessage() throws Exception {
    byte[] part = new byte[3_000];
    byte[] first = masked(TEXT, part);
    byte[] next = masked(0, part);
    assertEnds(CloseCode.TOO_LARGE.number(), first, next, next, next, next, next, next);
  }

  @Test
  void aFloodIsTooManyAndIsNotAnswered() throws Exception {
    for (int opcode : List.of(PING, PONG, TEXT)) {
      try (RawFeed feed = opened()) {
        byte[] ping = masked(FIN | opcode, "{\"t\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
        feed.sendUntilCut(ping, 20_000);
        int answers = 0;
        Frame next = feed.frame();
        for (; next.opcode() != CLOSE; next = feed.frame()) {
          answers++;
        }
        assertEquals(CloseCode.TOO_MANY.number(), next.code());
        assertTrue(answers < 100, "answers: " + answers);
        feed.sayClose();
        feed.awaitClosed();
      }
    }
  }

  @Test
  void anyCloseIsAnEnd() throws Exception {
    for (byte[] payload :
        List.of(
            bytes(),
            bytes(3),
            bytes(3, 0xe8),
            bytes(0, 0),
            bytes(3, 0xed),
            bytes(3, 0xe8, 0xff, 0xff),
            new byte[125])) {
      try (RawFeed feed = opened()) {
        feed.send(masked(FIN | CLOSE, payload));
        feed.awaitClosed();
      }
    }
  }

  @Test
  void bytesWithoutAnySenseAreAnEnd() throws Exception {
    try (RawFeed feed = opened()) {
      feed.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      feed.awaitClosed();
    }
    try (RawFeed feed = opened()) {
      feed.sendUntilCut(new byte[1_000], 10_000);
      feed.awaitClosed();
    }
  }
}
