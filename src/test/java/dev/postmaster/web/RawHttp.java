package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A socket that sends what no client would, and reads what comes back; a text is its bytes. */
final class RawHttp implements AutoCloseable {

  private static final int PATIENCE_MS = 15_000;

  private static final Pattern STATUS = Pattern.compile("HTTP/\\d\\.\\d (\\d{3}) [A-Za-z -]+");
  private static final Pattern HEADER = Pattern.compile("[A-Za-z-]+: [\\x20-\\x7e]*");

  /** What came back: a head whose every line was looked at, and its body. */
  record Answer(int status, List<String> head, String body) {

    Optional<String> header(String name) {
      String start = name.toLowerCase(java.util.Locale.ROOT) + ": ";
      return head.stream()
          .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith(start))
          .map(line -> line.substring(start.length()))
          .findFirst();
    }

    /** It is one of ours. */
    void assertProblem(String what, int expected, ErrorCode code) {
      assertEquals(expected, status, () -> what + ": " + this);
      assertEquals(Optional.of("application/problem+json"), header("Content-Type"), what);
      assertEquals(Optional.of("nosniff"), header("X-Content-Type-Options"), what);
      JsonObject json = new JsonObject(utf8(body));
      assertEquals(expected, json.getInteger("status"), what);
      assertEquals(code.name(), json.getString("code"), what);
      assertEquals(code.number(), json.getInteger("number"), what);
      assertSaysNothing(what);
    }

    /** It is Netty's or Vert.x's own, before there is a route: a status and nothing else. */
    void assertBare(String what, int expected) {
      assertEquals(expected, status, () -> what + ": " + this);
      assertEquals("", body, what);
      assertSaysNothing(what);
    }

    /** Nothing in it tells how the program is made. */
    void assertSaysNothing(String what) {
      for (String inside : List.of("Exception", "at dev.postmaster", "at io.vertx", "at java.")) {
        assertFalse(toString().contains(inside), () -> what + ": " + this);
      }
      assertEquals(Optional.empty(), header("Server"), what);
    }
  }

  private final Socket socket;
  private final InputStream in;

  RawHttp(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** Sends one request and reads its answer. */
  static Answer ask(int port, String request) throws IOException {
    try (RawHttp raw = new RawHttp(port)) {
      raw.send(request);
      return raw.answer();
    }
  }

  static String utf8(String bytes) {
    return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** The next byte; -1 if there is none any more. */
  int read() throws IOException {
    try {
      return in.read();
    } catch (SocketTimeoutException late) {
      throw late;
    } catch (SocketException reset) {
      return -1;
    }
  }

  /** Reads an answer, up to the length that it has, or to the end. */
  Answer answer() throws IOException {
    return answer(true);
  }

  /** Reads an answer that has a body, or that to a HEAD, which has none. */
  Answer answer(boolean hasBody) throws IOException {
    StringBuilder head = new StringBuilder();
    for (int next = read(); next >= 0; next = read()) {
      head.append((char) next);
      if (next == '\n' && head.toString().endsWith("\r\n\r\n")) {
        break;
      }
    }
    String text = head.toString();
    assertTrue(text.endsWith("\r\n\r\n"), () -> "no whole answer: " + text);
    List<String> lines = List.of(text.substring(0, text.length() - 4).split("\r\n", -1));
    Matcher status = STATUS.matcher(lines.get(0));
    assertTrue(status.matches(), () -> "not a status line: " + text);
    Stream<String> headers = lines.stream().skip(1);
    assertEquals(List.of(), headers.filter(line -> !HEADER.matcher(line).matches()).toList());
    Answer answer = new Answer(Integer.parseInt(status.group(1)), lines, "");
    int length = answer.header("Content-Length").map(Integer::parseInt).orElse(Integer.MAX_VALUE);
    boolean bodiless = !hasBody || answer.status() < 200 || answer.status() == 204;
    return bodiless ? answer : new Answer(answer.status(), lines, body(length));
  }

  private String body(int length) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (body.size() < length) {
      int next = read();
      if (next < 0) {
        break;
      }
      body.write(next);
    }
    return body.toString(StandardCharsets.ISO_8859_1);
  }

  /** Says that nothing more comes. */
  void finish() throws IOException {
    socket.shutdownOutput();
  }

  /** Waits until the other side has closed; what comes before that is let go. */
  void awaitClosed() throws IOException {
    while (read() >= 0) {
      // the rest of what it had to say
    }
  }

  /**
   * Sends the same text until the other side closes, or so many times.
   *
   * @return how often it was sent
   */
  int sendUntilCut(String text, int times) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    for (int sent = 0; sent < times; sent++) {
      try {
        socket.getOutputStream().write(bytes);
      } catch (IOException cut) {
        return sent;
      }
    }
    return times;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
