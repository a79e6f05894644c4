package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static dev.postmaster.web.Web.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.Cause;
import dev.postmaster.Flag;
import dev.postmaster.Phase;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.Readiness;
import dev.postmaster.ShutdownMode;
import dev.postmaster.ShutdownReport;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.HeldLoop;
import dev.postmaster.support.Life;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code /health/…} answers in each situation. */
class HealthTest {

  private static final String LIVE = "/health/live";
  private static final String READY = "/health/ready";
  private static final String STARTUP = "/health/startup";

  private final CountDownLatch release = new CountDownLatch(1);

  /** On loops of its own: one of the others is held. */
  private final Vertx vertx = Vertx.vertx();

  private final WebClient client = WebClient.create(vertx);
  private Web web;

  @AfterEach
  void close() throws Exception {
    release.countDown();
    if (web != null) {
      web.close();
    }
    get(vertx.close());
  }

  private void start(PostmasterOptions of, WebOptions options) throws Exception {
    web = Web.started(of, options);
  }

  private void start() throws Exception {
    start(Life.options(), new WebOptions().setToken(Web.TOKEN));
  }

  private HttpResponse<Buffer> ask(String path) throws Exception {
    return get(client.get(web.server.port(), "127.0.0.1", path).send());
  }

  private void assertAnswers(int status, String path) throws Exception {
    HttpResponse<Buffer> response = ask(path);
    assertEquals(status, response.statusCode(), response::bodyAsString);
    assertEquals("application/json", response.getHeader("Content-Type"));
    assertEquals(status == 200 ? "UP" : "DOWN", response.bodyAsJsonObject().getString("status"));
  }

  private void assertAnswers(int live, int startup, int ready) throws Exception {
    assertAnswers(live, LIVE);
    assertAnswers(startup, STARTUP);
    assertAnswers(ready, READY);
  }

  /** Asks until that is the answer: what is published follows a turn later than what was told. */
  private HttpResponse<Buffer> until(int status, String path) throws Exception {
    for (int n = 0; n < 20_000; n++) {
      HttpResponse<Buffer> response = ask(path);
      if (response.statusCode() == status) {
        return response;
      }
    }
    throw new TimeoutException(path + " never answered " + status);
  }

