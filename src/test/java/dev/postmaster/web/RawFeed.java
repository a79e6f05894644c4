package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A feed over a socket, with frames made by hand. */
final class RawFeed implements AutoCloseable {

  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;
  static final int FIN = 0x80;

  /** A frame that came; what is not there any more is one of opcode {@value #CLOSE}, empty. */
  record Frame(int opcode, byte[] payload) {

    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    /** Of a close; 1005 if it has none, as RFC 6455 calls that. */
    int code() {
      return payload.length < 2 ? 1005 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
    }
  }

  private final RawHttp raw;

  /** Opens one and reads its hello. */
  RawFeed(int port) throws IOException {
    raw = new RawHttp(port);
    raw.send(HandshakesTest.handshake());
    assertEquals(101, raw.answer().status());
    assertEquals("hello", new JsonObject(frame().text()).getString("t"));
  }

  /** The next frame, of up to 64 KiB. */
  Frame frame() throws IOException {
    int first = raw.read();
    int length = raw.read();
    if (length < 0) {
      return new Frame(CLOSE, new byte[0]);
    }
    if (length == 126) {
      length = raw.read() << 8 | raw.read();
    }
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    for (int n = 0; n < length; n++) {
      payload.write(raw.read());
    }
    return new Frame(first & 0x0f, payload.toByteArray());
  }

  /** With a mask of noughts, which the server must not tell from another. */
  static byte[] masked(int first, byte[] payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(first);
    if (payload.length < 126) {
      out.write(0x80 | payload.length);
    } else if (payload.length < 0x10000) {
      out.write(0x80 | 126);
      out.write(payload.length >> 8);
      out.write(payload.length);
    } else {
      out.write(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.write((int) ((long) payload.length >> shift));
      }
    }
    out.writeBytes(new byte[4]);
    out.writeBytes(payload);
    return out.toByteArray();
  }

  static byte[] text(String text) {
    return masked(FIN | TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  void send(byte[] bytes) throws IOException {
    raw.send(bytes);
  }

  /** Sends the same until the other side closes, or so many times; how often it was sent. */
  int sendUntilCut(byte[] bytes, int times) {
    return raw.sendUntilCut(new String(bytes, StandardCharsets.ISO_8859_1), times);
  }

  /** Closes, or confirms the close, for which the server would wait if it has not closed. */
  void sayClose() {
    sendUntilCut(masked(FIN | CLOSE, new byte[] {0x03, (byte) 0xe8}), 1);
  }

  /** Says that nothing more comes. */
  void finish() throws IOException {
    raw.finish();
  }

  void awaitClosed() throws IOException {
    raw.awaitClosed();
  }

  @Override
  public void close() throws IOException {
    raw.close();
  }
}
