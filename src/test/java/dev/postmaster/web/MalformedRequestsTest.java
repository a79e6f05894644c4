package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.web.RawHttp.Answer;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Requests that no client sends, over a socket. What reaches a route is answered with problem+json;
 * what Netty cannot read, or Vert.x does not speak, with a status and an end.
 */
class MalformedRequestsTest {

  private static final String HOST = "Host: localhost\r\n";
  private static final String POST =
      "POST /api/v1/pause HTTP/1.1\r\n"
          + HOST
          + "Authorization: Bearer "
          + Web.TOKEN
          + "\r\nContent-Type: application/json\r\n";

  private final Logged logged = new Logged();
  private Web web;
  private long head;
  private boolean changed;

  @BeforeEach
  void start() throws Exception {
    web = Web.started();
    head = web.postmaster.transitions().head();
  }

  @AfterEach
  void nothingHasHappened() throws Exception {
    try {
      assertEquals(200, ask("GET / HTTP/1.1\r\n" + HOST + "\r\n").status());
      if (!changed) {
        web.postmaster
            .transitionsAfter(head)
            .transitions()
            .forEach(record -> assertEquals("refused", record.cause().word()));
      }
      logged.assertNoBug();
    } finally {
      logged.close();
      web.close();
    }
  }

  private Answer ask(String request) throws Exception {
    return RawHttp.ask(web.server.port(), request);
  }

  private Answer get(String target) throws Exception {
    return ask("GET " + target + " HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n");
  }

