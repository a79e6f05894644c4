package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static dev.postmaster.web.Web.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.PostmasterException;
import dev.postmaster.Transition;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may read and who may change: tokens, sessions, and pages of other sites. */
class AuthenticationTest {

  private static final JsonObject ALL = new JsonObject().put("all", true);
  private static final String CSRF = "X-Postmaster-Csrf";

  private Web web;
  private long now;

  @BeforeEach
  void start() throws Exception {
    web = Web.started();
  }

  @AfterEach
  void end() {
    web.close();
  }

  private HttpRequest<Buffer> pause() {
    return web.request(HttpMethod.POST, "/api/v1/pause");
  }

  private HttpResponse<Buffer> withToken(String token) throws Exception {
    return get(pause().bearerTokenAuthentication(token).sendJsonObject(ALL));
  }

  @Test
  void whoShowsNothingReadsAndChangesNothing() throws Exception {
    HttpResponse<Buffer> refused = get(pause().sendJsonObject(ALL));

    assertEquals(200, web.get("/api/v1/status").statusCode());
    assertProblem(401, "UNAUTHENTICATED", refused);
    assertEquals("Bearer", refused.getHeader("WWW-Authenticate"));
  }

  @Test
  void aWrongTokenIsRefusedForReadingToo() throws Exception {
    for (String wrong : List.of("", "x", Web.TOKEN + "x", Web.TOKEN.substring(1))) {
      assertProblem(
          401,
          "UNAUTHENTICATED",
          web.get(
              "/api/v1/status",
              MultiMap.caseInsensitiveMultiMap().add("Authorization", "Bearer " + wrong)));
    }
    assertProblem(
        401,
        "UNAUTHENTICATED",
        web.get(
            "/api/v1/status",
            MultiMap.caseInsensitiveMultiMap().add("Authorization", "Basic YTpi")));
  }

  @Test
  void afterFiveWrongTokensNobodyThereIsHeard() throws Exception {
    for (int n = 0; n < 5; n++) {
      assertProblem(401, "UNAUTHENTICATED", withToken("wrong"));
    }
    HttpResponse<Buffer> limited = withToken(Web.TOKEN);

    assertProblem(429, "RATE_LIMITED", limited);
    assertTrue(limited.bodyAsJsonObject().getLong("retryMs") > 0);
    assertNotNull(limited.getHeader("Retry-After"));
    assertEquals(200, web.get("/api/v1/status").statusCode());
  }

  @Test
  void aMinuteLaterTheyAreHeardAgain() {
    FailedLogins failures = new FailedLogins(() -> now);
    for (int n = 0; n < FailedLogins.MAX; n++) {
      failures.check("a");
      failures.failed("a");
    }
    assertThrows(PostmasterException.class, () -> failures.check("a"));
    failures.check("b");
    now = TimeUnit.MINUTES.toNanos(1) - 1;
    assertThrows(PostmasterException.class, () -> failures.check("a"));
    now++;
    failures.check("a");
  }

  @Test
  void manyAddressesThatFailAreTakenForOne() {
    FailedLogins failures = new FailedLogins(() -> now);
    for (int n = 0; n < FailedLogins.ADDRESSES_MAX + FailedLogins.MAX; n++) {
      failures.check("a" + n);
      failures.failed("a" + n);
    }

    assertThrows(PostmasterException.class, () -> failures.check("another"));
    failures.check("a0");
    now = TimeUnit.MINUTES.toNanos(1);
    failures.failed("another");
    failures.check("another");
  }

  private String login() throws Exception {
    HttpResponse<Buffer> in =
        get(
            web.request(HttpMethod.POST, "/api/v1/session")
                .sendJsonObject(new JsonObject().put("token", Web.TOKEN)));
    assertEquals(200, in.statusCode(), in::bodyAsString);
    assertEquals("admin", in.bodyAsJsonObject().getString("role"));
    String cookie = in.getHeader("Set-Cookie");
    assertTrue(cookie.contains("HTTPOnly") && cookie.contains("SameSite=Strict"), cookie);
    assertTrue(cookie.contains("Path=/") && !cookie.contains(Web.TOKEN), cookie);
    return cookie.split(";")[0];
  }

