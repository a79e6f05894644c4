package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the server answers, or refuses, before it has a postmaster to show. */
class WebServerTest {

  private Vertx vertx;
  private WebServer server;
  private WebClient client;
  private WebSocketClient sockets;

  @BeforeEach
  void bind() throws Exception {
    vertx = Vertx.vertx();
    client = WebClient.create(vertx);
    sockets = vertx.createWebSocketClient();
    WebOptions options =
        new WebOptions()
            .setPort(0)
            .setAllowedHosts(List.of("ops.example"))
            .setAllowedOrigins(List.of("https://ops.example"));
    server = get(WebServer.bind(vertx, options));
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private HttpRequest<Buffer> request(HttpMethod method, String path) {
    return client.request(method, server.port(), "127.0.0.1", path);
  }

  private HttpResponse<Buffer> send(String path) throws Exception {
    return get(request(HttpMethod.GET, path).send());
  }

  private static void assertProblem(
      int status, String code, int number, HttpResponse<Buffer> response) {
    assertEquals(status, response.statusCode());
    assertEquals("application/problem+json", response.getHeader("Content-Type"));
    JsonObject body = response.bodyAsJsonObject();
    assertEquals(code, body.getString("code"));
    assertEquals(number, body.getInteger("number"));
    assertFalse(body.getString("detail").isEmpty());
    assertSecure(response);
  }

  private static void assertSecure(HttpResponse<Buffer> response) {
    assertEquals("nosniff", response.getHeader("X-Content-Type-Options"));
    assertEquals("no-referrer", response.getHeader("Referrer-Policy"));
    assertEquals("same-origin", response.getHeader("Cross-Origin-Opener-Policy"));
    assertEquals("same-origin", response.getHeader("Cross-Origin-Resource-Policy"));
    assertEquals("no-store", response.getHeader("Cache-Control"));
    assertTrue(response.getHeader("Content-Security-Policy").startsWith("default-src 'none'"));
    assertTrue(response.getHeader("Permissions-Policy").contains("camera=()"));
    assertEquals(null, response.getHeader("Server"));
    assertEquals(null, response.getHeader("Access-Control-Allow-Origin"));
  }

  @Test
  void withoutAPostmasterEveryAnswerAboutItIs503() throws Exception {
    for (String path : List.of("/api/v1/status", "/api/v1/workers", "/api/v1/workers/x")) {
      assertProblem(503, "POSTMASTER_DIED", 5031, send(path));
    }
    assertEquals(503, refused(connect()).getStatus());
  }

  @Test
  void whoWaitedInVainForTheStartIsAnsweredOnTheLoop() throws Exception {
    try (Logged logged = new Logged()) {
      assertEquals(503, send("/api/v1/status").statusCode());

      logged.await("GET /api/v1/status", 1);
      List<String> threads = logged.threads("GET /api/v1/status");
      assertTrue(threads.get(0).contains("vert.x-eventloop"), threads::toString);
    }
  }

  @Test
  void aForeignHostIsRefusedOnEveryPath() throws Exception {
    for (String path : List.of("/", "/api/v1/status", "/api/v1/workers", "/feed", "/nowhere")) {
      for (String host :
          List.of("evil.example", "localhost.evil.example", "127.0.0.1.evil:1", "")) {
        assertProblem(
            403,
            "FORBIDDEN",
            4030,
            get(request(HttpMethod.GET, path).putHeader("Host", host).send()));
      }
    }
  }

  @Test
  void ourOwnNamesAndTheConfiguredOnesAreAnswered() throws Exception {
    for (String host :
        List.of(
            "localhost", "LOCALHOST:1", "127.0.0.1:7432", "[::1]", "[::1]:7432", "ops.example:9")) {
      assertEquals(
          200, get(request(HttpMethod.GET, "/").putHeader("Host", host).send()).statusCode(), host);
    }
  }

  @Test
  void anUnknownPathIs404AndAWrongMethod405() throws Exception {
    assertProblem(404, "BAD_REQUEST", 4000, send("/api/v2/status"));
    for (String path : List.of("/", "/api/v1/status", "/api/v1/transitions")) {
      HttpResponse<Buffer> wrong = get(request(HttpMethod.POST, path).send());
      assertProblem(405, "BAD_REQUEST", 4000, wrong);
      assertEquals("GET, HEAD", wrong.getHeader("Allow"), path);
    }
    HttpResponse<Buffer> feed = get(request(HttpMethod.DELETE, "/feed").send());
    assertProblem(405, "BAD_REQUEST", 4000, feed);
    assertEquals("GET", feed.getHeader("Allow"));
  }

  @Test
  void aHeadHasTheHeadersOfAGetAndNoBody() throws Exception {
    HttpResponse<Buffer> head = get(request(HttpMethod.HEAD, "/").send());

    assertEquals(200, head.statusCode());
    assertEquals(send("/").getHeader("Content-Length"), head.getHeader("Content-Length"));
    assertEquals(null, head.body());
  }

  @Test
  void whatCannotBeDecodedIsABadRequest() throws Exception {
    assertProblem(400, "BAD_REQUEST", 4000, send("/api/v1/workers/%zz"));
    assertProblem(400, "BAD_REQUEST", 4000, send("/?x=%"));
    assertTrue(
        raw("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(9_000) + "\r\n\r\n")
            .startsWith("HTTP/1.1 431"));
    assertTrue(raw("BLAH\r\n\r\n").contains(" 400 "));
  }

  @Test
  void nothingIsCompressedAndNothingIsUpgradedToHttp2() throws Exception {
    String answer =
        raw(
            "GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip, deflate\r\n"
                + "Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n");

    assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
    assertFalse(answer.toLowerCase().contains("content-encoding"), answer);
    assertTrue(raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").contains(" 501 "));
  }

  private String raw(String text) throws Exception {
    NetClient net = vertx.createNetClient();
    CompletableFuture<String> answer = new CompletableFuture<>();
    Buffer got = Buffer.buffer();
    net.connect(server.port(), "127.0.0.1")
        .onSuccess(
            socket -> {
              socket.handler(
                  data -> {
                    got.appendBuffer(data);
                    if (got.toString().contains("\r\n\r\n")) {
                      answer.complete(got.toString());
                    }
                  });
              socket.closeHandler(closed -> answer.complete(got.toString()));
              socket.write(text);
            });
    return answer.get(10, TimeUnit.SECONDS);
  }

  private WebSocketConnectOptions feed() {
    return new WebSocketConnectOptions()
        .setHost("127.0.0.1")
        .setPort(server.port())
        .setURI("/feed");
  }

  private WebSocketConnectOptions connect() {
    return feed().addSubProtocol(Feed.PROTOCOL);
  }

  private UpgradeRejectedException refused(WebSocketConnectOptions options) {
    Future<WebSocket> connected = sockets.connect(options);
    ExecutionException failure = assertThrows(ExecutionException.class, () -> get(connected));
    return assertInstanceOf(UpgradeRejectedException.class, failure.getCause());
  }

  @Test
  void aForeignOriginIsRefusedBeforeTheUpgrade() {
    for (String origin :
        List.of(
            "http://evil.example",
            "null",
            "http://127.0.0.1:1",
            "https://127.0.0.1:" + server.port(),
            "http://localhost:" + server.port(),
            "https://ops.example.evil.example")) {
      UpgradeRejectedException refusal = refused(connect().putHeader("Origin", origin));
      assertEquals(403, refusal.getStatus(), origin);
      assertEquals("FORBIDDEN", refusal.getBody().toJsonObject().getString("code"));
    }
  }

  @Test
  void ourOwnOriginAConfiguredOneAndNoneGetPastThatCheck() {
    String own = "http://127.0.0.1:" + server.port();

    assertEquals(503, refused(connect().putHeader("Origin", own)).getStatus());
    assertEquals(503, refused(connect().putHeader("Origin", "https://ops.example")).getStatus());
    assertEquals(503, refused(connect().setAllowOriginHeader(false)).getStatus());
  }

  @Test
  void aCookieWithoutAnOriginIsRefused() {
    assertEquals(
        403, refused(connect().setAllowOriginHeader(false).putHeader("Cookie", "a=b")).getStatus());
  }

  @Test
  void theFeedWithoutItsSubprotocolIsABadRequest() throws Exception {
    assertEquals(400, refused(feed()).getStatus());
    UpgradeRejectedException other = refused(feed().addSubProtocol("postmaster.feed.v2+json"));
    assertEquals(400, other.getStatus());
    assertTrue(other.getBody().toJsonObject().getString("detail").contains(Feed.PROTOCOL));
    assertProblem(400, "BAD_REQUEST", 4000, send("/feed"));
  }

  @Test
  void theOriginIsLookedAtBeforeTheSubprotocol() {
    assertEquals(403, refused(feed().putHeader("Origin", "http://evil.example")).getStatus());
  }

  @Test
  void aTakenPortFailsTheBind() {
    WebOptions same = new WebOptions().setPort(server.port());

    assertThrows(ExecutionException.class, () -> get(WebServer.bind(vertx, same)));
  }

  @Test
  void faultyOptionsAreRefusedTogetherEachWithItsPath() {
    WebOptions faulty =
        new WebOptions()
            .setHost("0.0.0.0")
            .setPort(70_000)
            .setMaxConnections(0)
            .setAllowedOrigins(List.of("ops.example"));

    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> get(WebServer.bind(vertx, faulty)));

    String message = failure.getCause().getMessage();
    for (String path : List.of("host", "port", "maxConnections", "allowedOrigins")) {
      assertTrue(message.contains("http." + path + ": "), message);
    }
  }

  @Test
  void optionsGoThroughJsonUnchanged() {
    JsonObject json =
        new WebOptions()
            .setPort(1)
            .setAllowedHosts(List.of("a"))
            .setAllowedOrigins(List.of("http://a"))
            .setMaxConnections(2)
            .setMaxConnectionsPerAddress(3)
            .toJson();

    assertEquals(json, new WebOptions(json).toJson());
    assertEquals(json, new WebOptions(new WebOptions(json)).toJson());
  }

  @Test
  void aClosedServerFreesItsPort() throws Exception {
    int port = server.port();
    get(server.close());

    WebServer again = get(WebServer.bind(vertx, new WebOptions().setPort(port)));

    assertEquals(port, again.port());
  }
}
