package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Frames that no WebSocket client sends: the feed ends, with its code, and nothing else does. */
class HostileFramesTest {

  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int FIN = 0x80;

  private final Logged logged = new Logged();
  private Web web;
  private RawHttp raw;

  @BeforeEach
  void open() throws Exception {
    web = Web.started();
    raw = opened();
  }

  private RawHttp opened() throws Exception {
    RawHttp feed = new RawHttp(web.server.port());
    feed.send(HandshakesTest.handshake());
    assertEquals(101, feed.answer().status());
    Frame hello = frame(feed);
    assertEquals("hello", new JsonObject(hello.text()).getString("t"));
    return feed;
  }

  @AfterEach
  void nobodyElseNoticed() throws Exception {
    try (Web ends = web;
        Logged closes = logged) {
      raw.close();
      try (RawHttp next = opened()) {
        next.send(masked(FIN | TEXT, "{\"t\":\"ping\"}".getBytes(StandardCharsets.UTF_8)));
        assertEquals("heartbeat", new JsonObject(frame(next).text()).getString("t"));
      }
      assertEquals(1, web.postmaster.transitions().head());
      logged.assertNoBug();
    }
  }

  private record Frame(int opcode, byte[] payload) {
    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    int code() {
      return (payload[0] & 0xff) << 8 | payload[1] & 0xff;
    }
  }

  private static Frame frame(RawHttp from) throws Exception {
    int opcode = from.read() & 0x0f;
    int length = from.read();
    if (length == 126) {
      length = from.read() << 8 | from.read();
    }
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    for (int n = 0; n < length; n++) {
      payload.write(from.read());
    }
    return new Frame(opcode, payload.toByteArray());
  }

  /** With a mask of noughts, as the server must not tell from another. */
  static byte[] masked(int first, byte[] payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(first);
    if (payload.length < 126) {
      out.write(0x80 | payload.length);
    } else {
      out.write(0x80 | 126);
      out.write(payload.length >> 8);
      out.write(payload.length);
    }
    out.writeBytes(new byte[4]);
    out.writeBytes(payload);
    return out.toByteArray();
  }

  private static byte[] bytes(int... values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int value : values) {
      out.write(value);
    }
    return out.toByteArray();
  }

  private int awaitCode(RawHttp feed) throws Exception {
    Frame next = frame(feed);
    while (next.opcode() != CLOSE) {
      String text = next.text();
      assertFalse(text.contains("Exception"), text);
      next = frame(feed);
    }
    return next.code();
  }

  /** Confirms the close, for which the server would wait; it may have closed without that. */
  private static void confirm(RawHttp feed) {
    byte[] close = masked(FIN | CLOSE, new byte[0]);
    feed.sendUntilCut(new String(close, StandardCharsets.ISO_8859_1), 1);
  }

  private void assertEnds(int code, byte[]... frames) throws Exception {
    try (RawHttp feed = opened()) {
      for (byte[] frame : frames) {
        feed.send(frame);
      }
      assertEquals(code, awaitCode(feed));
      confirm(feed);
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
            bytes('{', '"', 0xe2, 0x82))) {
      assertEnds(CloseCode.BAD_MESSAGE.number(), masked(FIN | TEXT, text));
    }
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
      try (RawHttp feed = opened()) {
        byte[] ping = masked(FIN | opcode, "{\"t\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
        feed.sendUntilCut(new String(ping, StandardCharsets.ISO_8859_1), 20_000);
        int answers = 0;
        Frame next = frame(feed);
        for (; next.opcode() != CLOSE; next = frame(feed)) {
          answers++;
        }
        assertEquals(CloseCode.TOO_MANY.number(), next.code());
        assertTrue(answers < 100, "answers: " + answers);
        confirm(feed);
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
      try (RawHttp feed = opened()) {
        feed.send(masked(FIN | CLOSE, payload));
        feed.awaitClosed();
      }
    }
  }

  @Test
  void bytesWithoutAnySenseAreAnEnd() throws Exception {
    try (RawHttp feed = opened()) {
      feed.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      feed.awaitClosed();
    }
    try (RawHttp feed = opened()) {
      feed.sendUntilCut("\u00ff\u00fe".repeat(1_000), 10_000);
      feed.awaitClosed();
    }
  }
}