  private String own() {
    return "http://127.0.0.1:" + web.server.port();
  }

  @Test
  void aSessionChangesOnlyWithTheHeaderThatNoFormCanSend() throws Exception {
    String cookie = login();

    assertEquals(
        202,
        get(pause().putHeader("Cookie", cookie).putHeader(CSRF, "1").sendJsonObject(ALL))
            .statusCode());
    assertProblem(403, "FORBIDDEN", get(pause().putHeader("Cookie", cookie).sendJsonObject(ALL)));
    assertProblem(
        403,
        "FORBIDDEN",
        get(pause().putHeader("Cookie", cookie).putHeader(CSRF, "0").sendJsonObject(ALL)));
  }

  @Test
  void aSessionEnds() throws Exception {
    String cookie = login();
    HttpResponse<Buffer> out =
        get(
            web.request(HttpMethod.DELETE, "/api/v1/session")
                .putHeader("Cookie", cookie)
                .putHeader(CSRF, "1")
                .send());

    assertEquals(204, out.statusCode());
    assertProblem(
        401,
        "UNAUTHENTICATED",
        get(pause().putHeader("Cookie", cookie).putHeader(CSRF, "1").sendJsonObject(ALL)));
  }

  @Test
  void aSessionIsNotGuessedAndNotBegunWithoutTheToken() throws Exception {
    assertProblem(
        401,
        "UNAUTHENTICATED",
        get(
            pause()
                .putHeader("Cookie", Sessions.COOKIE + "=0123456789abcdef")
                .putHeader(CSRF, "1")
                .sendJsonObject(ALL)));
    for (JsonObject body : List.of(new JsonObject(), new JsonObject().put("token", 1), ALL)) {
      HttpResponse<Buffer> bad =
          get(web.request(HttpMethod.POST, "/api/v1/session").sendJsonObject(body));
      assertProblem(400, "BAD_REQUEST", bad);
    }
    HttpResponse<Buffer> wrong =
        get(
            web.request(HttpMethod.POST, "/api/v1/session")
                .sendJsonObject(new JsonObject().put("token", "wrong")));
    assertProblem(401, "UNAUTHENTICATED", wrong);
    assertFalse(wrong.headers().contains("Set-Cookie"));
  }

  @Test
  void aPageOfAnotherSiteChangesNothingEvenWithTheToken() throws Exception {
    for (String origin :
        List.of(
            "http://evil.example",
            "null",
            own().replace("http", "https"),
            own() + "1",
            "http://127.0.0.1",
            "http://127.0.0.1.evil.example:" + web.server.port())) {
      assertProblem(
          403,
          "FORBIDDEN",
          get(
              pause()
                  .bearerTokenAuthentication(Web.TOKEN)
                  .putHeader("Origin", origin)
                  .sendJsonObject(ALL)));
    }
    assertEquals(
        202,
        get(pause()
                .bearerTokenAuthentication(Web.TOKEN)
                .putHeader("Origin", own())
                .sendJsonObject(ALL))
            .statusCode());
  }

  @Test
  void aFormCannotSendWhatIsTaken() throws Exception {
    for (String type :
        List.of("text/plain", "application/x-www-form-urlencoded", "text/json", "")) {
      HttpResponse<Buffer> refused =
          get(
              pause()
                  .bearerTokenAuthentication(Web.TOKEN)
                  .putHeader("Content-Type", type)
                  .sendBuffer(ALL.toBuffer()));
      assertProblem(415, "BAD_REQUEST", refused);
    }
    assertEquals(
        202,
        get(pause()
                .bearerTokenAuthentication(Web.TOKEN)
                .putHeader("Content-Type", "application/json; charset=utf-8")
                .sendBuffer(ALL.toBuffer()))
            .statusCode());
  }

