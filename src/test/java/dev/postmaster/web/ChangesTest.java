package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static dev.postmaster.web.Web.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.Transition;
import dev.postmaster.WorkerHandle;
import dev.postmaster.support.Life;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Registering, terminating, signals, pauses, long polls and pages of the journal over HTTP. */
class ChangesTest {

  private static final JsonObject ALL = new JsonObject().put("all", true);

  private Web web;

  @BeforeEach
  void start() throws Exception {
    web = Web.started(new WebOptions().setToken(Web.TOKEN));
  }

  @AfterEach
  void end() {
    web.close();
  }

  private static JsonObject sentinel(String name) {
    return new JsonObject()
        .put("name", name)
        .put("library", "postmaster")
        .put("function", "sentinel")
        .put("args", new JsonObject().put("address", "somewhere"))
        .put("restart", "never");
  }

  private Transition last(String cause) {
    return web.postmaster.transitionsAfter(0).transitions().stream()
        .filter(t -> t.cause().word().equals(cause))
        .reduce((one, other) -> other)
        .orElseThrow();
  }

  @Test
  void aRegistrationIs201WithItsPlace() throws Exception {
    HttpResponse<Buffer> made = web.post("/api/v1/workers", sentinel("s"));

    assertEquals(201, made.statusCode(), made::bodyAsString);
    String handle = made.bodyAsJsonObject().getString("handle");
    assertEquals("/api/v1/workers/" + handle, made.getHeader("Location"));
    assertEquals(0, made.bodyAsJsonObject().getInteger("slot"));
    assertEquals(1, made.bodyAsJsonObject().getInteger("generation"));
    assertEquals("s", web.get(made.getHeader("Location")).bodyAsJsonObject().getString("name"));
    assertEquals(By.ADMIN, last("registered").by());
  }

  @Test
  void aTerminationIs202AndMayBeRepeated() throws Exception {
    String path = "/api/v1/workers/" + web.idle("w").handle();

    HttpResponse<Buffer> first = web.delete(path);
    HttpResponse<Buffer> gone = web.get(path + "?await=gone");
    HttpResponse<Buffer> again = web.delete(path);

    assertEquals(202, first.statusCode(), first::bodyAsString);
    assertEquals("STOPPING", first.bodyAsJsonObject().getString("state"));
    assertEquals("gone", gone.bodyAsJsonObject().getString("outcome"));
    assertEquals(202, again.statusCode(), again::bodyAsString);
    assertEquals(By.ADMIN, last("terminate").by());
  }

  @Test
  void aWorkerIsAlsoFoundByItsNameOrSlot() throws Exception {
    web.idle("a b");
    web.idle("c");

    assertEquals(202, web.delete("/api/v1/workers/a%20b").statusCode());
    assertEquals(202, web.delete("/api/v1/workers/%231").statusCode());
    assertProblem(404, "UNKNOWN_WORKER", web.delete("/api/v1/workers/nobody"));
  }

  @Test
  void theHandleOfAnotherTenantOrEpochIsStale() throws Exception {
    WorkerHandle handle = web.idle("w");
    String other = handle.handle().toString().replaceAll("1$", "2");

    assertProblem(409, "STALE_HANDLE", web.delete("/api/v1/workers/" + other));
    assertProblem(
        409, "STALE_HANDLE", web.delete("/api/v1/workers/01JDA3K5ZV7Q0000000000000A.0.1"));
  }

  @Test
  void aKeyRegistersOnceOnly() throws Exception {
    JsonObject spec = sentinel("s");
    HttpResponse<Buffer> first = keyed("k", spec);
    HttpResponse<Buffer> again = keyed("k", spec);

    assertEquals(first.bodyAsString(), again.bodyAsString());
    assertEquals(1, web.postmaster.list().size());
    assertProblem(400, "BAD_REQUEST", keyed("k", sentinel("other")));
    assertProblem(400, "BAD_REQUEST", keyed("k".repeat(65), sentinel("other")));
  }

  private HttpResponse<Buffer> keyed(String key, JsonObject spec) throws Exception {
    return get(
        web.bearer(HttpMethod.POST, "/api/v1/workers")
            .putHeader("Idempotency-Key", key)
            .sendJsonObject(spec));
  }

  @Test
  void aLimitSaysWhoHoldsIt() throws Exception {
    try (Web small =
        Web.started(Life.options().setMaxWorkers(1), new WebOptions().setToken(Web.TOKEN))) {
      WorkerHandle holder = small.idle("holder");

      HttpResponse<Buffer> refused = small.post("/api/v1/workers", sentinel("s"));

      assertProblem(409, "NO_FREE_SLOT", refused);
      JsonObject problem = refused.bodyAsJsonObject();
      assertEquals(1, problem.getInteger("limit"));
      assertEquals(1, problem.getInteger("used"));
      assertEquals(
          holder.handle().toString(),
          problem.getJsonArray("holders").getJsonObject(0).getString("handle"));
    }
  }

