package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.postmaster.ErrorCode;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Senders that never come to an end, whether fast or slowly, and many who say nothing. */
class SlowSendersTest {

  private static final Duration LIMIT = Duration.ofMillis(400);
  private static final int CONNECTIONS = 2_000;
  private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";
  private static final String ADMIN =
      HOST + "Authorization: Bearer " + Web.TOKEN + "\r\nContent-Type: application/json\r\n";
  private static final String CHUNK = "1000\r\n" + " ".repeat(4_096) + "\r\n";

  private final Logged logged = new Logged();
  private Web web;

  @BeforeEach
  void start() throws Exception {
    web = Web.started(new WebOptions().setToken(Web.TOKEN).setRequestTime(LIMIT));
  }

  @AfterEach
  void itIsStillThere() throws Exception {
    try {
      assertEquals(200, web.get("/api/v1/status").statusCode());
      logged.assertNoBug();
    } finally {
      logged.close();
      web.close();
    }
  }

  private RawHttp sent(String text) throws Exception {
    RawHttp raw = new RawHttp(web.server.port());
    raw.send(text);
    return raw;
  }

  /** Sends so much every tenth of the limit that the idle limit alone never cuts it. */
  private void assertCut(String begin, String drop) throws Exception {
    try (RawHttp raw = sent(begin)) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      boolean open = true;
      while (open) {
        assertTrue(System.nanoTime() < end, () -> "never cut: " + begin);
        open = raw.sendUntilCut(drop, 1) == 1;
        LockSupport.parkNanos(LIMIT.toNanos() / 10);
      }
    }
  }

  @Test
  void whoSaysNothingIsCut() throws Exception {
    for (String text : List.of("", "G", "GET /" + HOST, "POST /api/v1/pause" + HOST)) {
      try (RawHttp raw = sent(text)) {
        raw.awaitClosed();
      }
    }
    try (RawHttp raw = sent("POST /api/v1/pause" + ADMIN + "Content-Length: 9\r\n\r\n{")) {
      raw.awaitClosed();
    }
  }

  @Test
  void whoSendsAByteNowAndThenIsCutToo() throws Exception {
    assertCut("GET /" + HOST, "X: y\r\n");
    assertCut("POST /api/v1/pause" + ADMIN + "Content-Length: 60000\r\n\r\n", " ");
    assertCut("POST /api/v1/pause" + ADMIN + "Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n");
    assertCut("GET /" + HOST + "\r\nGET /" + HOST, "X: y\r\n");
  }

  @Test
  void whoeverWaitsForUsIsNotCut() throws Exception {
    String worker = web.idle("patient").handle().toString();
    long began = System.nanoTime();
    int timeoutMs = 3 * (int) LIMIT.toMillis();
    try (RawFeed feed = new RawFeed(web.server.port())) {
      for (int n = 0; n < 2; n++) {
        var answer = web.get("/api/v1/workers/" + worker + "?await=gone&timeoutMs=" + timeoutMs);
        assertEquals("timeout", answer.bodyAsJsonObject().getString("outcome"));
      }
      assertTrue(System.nanoTime() - began > 2 * TimeUnit.MILLISECONDS.toNanos(timeoutMs));
      feed.send(RawFeed.text("{\"t\":\"ping\"}"));
      assertTrue(feed.frame().text().contains("\"t\":\"heartbeat\""));
    }
  }

  @Test
  void nothingIsKeptOfAConnectionThatHasEndedOrIsAFeed() throws Exception {
    SlowSenders slow = new SlowSenders(new WebOptions().setRequestTime(LIMIT));
    HttpServer server =
        slow.guard(
            web.life.vertx,
            web.life.vertx.createHttpServer(),
            request -> {
              if (request.canUpgradeToWebSocket()) {
                request.toWebSocket();
              } else {
                request.response().end();
              }
            });
    int port = get(server.listen(0, "127.0.0.1")).actualPort();
    for (int n = 0; n < 3; n++) {
      assertEquals(200, RawHttp.ask(port, "GET /" + HOST + "\r\n").status());
    }
    try (RawHttp socket = new RawHttp(port)) {
      socket.send(HandshakesTest.handshake());
      assertEquals(101, socket.answer().status());

      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (slow.watched() > 0) {
        assertTrue(System.nanoTime() < end, () -> slow.watched() + " are still looked at");
        LockSupport.parkNanos(LIMIT.toNanos() / 10);
      }
    }
  }

  @Test
  void anEndlessBodyIsCutWhereverItGoes() throws Exception {
    String chunked = "Transfer-Encoding: chunked\r\n\r\n";
    String gigabyte = "Content-Length: 1073741824\r\n\r\n";
    for (String request :
        List.of(
            "GET /" + HOST,
            "GET /nowhere" + HOST,
            "GET /feed" + HOST,
            "GET /assets/main.js" + HOST,
            "GET /metrics" + HOST,
            "GET /health/ready" + HOST,
            "POST /api/v1/workers" + HOST,
            "POST /api/v1/workers" + ADMIN,
            "POST /api/v1/session" + ADMIN,
            "DELETE /api/v1/session" + HOST,
            "DELETE /api/v1/workers/nobody" + ADMIN,
            "PUT /" + HOST)) {
      for (String length : List.of(chunked, gigabyte)) {
        try (RawHttp raw = sent(request + length)) {
          int sent = raw.sendUntilCut(CHUNK, 16_384);
          assertTrue(sent < 16_384, () -> "64 MiB were taken by " + request + length);
        }
      }
    }
  }

  @Test
  void anUpgradeWithAGigabyteIsAnsweredAndCut() throws Exception {
    for (String length : List.of("Content-Length: 1073741824", "Transfer-Encoding: chunked")) {
      try (RawHttp raw = sent(HandshakesTest.handshake(length))) {
        raw.answer().assertProblem(length, 400, ErrorCode.BAD_REQUEST);
        assertTrue(raw.sendUntilCut(CHUNK, 16_384) < 16_384, "64 MiB were taken");
      }
    }
  }

  @Test
  void manyWhoSayNothingDoNotStopOthers() throws Exception {
    List<Socket> open = new ArrayList<>();
    try {
      for (int n = 0; n < connections(); n++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), web.server.port());
        open.add(socket);
        if (n % 2 == 0) {
          socket.getOutputStream().write("POST /api/v1/workers HTTP/1.1\r\nHost:".getBytes());
        }
        if (n % 100 == 0) {
          assertEquals(200, web.get("/api/v1/status").statusCode());
        }
      }
      assertEquals(
          400, web.post("/api/v1/pause", new io.vertx.core.json.JsonObject()).statusCode());
      for (Socket socket : open) {
        socket.setSoTimeout(10_000);
        assertFalse(socket.getInputStream().read() >= 0, "one who says nothing was answered");
      }
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
    assertEquals(
        200, dev.postmaster.support.Life.get(web.bearer(HttpMethod.GET, "/").send()).statusCode());
  }

  /** As many as this process may have, at both ends of each. */
  private static int connections() {
    var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long free = system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount();
    return (int) Math.min(CONNECTIONS, free / 2 - 200);
  }
}