  /** What stands under that name in an answer. */
  private static JsonObject check(HttpResponse<Buffer> response, String id) {
    return response.bodyAsJsonObject().getJsonArray("checks").stream()
        .map(JsonObject.class::cast)
        .filter(check -> check.getString("id").equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static void assertOnlyDown(HttpResponse<Buffer> response, String id) {
    for (Object each : response.bodyAsJsonObject().getJsonArray("checks")) {
      JsonObject check = (JsonObject) each;
      String expected = check.getString("id").equals(id) ? "DOWN" : "UP";
      assertEquals(expected, check.getString("status"), response::bodyAsString);
    }
  }

  private WorkerHandle register(WorkerSpec spec) throws Exception {
    return get(web.postmaster.register(spec));
  }

  private void awaitDeaf() {
    while (release.getCount() > 0) {
      try {
        release.await();
      } catch (InterruptedException ignored) {
        continue;
      }
    }
  }

  @Test
  void beforeThereIsAPostmasterItIsLiveAndNothingElseAndSaysSoAtOnce() throws Exception {
    WebServer server = get(WebServer.bind(vertx, new WebOptions().setPort(0)));
    Future<HttpResponse<Buffer>> waits =
        client.get(server.port(), "127.0.0.1", "/api/v1/status").send();

    for (String path : List.of(LIVE, STARTUP, READY)) {
      HttpResponse<Buffer> response = get(client.get(server.port(), "127.0.0.1", path).send());
      assertEquals(path.equals(LIVE) ? 200 : 503, response.statusCode(), path);
    }

    assertFalse(waits.isComplete(), "who asks for the status waits for the start, health does not");
  }

  @Test
  void aPostmasterThatWasNotStartedIsLiveAndNothingElse() throws Exception {
    try (Life life = Life.built(Life.options())) {
      WebServer server =
          get(WebServer.start(life.vertx, life.postmaster, new WebOptions().setPort(0)));
      for (String path : List.of(LIVE, STARTUP, READY)) {
        HttpResponse<Buffer> response = get(client.get(server.port(), "127.0.0.1", path).send());
        assertEquals(path.equals(LIVE) ? 200 : 503, response.statusCode(), path);
      }
    }
  }

  @Test
  void itIsStartedUpOnceThePhaseRunIsReached() throws Exception {
    start(Life.options().setPhase(Phase.STARTUP), new WebOptions());

    assertAnswers(200, 503, 503);
    assertEquals("STARTUP", phase(ask(STARTUP)));
    get(web.postmaster.advance(Phase.CONSISTENT));
    until("CONSISTENT");
    assertAnswers(200, 503, 503);
    get(web.postmaster.advance(Phase.RUN));
    until(200, STARTUP);
    assertAnswers(200, 200, 200);
  }

  private static String phase(HttpResponse<Buffer> response) {
    return check(response, "phase").getJsonObject("data").getString("phase");
  }

  private void until(String phase) throws Exception {
    for (int n = 0; n < 20_000; n++) {
      if (phase(ask(STARTUP)).equals(phase)) {
        return;
      }
    }
    throw new TimeoutException("never " + phase);
  }

  @Test
  void aCriticalWorkerThatIsNotReadyIsNamedUntilItIs() throws Exception {
    start();
    CompletableFuture<dev.postmaster.WorkerContext> context = new CompletableFuture<>();
    BackgroundWorker main =
        run -> {
          context.complete(run);
          Web.idle(run);
        };
    register(WorkerSpec.of("bystander", () -> Web::idle).ready(Readiness.SAID));
    assertAnswers(200, 200, 200);

    WorkerHandle db =
        register(WorkerSpec.of("db", () -> main).ready(Readiness.SAID).critical(true));
    get(db.awaitStarted());

    HttpResponse<Buffer> response = until(503, READY);
    assertOnlyDown(response, "critical");
    assertEquals(
        new JsonObject().put("workers", new JsonArray().add("db")).put("count", 1),
        check(response, "critical").getJsonObject("data"));
    assertAnswers(200, 200, 503);
    context.get().ready();
    get(db.awaitReady());
    until(200, READY);
    context.get().notReady();
    until(503, READY);
    get(db.terminate());
    get(db.awaitGone());
    until(200, READY);
  }

  @Test
  void ofManyThirtyTwoAreNamedAndAllAreCounted() throws Exception {
    start();
    for (int n = 0; n < 40; n++) {
      register(WorkerSpec.of("w" + n, () -> context -> {}).critical(true).requires("nobody"));
    }

    JsonObject data = check(until(503, READY), "critical").getJsonObject("data");

    assertEquals(40, data.getInteger("count"));
    assertEquals(32, data.getJsonArray("workers").size());
    assertEquals("w0", data.getJsonArray("workers").getString(0));
  }

  @Test
  void whatAFailedWorkerSaidIsNotShown() throws Exception {
    start();
    BackgroundWorker main =
        context -> {
          throw new IllegalStateException("the password is swordfish");
        };
    WorkerHandle failing =
        register(
            WorkerSpec.of("failing", () -> main).critical(true).restartAfter(Duration.ofHours(1)));
    web.life.watch.await(t -> t.to() == WorkerState.BACKOFF);

    String body = until(503, READY).bodyAsString();

    assertTrue(body.contains("failing"), body);
    assertFalse(body.contains("swordfish"), body);
    assertTrue(failing.status().last().message().contains("swordfish"));
  }

  @Test
  void duringACrashCycleItIsNotReadyAndTheDomainIsNamed() throws Exception {
    start();
    WorkerSpec member =
        WorkerSpec.of("member", () -> context -> awaitDeaf())
            .flags(Flag.SHARED_MEMORY)
            .domain("memory");
    get(register(member).awaitStarted());
    assertAnswers(200, 200, 200);

    register(
        WorkerSpec.of("crasher", () -> context -> context.exit(2))
            .flags(Flag.SHARED_MEMORY)
            .domain("memory")
            .neverRestart());

    web.life.watch.await(t -> t.cause() == Cause.CRASH_BEGIN);
    HttpResponse<Buffer> response = until(503, READY);
    assertOnlyDown(response, "crash-cycle");
    assertEquals(
        new JsonObject().put("domains", new JsonArray().add("memory")).put("count", 1),
        check(response, "crash-cycle").getJsonObject("data"));
    assertAnswers(200, 200, 503);
    release.countDown();
    web.life.watch.await(t -> t.cause() == Cause.CRASH_END);
    until(200, READY);
  }

  @Test
  void fromTheBeginningOfAShutdownItIsReadyNoMore() throws Exception {
    start();
    get(register(WorkerSpec.of("slow", () -> context -> awaitDeaf())).awaitStarted());

    Future<ShutdownReport> report = web.postmaster.shutdown(ShutdownMode.FAST);

    HttpResponse<Buffer> response = until(503, READY);
    assertFalse(report.isComplete());
    assertOnlyDown(response, "shutdown");
    assertAnswers(200, 200, 503);
    release.countDown();
    get(report);
    assertAnswers(200, 200, 503);
  }

  @Test
  void whileTheLoopIsHeldItIsNotLive() throws Exception {
    start(Life.options(), new WebOptions().setTurnLimit(Duration.ofMillis(3_000)));
    assertAnswers(200, 200, 200);

    HeldLoop held = HeldLoop.of(web.life.vertx, web.postmaster);
    try {
      HttpResponse<Buffer> response = until(503, LIVE);
      long sinceMs = check(response, "loop").getJsonObject("data").getLong("sinceTurnMs");
      assertTrue(sinceMs >= 3_000, () -> "after " + sinceMs + " ms");
      assertAnswers(503, 200, 200);
    } finally {
      held.letGo();
    }

    until(200, LIVE);
    assertTrue(web.postmaster.vitals().lag().toMillis() >= 2_000, "that it was late is remembered");
  }

  @Test
  void noTokenIsNeededWhereReadingNeedsOne() throws Exception {
    start(Life.options(), new WebOptions().setToken(Web.TOKEN).setRequireTokenForRead(true));

    assertAnswers(200, 200, 200);
    assertProblem(401, "UNAUTHENTICATED", ask("/api/v1/status"));
    assertProblem(401, "UNAUTHENTICATED", ask("/metrics"));
    assertEquals(200, get(web.bearer(HttpMethod.GET, "/metrics").send()).statusCode());
  }

  @Test
  void theRulesOfHostAndSiteHoldHereToo() throws Exception {
    start();

    assertProblem(
        403, "FORBIDDEN", web.get(LIVE, MultiMap.caseInsensitiveMultiMap().add("Host", "evil")));
    assertProblem(
        403,
        "FORBIDDEN",
        web.get(READY, MultiMap.caseInsensitiveMultiMap().add("Sec-Fetch-Site", "cross-site")));
    assertProblem(405, "BAD_REQUEST", web.post(READY, new JsonObject()));
    HttpResponse<Buffer> head = get(web.request(HttpMethod.HEAD, READY).send());
    assertEquals(200, head.statusCode());
    assertEquals(null, head.body());
    assertEquals("no-store", head.getHeader("Cache-Control"));
  }
}