  @Test
  void whatIsNoSpecificationIsRefusedWithItsField() throws Exception {
    for (JsonObject bad :
        List.of(
            sentinel("s").put("restart", "soon"),
            sentinel("s").put("nonsense", 1),
            sentinel("").put("x", 1),
            sentinel("s").putNull("name"))) {
      assertProblem(422, "INVALID_SPEC", web.post("/api/v1/workers", bad));
    }
    assertProblem(
        422,
        "UNKNOWN_ENTRY_POINT",
        web.post("/api/v1/workers", sentinel("s").put("function", "x")));
  }

  @Test
  void aBodyThatIsNoneIsABadRequest() throws Exception {
    for (String body :
        List.of("", "[]", "1", "nonsense", "{", "\"text\"", "{\"a\":" + "[".repeat(50))) {
      HttpResponse<Buffer> answer =
          get(
              web.bearer(HttpMethod.POST, "/api/v1/pause")
                  .putHeader("Content-Type", "application/json")
                  .sendBuffer(Buffer.buffer(body)));
      assertProblem(400, "BAD_REQUEST", answer);
    }
    HttpResponse<Buffer> large =
        get(
            web.bearer(HttpMethod.POST, "/api/v1/pause")
                .putHeader("Content-Type", "application/json")
                .sendBuffer(Buffer.buffer("x".repeat(64 * 1_024 + 1))));
    assertProblem(400, "BAD_REQUEST", large);
    assertTrue(large.bodyAsString().contains("larger than 65536"), large::bodyAsString);
  }

  @Test
  void pausesDrainsAndSignalsAreThoseOfTheBus() throws Exception {
    WorkerHandle handle = web.idle("w");

    assertEquals(1, web.post("/api/v1/pause", ALL).bodyAsJsonObject().getInteger("workers"));
    assertTrue(handle.status().paused());
    assertEquals(1, web.post("/api/v1/resume", ALL).bodyAsJsonObject().getInteger("workers"));
    HttpResponse<Buffer> signalled =
        web.post(
            "/api/v1/workers/" + handle.handle() + "/signal",
            new JsonObject().put("signal", "TERM"));
    assertEquals(202, signalled.statusCode(), signalled::bodyAsString);
    get(handle.awaitStopped());
    assertEquals(
        202, web.post("/api/v1/advance", new JsonObject().put("phase", "RUN")).statusCode());
    assertProblem(
        400, "BAD_REQUEST", web.post("/api/v1/advance", new JsonObject().put("phase", "STARTUP")));
    assertProblem(
        400,
        "BAD_REQUEST",
        web.post(
            "/api/v1/workers/w/signal", new JsonObject().put("signal", "TERM").put("all", true)));
  }

  @Test
  void aLongPollThatRunsOutIsAnAnswer() throws Exception {
    WorkerHandle handle = web.idle("w");

    HttpResponse<Buffer> late =
        web.get("/api/v1/workers/" + handle.handle() + "?await=gone&timeoutMs=1");

    assertEquals(200, late.statusCode(), late::bodyAsString);
    JsonObject outcome = late.bodyAsJsonObject();
    assertEquals("timeout", outcome.getString("outcome"));
    assertEquals("RUNNING", outcome.getString("state"));
    assertNull(outcome.getValue("exit", 1));
    assertProblem(
        400,
        "BAD_REQUEST",
        web.get("/api/v1/workers/" + handle.handle() + "?await=gone&timeoutMs=30001"));
  }

  @Test
  void aShutdownIsOffUnlessItIsAllowed() throws Exception {
    JsonObject fast = new JsonObject().put("mode", "fast");
    assertProblem(403, "FORBIDDEN", web.post("/api/v1/shutdown", fast));

    try (Web allowed = Web.started(new WebOptions().setToken(Web.TOKEN).setAllowShutdown(true))) {
      HttpResponse<Buffer> answer = allowed.post("/api/v1/shutdown", fast);
      assertEquals(202, answer.statusCode(), answer::bodyAsString);
      assertEquals("fast", answer.bodyAsJsonObject().getString("mode"));
      get(allowed.postmaster.ended());
    }
  }

  @Test
  void entryPointsComeWithTheirSchemas() throws Exception {
    JsonObject all = web.get("/api/v1/entry-points").bodyAsJsonObject();

    JsonObject first = all.getJsonArray("entryPoints").getJsonObject(0);
    assertTrue(
        first.fieldNames().containsAll(List.of("library", "function", "description", "schema")));
  }
}
