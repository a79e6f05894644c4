package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.web.RawHttp.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests for the feed that are none of RFC 6455, over a socket. */
class HandshakesTest {

  private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

  private final Logged logged = new Logged();
  private Web web;

  @BeforeEach
  void start() throws Exception {
    web = Web.started();
  }

  @AfterEach
  void itIsStillThere() throws Exception {
    try {
      assertEquals(101, ask(handshake()).status());
      logged.assertNoBug();
    } finally {
      logged.close();
      web.close();
    }
  }

  private Answer ask(String request) throws Exception {
    return RawHttp.ask(web.server.port(), request);
  }

  /** One that is in order, but for what is changed. */
  static String handshake(String... changes) {
    List<String> lines =
        new ArrayList<>(
            List.of(
                "GET /feed HTTP/1.1",
                "Host: localhost",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: " + KEY,
                "Sec-WebSocket-Protocol: " + Feed.PROTOCOL));
    for (String change : changes) {
      String name = change.split(":", 2)[0] + ":";
      lines.removeIf(line -> line.startsWith(name));
      if (change.length() > name.length()) {
        lines.add(change);
      }
    }
    return String.join("\r\n", lines) + "\r\n\r\n";
  }

  @Test
  void onlyVersion13IsSpoken() throws Exception {
    for (String version :
        List.of(":", ": 0", ": 7", ": 8", ": 14", ": x", ": 13, 8", ": 8, 13", ": 99999999999")) {
      assertUpgradeRequired(version, handshake("Sec-WebSocket-Version" + version));
    }
    String both = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8";
    assertUpgradeRequired(both, handshake(both));
    String drafted = "GET /feed HTTP/1.1\r\nHost: localhost\r\nUpgrade: WebSocket\r\n";
    assertUpgradeRequired(
        "hixie-76",
        drafted
            + "Connection: Upgrade\r\nSec-WebSocket-Key1: 18x 6]8vM;54 *(5:  {   U1]8  z [  8\r\n"
            + "Sec-WebSocket-Key2: 1_ tx7X d  <  nw  334J702) 7]o}` 0\r\n"
            + "Sec-WebSocket-Protocol: "
            + Feed.PROTOCOL
            + "\r\n\r\nTm[K T2u");
  }

  private void assertUpgradeRequired(String what, String request) throws Exception {
    Answer answer = ask(request);
    answer.assertProblem(what, 426, ErrorCode.BAD_REQUEST);
    assertEquals(Optional.of("13"), answer.header("Sec-WebSocket-Version"), what);
  }

  @Test
  void aKeyIsOneAndOfSixteenBytes() throws Exception {
    for (String key :
        List.of(
            "Sec-WebSocket-Key:",
            "Sec-WebSocket-Key: YQ==",
            "Sec-WebSocket-Key: ~~~",
            "Sec-WebSocket-Key: " + KEY + ", " + KEY,
            "Sec-WebSocket-Key: " + KEY + "\r\nSec-WebSocket-Key: " + KEY,
            "Sec-WebSocket-Key: " + "A".repeat(4_000))) {
      ask(handshake(key)).assertProblem(key, 400, ErrorCode.BAD_REQUEST);
    }
  }

  @Test
  void itIsForAWebSocketAndNothingElse() throws Exception {
    for (String other :
        List.of(
            "Upgrade: h2c",
            "Upgrade: h2c, websocket",
            "Upgrade: websocket\r\nUpgrade: h2c",
            "Upgrade:",
            "Connection:",
            "Connection: keep-alive",
            "Content-Length: 5",
            "Transfer-Encoding: chunked",
            "Sec-WebSocket-Protocol:",
            "Sec-WebSocket-Protocol: postmaster.feed.v2+json")) {
      ask(handshake(other)).assertProblem(other, 400, ErrorCode.BAD_REQUEST);
    }
    ask(handshake().replace("HTTP/1.1", "HTTP/1.0"))
        .assertProblem("HTTP/1.0", 400, ErrorCode.BAD_REQUEST);
    ask(handshake().replace("GET", "POST")).assertProblem("POST", 405, ErrorCode.BAD_REQUEST);
    ask(handshake().replace("/feed", "/api/v1/workers")).assertSaysNothing("elsewhere");
  }

  @Test
  void aBodyBehindItIsNotReadAsASecondRequest() throws Exception {
    String smuggled = "GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n";
    try (RawHttp raw = new RawHttp(web.server.port())) {
      raw.send(handshake("Content-Length: " + smuggled.length()) + smuggled);
      raw.answer().assertProblem("body", 400, ErrorCode.BAD_REQUEST);
      raw.send("GET /api/v1/entry-points HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertTrue(raw.answer().body().contains("\"entryPoints\""));
    }
  }

  @Test
  void compressionIsNotNegotiated() throws Exception {
    for (String extension :
        List.of("permessage-deflate; client_max_window_bits", "x-webkit-deflate-frame", "foo; a")) {
      Answer answer = ask(handshake("Sec-WebSocket-Extensions: " + extension));
      assertEquals(101, answer.status());
      assertEquals(Optional.empty(), answer.header("Sec-WebSocket-Extensions"));
      assertEquals(Optional.of(Feed.PROTOCOL), answer.header("Sec-WebSocket-Protocol"));
    }
  }

  @Test
  void http2IsNotSpoken() throws Exception {
    Answer answer =
        ask(
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n");
    assertEquals(200, answer.status());
    assertEquals(Optional.empty(), answer.header("Upgrade"));
  }
}