  @Test
  void everyRefusedChangeStandsInTheJournalWithWhoAsked() throws Exception {
    get(pause().sendJsonObject(ALL));
    get(pause().sendJsonObject(ALL));
    withToken("wrong");
    get(
        web.bearer(HttpMethod.POST, "/api/v1/pause")
            .putHeader("Origin", "http://evil.example")
            .sendJsonObject(ALL));
    web.post("/api/v1/pause", new JsonObject().put("nonsense", 1));
    web.get("/api/v1/workers/nobody");

    List<Transition> refused = new ArrayList<>();
    for (long after = 0; refused.size() < 3; ) {
      Transition next = web.life.watch.await(refusedAfter(after));
      refused.add(next);
      after = next.seq();
    }
    assertEquals(
        List.of(
            "UNAUTHENTICATED 127.0.0.1 by system",
            "FORBIDDEN 127.0.0.1 by admin",
            "BAD_REQUEST admin by admin"),
        refused.stream().map(t -> t.message() + " by " + t.by().word()).toList());
  }

  private static Predicate<Transition> refusedAfter(long seq) {
    return t -> t.cause() == Cause.REFUSED && t.seq() > seq;
  }

  @Test
  void readingCanNeedTheTokenToo() throws Exception {
    try (Web closed =
        Web.started(new WebOptions().setToken(Web.TOKEN).setRequireTokenForRead(true))) {
      assertProblem(401, "UNAUTHENTICATED", closed.get("/api/v1/status"));
      assertProblem(401, "UNAUTHENTICATED", closed.get("/feed"));
      assertEquals(200, get(closed.bearer(HttpMethod.GET, "/api/v1/status").send()).statusCode());
    }
  }

  @Test
  void withoutATokenNobodyChangesAnything() throws Exception {
    try (Web none = Web.started(new WebOptions())) {
      assertProblem(401, "UNAUTHENTICATED", none.post("/api/v1/pause", ALL));
      assertEquals(200, none.get("/api/v1/status").statusCode());
    }
  }

  @Test
  void aPageOfAnotherSiteTakesNoPlaceEither() throws Exception {
    for (String site : List.of("cross-site", "same-site")) {
      MultiMap headers =
          MultiMap.caseInsensitiveMultiMap()
              .add("Sec-Fetch-Site", site)
              .add("Sec-Fetch-Mode", "no-cors")
              .add("Accept", "text/event-stream");
      for (String path :
          List.of("/", "/api/v1/transitions", "/api/v1/workers/w?await=gone", "/api/v1/status")) {
        assertProblem(403, "FORBIDDEN", web.get(path, headers));
      }
    }
    MultiMap link =
        MultiMap.caseInsensitiveMultiMap()
            .add("Sec-Fetch-Site", "cross-site")
            .add("Sec-Fetch-Mode", "navigate")
            .add("Sec-Fetch-Dest", "document");
    assertEquals(200, web.get("/", link).statusCode());
    assertProblem(403, "FORBIDDEN", web.get("/api/v1/status", link));
    MultiMap own = MultiMap.caseInsensitiveMultiMap().add("Sec-Fetch-Site", "same-origin");
    assertEquals(200, web.get("/api/v1/status", own).statusCode());
  }

  @Test
  void aChangeOfAWorkerThatIsNotThereStandsInTheJournalToo() throws Exception {
    assertProblem(404, "UNKNOWN_WORKER", web.delete("/api/v1/workers/nobody"));

    Transition refused = web.life.watch.await(t -> t.cause() == Cause.REFUSED);
    assertEquals("UNKNOWN_WORKER 127.0.0.1", refused.message());
    assertEquals("admin", refused.by().word());
  }
}