  @Test
  void whatIsNoHttpIsAnsweredWithAStatusAndClosed() throws Exception {
    Map<String, Integer> cases = new LinkedHashMap<>();
    cases.put("GET /\r\n\r\n", 400);
    cases.put("GET /\r\n", 400);
    cases.put("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003", 400);
    cases.put("\u0000\u0001\u0002\r\n\r\n", 400);
    cases.put("GET / HTTP/x\r\n" + HOST + "\r\n", 400);
    cases.put("GET / HTTP/1.1\n" + "Host: localhost\n\n", 400);
    cases.put("GET /a b HTTP/1.1\r\n" + HOST + "\r\n", 400);
    cases.put("G\u0001T / HTTP/1.1\r\n" + HOST + "\r\n", 400);
    cases.put("GET / HTTP/1.1\r\nHost: localhost\rX: y\r\n\r\n", 400);
    cases.put("GET / HTTP/1.1\r\n" + HOST + "X : y\r\n\r\n", 400);
    cases.put("GET / HTTP/1.1\r\n" + HOST + "X: y\u0000z\r\n\r\n", 400);
    cases.put("GET / HTTP/1.1\r\n" + HOST + "no colon\r\n\r\n", 400);
    cases.put("GET / HTTP/1.1\r\nHost: local\u001bhost\r\n\r\n", 400);
    cases.put("GET / HTTP/1.1\r\n" + HOST + "X: " + "x".repeat(9_000) + "\r\n\r\n", 431);
    cases.put("GET /" + "x".repeat(9_000) + " HTTP/1.1\r\n" + HOST + "\r\n", 414);
    cases.put("GET / HTTP/2.0\r\n" + HOST + "\r\n", 501);
    cases.put("GET / HTTP/9.9\r\n" + HOST + "\r\n", 501);
    cases.put("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 501);
    for (Map.Entry<String, Integer> one : cases.entrySet()) {
      try (RawHttp raw = new RawHttp(web.server.port())) {
        raw.send(one.getKey());
        raw.answer().assertBare(one.getKey(), one.getValue());
        raw.awaitClosed();
      }
    }
  }

  @Test
  void aLengthThatCanBeReadInTwoWaysIsReadInNone() throws Exception {
    String smuggled = "GET /api/v1/status HTTP/1.1\r\n" + HOST + "\r\n";
    for (String lengths :
        List.of(
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            "Content-Length: -1\r\n\r\n{}",
            "Content-Length: +2\r\n\r\n{}",
            "Content-Length: 99999999999999999999\r\n\r\n{}",
            "Transfer-Encoding: gzip\r\n\r\n{}",
            "Transfer-Encoding: xchunked\r\n\r\n{}",
            "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n")) {
      try (RawHttp raw = new RawHttp(web.server.port())) {
        raw.send(POST + lengths + smuggled);
        raw.answer().assertBare(lengths, 400);
        assertEquals(-1, raw.read(), lengths);
      }
    }
  }

  @Test
  void aChunkThatIsNoneIsTheSendersFault() throws Exception {
    for (String chunk : List.of("zz\r\n{}\r\n", "-2\r\n{}\r\n", "2\r\n{}xx\r\n0\r\n\r\n")) {
      try (RawHttp raw = new RawHttp(web.server.port())) {
        raw.send(POST + "Transfer-Encoding: chunked\r\n\r\n" + chunk);
        raw.answer().assertProblem(chunk, 400, ErrorCode.BAD_REQUEST);
        raw.awaitClosed();
      }
    }
  }

  @Test
  void whoGoesAwayInTheMiddleOfABodyIsNoBug() throws Exception {
    for (String path : List.of("/api/v1/session", "/api/v1/pause")) {
      try (RawHttp raw = new RawHttp(web.server.port())) {
        raw.send(POST.replace("/api/v1/pause", path) + "Content-Length: 20\r\n");
        raw.send("Expect: 100-continue\r\n\r\n");
        // So the body is being read now.
        assertEquals(100, raw.answer().status());
        raw.send("{\"a\":");
      }
      logged.await("POST " + path, 1);
    }
  }

  @Test
  void hostIsOneAndOurs() throws Exception {
    for (String host :
        List.of(
            "localhost\r\nHost: localhost",
            "localhost\r\nHost: evil.example",
            "evil.example\r\nHost: localhost",
            "evil.example",
            "localhost.",
            "localhost.evil.example",
            "a".repeat(3_000))) {
      ask("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
          .assertProblem(host, 403, ErrorCode.FORBIDDEN);
    }
    ask("GET / HTTP/1.0\r\n\r\n").assertProblem("none", 403, ErrorCode.FORBIDDEN);
    ask("GET / HTTP/1.1\r\n\r\n").assertProblem("none", 400, ErrorCode.BAD_REQUEST);
    for (String host :
        List.of("a@localhost", "localhost@evil:80", "localhost evil", "localhost/evil", "[::1")) {
      ask("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
          .assertProblem(host, 400, ErrorCode.BAD_REQUEST);
    }
    ask("GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        .assertProblem("absolute", 403, ErrorCode.FORBIDDEN);
  }

  @Test
  void headersThatAreThereTwiceGrantNothing() throws Exception {
    String token = "Authorization: Bearer " + Web.TOKEN + "\r\n";
    String body = "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    String pause = "POST /api/v1/pause HTTP/1.1\r\n" + HOST;

    ask(pause + token + "Authorization: Bearer wrong\r\n" + body)
        .assertProblem("two tokens", 401, ErrorCode.UNAUTHENTICATED);
    ask(pause + token + token + body).assertProblem("twice", 401, ErrorCode.UNAUTHENTICATED);
    ask(pause + token + "Content-Type: text/plain\r\n" + body)
        .assertProblem("two types", 415, ErrorCode.BAD_REQUEST);
    String own = "Origin: http://localhost\r\n";
    ask(pause + token + own + own + body).assertProblem("origins", 403, ErrorCode.FORBIDDEN);
    for (String none : List.of("Authorization:\r\n", "Authorization: Bearer\r\n", "")) {
      ask(pause + none + body).assertProblem(none, 401, ErrorCode.UNAUTHENTICATED);
    }
    ask(pause + token + "Expect: nonsense\r\n" + body)
        .assertProblem("expect", 417, ErrorCode.BAD_REQUEST);
    ask("GET / HTTP/1.1\r\n" + HOST + "X-Forwarded-Host: evil\r\nForwarded: host=evil\r\n\r\n")
        .assertSaysNothing("forwarded");
  }

  @Test
  void otherMethodsDoNothing() throws Exception {
    for (String method :
        List.of("TRACE", "CONNECT", "PUT", "PATCH", "OPTIONS", "PROPFIND", "get", "FOO")) {
      for (String path : List.of("/", "/feed", "/api/v1/pause", "/api/v1/workers/x")) {
        Answer answer =
            ask(method + " " + path + " HTTP/1.1\r\n" + HOST + "X-Canary: 4711\r\n\r\n");
        answer.assertProblem(method + path, 405, ErrorCode.BAD_REQUEST);
        assertTrue(answer.header("Allow").isPresent(), method + path);
        assertFalse(answer.toString().contains("4711"), "TRACE repeats what it was sent");
      }
    }
    for (String target : List.of("CONNECT localhost:80", "OPTIONS *", "GET *")) {
      ask(target + " HTTP/1.1\r\n" + HOST + "\r\n")
          .assertProblem(target, 404, ErrorCode.BAD_REQUEST);
    }
    ask("GET /api/v1/pause HTTP/1.1\r\n" + HOST + "X-HTTP-Method-Override: POST\r\n\r\n")
        .assertProblem("override", 405, ErrorCode.BAD_REQUEST);
  }

  @Test
  void aPathLeadsNowhereElse() throws Exception {
    for (String path :
        List.of(
            "/%2e%2e/%2e%2e/etc/passwd",
            "/../../etc/passwd",
            "/..;/api/v1/status",
            "/..%5c..%5cx",
            "/\\..\\x",
            "/%c0%ae%c0%ae/",
            "/%252e%252e/",
            "//evil.example/",
            "/\u0000",
            "/\u00ff",
            "/#frag",
            "/API/v1/status",
            "/api/v1/workers/%2e%2e",
            "/api/v1/status;x=y",
            "/api/v1/status%00",
            "/" + "a".repeat(4_000))) {
      get(path).assertProblem(path, 404, ErrorCode.BAD_REQUEST);
    }
    for (String worker :
        List.of("%2f", "%c0%ae%ff", "%ed%a0%80", "x%00", "a;b", "%2399999999999")) {
      get("/api/v1/workers/" + worker).assertProblem(worker, 404, ErrorCode.UNKNOWN_WORKER);
    }
    for (String broken : List.of("/%", "/%zz", "/api/v1/workers/%2", "/?x=%", "?x")) {
      get(broken).assertProblem(broken, 400, ErrorCode.BAD_REQUEST);
    }
    assertEquals(get("/api/v1/workers").body(), get("/./api//v1/x/..///workers").body());
  }

  @Test
  void nothingThatIsSentBecomesAHeader() throws Exception {
    String split = "%0d%0aSet-Cookie:%20a=b%0d%0a%0d%0a<script>";
    for (String target :
        List.of(
            "/" + split,
            "/api/v1/workers/" + split,
            "/api/v1/workers?state=" + split,
            "/api/v1/workers?limit=" + split,
            "/api/v1/transitions?after=" + split,
            "/api/v1/workers/" + split + "?await=gone")) {
      Answer answer = get(target);
      assertTrue(answer.status() == 400 || answer.status() == 404, answer::toString);
      assertEquals(Optional.empty(), answer.header("Set-Cookie"), target);
    }
  }

  @Test
  void whatIsRegisteredBecomesNoHeader() throws Exception {
    String odd = "a\r\nSet-Cookie: a=b\r\n\r\n\u001b[31m\u202e<script>";
    JsonObject sentinel =
        new JsonObject()
            .put("name", odd)
            .put("type", odd)
            .put("library", "postmaster")
            .put("function", "sentinel")
            .put("args", new JsonObject().put("address", odd));
    Answer made = register(sentinel.encode());
    assertEquals(201, made.status(), made::toString);
    assertEquals(Optional.empty(), made.header("Set-Cookie"));
    String path = made.header("Location").orElseThrow();
    assertTrue(path.matches("/api/v1/workers/[A-Za-z0-9.]+"), path);
    assertFalse(get(path).body().matches("(?s).*[\\x00-\\x09\\x0b-\\x1f].*"));
    changed = true;
  }

  private Answer register(String json) throws Exception {
    return ask(
        POST.replace("pause", "workers") + "Content-Length: " + json.length() + "\r\n\r\n" + json);
  }

  @Test
  void anAbsoluteTargetAnOldVersionAndManyHeadersAreStillHttp() throws Exception {
    assertEquals(200, ask("GET / HTTP/1.0\r\n" + HOST + "\r\n").status());
    assertEquals(200, ask("GET http://localhost/ HTTP/1.1\r\n" + HOST + "\r\n").status());
    StringBuilder many = new StringBuilder("GET / HTTP/1.1\r\n" + HOST);
    for (int n = 0; n < 700; n++) {
      many.append('X').append(n).append(": y\r\n");
    }
    assertEquals(200, ask(many.append("\r\n").toString()).status());
  }
}
