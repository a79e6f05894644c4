package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Postmaster;
import dev.postmaster.StatusJson;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Life;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Status and workers of a real postmaster, over HTTP. */
class RestApiTest {

  private Life life;
  private Postmaster postmaster;
  private WebServer server;
  private WebClient client;

  @BeforeEach
  void start() throws Exception {
    life = Life.started();
    postmaster = life.postmaster;
    server = get(WebServer.start(life.vertx, postmaster, new WebOptions().setPort(0)));
    client = WebClient.create(life.vertx);
  }

  @AfterEach
  void end() {
    life.close();
  }

  private WorkerHandle idle(String name, String type) throws Exception {
    WorkerSpec spec =
        WorkerSpec.of(
            name,
            () ->
                context -> {
                  while (true) {
                    context.checkInterrupts();
                    context.awaitLatch(Duration.ofHours(1));
                  }
                });
    WorkerHandle handle = get(postmaster.register(spec.type(type)));
    get(handle.awaitReady());
    return handle;
  }

  private WorkerHandle failed(String name) throws Exception {
    WorkerSpec spec =
        WorkerSpec.of(
            name,
            () ->
                context -> {
                  throw new IllegalStateException("boom");
                });
    WorkerHandle handle = get(postmaster.register(spec.restartAfter(Duration.ofHours(1))));
    life.watch.await(t -> t.name().equals(name) && t.to().word().equals("BACKOFF"));
    return handle;
  }

  private HttpResponse<Buffer> send(String path) throws Exception {
    return get(client.get(server.port(), "127.0.0.1", path).send());
  }

  private JsonObject json(String path) throws Exception {
    HttpResponse<Buffer> response = send(path);
    assertEquals(200, response.statusCode(), response::bodyAsString);
    assertEquals("application/json", response.getHeader("Content-Type"));
    return response.bodyAsJsonObject();
  }

  private JsonObject problem(int status, String code, String path) throws Exception {
    HttpResponse<Buffer> response = send(path);
    assertEquals(status, response.statusCode(), path);
    assertEquals("application/problem+json", response.getHeader("Content-Type"));
    assertEquals(code, response.bodyAsJsonObject().getString("code"), path);
    return response.bodyAsJsonObject();
  }

  private static List<String> names(JsonObject page) {
    return page.getJsonArray("workers").stream()
        .map(worker -> ((JsonObject) worker).getString("name"))
        .toList();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Test
  void theStatusHasTheFieldsOfTheProtocol() throws Exception {
    idle("a", "idle");
    failed("b");

    JsonObject status = json("/api/v1/status");

    assertEquals(
        List.of(
            "name",
            "version",
            "epoch",
            "seq",
            "phase",
            "shutdown",
            "startedAt",
            "upMs",
            "workers",
            "abandoned",
            "clients",
            "slots",
            "parallel",
            "domains",
            "journal",
            "transport"),
        List.copyOf(status.fieldNames()));
    assertEquals("default", status.getString("name"));
    assertEquals(postmaster.epoch(), status.getString("epoch"));
    assertEquals(postmaster.transitions().head(), status.getLong("seq"));
    assertEquals("RUN", status.getString("phase"));
    assertEquals(null, status.getValue("shutdown"));
    assertEquals(postmaster.status().startedAt(), status.getLong("startedAt"));
    assertTrue(status.getLong("upMs") >= 0);
    assertEquals(
        "{\"REGISTERED\":0,\"STARTING\":0,\"RUNNING\":1,\"STOPPING\":0,\"BACKOFF\":1,"
            + "\"PARKED\":0,\"ABANDONED\":0}",
        status.getJsonObject("workers").encode());
    assertEquals(0, status.getInteger("abandoned"));
    assertEquals(0, status.getInteger("clients"));
    assertEquals("{\"used\":2,\"total\":64}", status.getJsonObject("slots").encode());
    assertEquals("{\"active\":0,\"limit\":8}", status.getJsonObject("parallel").encode());
    assertEquals("nio", status.getString("transport"));
  }

  @Test
  void theStatusDescribesTheJournal() throws Exception {
    JsonObject journal = json("/api/v1/status").getJsonObject("journal");

    assertEquals(
        List.of("path", "capacity", "head", "oldest", "state"), List.copyOf(journal.fieldNames()));
    assertEquals(null, journal.getValue("path"));
    assertEquals(8_192, journal.getInteger("capacity"));
    assertEquals(postmaster.transitions().head(), journal.getLong("head"));
    assertEquals(postmaster.transitions().oldest(), journal.getLong("oldest"));
    assertEquals("OPEN", journal.getString("state"));
  }

  @Test
  void theStatusSaysThatItGoesDown() throws Exception {
    get(postmaster.attach());
    var ended = postmaster.shutdown(dev.postmaster.ShutdownMode.SMART);
    life.watch.await(t -> t.cause() == dev.postmaster.Cause.SHUTDOWN_BEGIN);

    // The mode is recorded first and published at the end of the same turn.
    JsonObject status = json("/api/v1/status");

    assertEquals("smart", status.getJsonObject("shutdown").getString("mode"));
    assertEquals(1, status.getInteger("clients"));
    assertTrue(status.getJsonObject("shutdown").getLong("since") > 0);
    postmaster.shutdown(dev.postmaster.ShutdownMode.FAST);
    get(ended);
  }

  @Test
  void workersComeInPagesBySlot() throws Exception {
    for (String name : List.of("a", "b", "c", "d", "e")) {
      idle(name, name);
    }

    JsonObject first = json("/api/v1/workers?limit=2");
    JsonObject second = json("/api/v1/workers?limit=2&after=" + first.getInteger("next"));
    JsonObject third = json("/api/v1/workers?limit=2&after=" + second.getInteger("next"));

    assertEquals(List.of("a", "b"), names(first));
    assertEquals(List.of("c", "d"), names(second));
    assertEquals(List.of("e"), names(third));
    assertEquals(null, third.getValue("next"));
    assertEquals(null, json("/api/v1/workers?limit=5").getValue("next"));
    assertEquals(List.of("epoch", "seq", "workers", "next"), List.copyOf(first.fieldNames()));
    assertEquals(postmaster.epoch(), first.getString("epoch"));
    assertEquals(postmaster.transitions().head(), first.getLong("seq"));
    assertEquals(
        StatusJson.worker(postmaster.list().get(0)).encode(),
        first.getJsonArray("workers").getJsonObject(0).encode());
  }

  @Test
  void workersAreFilteredByStateTypeAndName() throws Exception {
    idle("a", "mailer");
    idle("b", "mailer");
    failed("c");

    assertEquals(List.of("a", "b"), names(json("/api/v1/workers?state=RUNNING")));
    assertEquals(List.of("c"), names(json("/api/v1/workers?state=BACKOFF")));
    assertEquals(List.of("a", "b"), names(json("/api/v1/workers?type=mailer")));
    assertEquals(List.of("b"), names(json("/api/v1/workers?type=mailer&name=b&state=RUNNING")));
    assertEquals(List.of(), names(json("/api/v1/workers?type=mailer&name=c")));
    assertEquals(0, json("/api/v1/workers?type=mailer&limit=1").getInteger("next"));
  }

  @Test
  void aBadQueryIsRefusedWithItsRule() throws Exception {
    for (String query :
        List.of(
            "limit=0",
            "limit=1001",
            "limit=x",
            "limit=",
            "limit=1&limit=2",
            "after=-2",
            "after=99999999999",
            "state=RUNING",
            "state=FREE")) {
      JsonObject problem = problem(400, "BAD_REQUEST", "/api/v1/workers?" + query);
      String parameter = query.substring(0, query.indexOf('='));
      assertTrue(problem.getString("detail").startsWith(parameter + ": "), query);
    }
  }

  @Test
  void aWorkerIsFoundByHandleSlotAndName() throws Exception {
    String name = "a/b #% ü?";
    WorkerHandle handle = idle(name, "t");
    JsonObject expected = StatusJson.worker(handle.status()).putNull("stack");

    for (String id : List.of(handle.handle().toString(), "%230", encoded(name))) {
      assertEquals(expected.encode(), json("/api/v1/workers/" + id).encode(), id);
    }
  }

  @Test
  void whatIsNoWorkerIsSaidSo() throws Exception {
    WorkerHandle handle = idle("a", "t");
    String epoch = postmaster.epoch();

    for (String id : List.of("nobody", "%2363", "%23999999", epoch + ".5.1", epoch + ".999999.1")) {
      problem(404, "UNKNOWN_WORKER", "/api/v1/workers/" + id);
    }
    for (String id : List.of(epoch + ".0.2", "01JDA3K5ZV7Q0000000000000A.0.1")) {
      problem(409, "STALE_HANDLE", "/api/v1/workers/" + id);
    }
    problem(400, "BAD_REQUEST", "/api/v1/workers/" + handle.handle() + "?await=born");
  }

  @Test
  void anAmbiguousNameIsRefusedWithItsHolders() throws Exception {
    WorkerHandle first = idle("twin", "t");
    WorkerHandle second = idle("twin", "t");

    JsonObject problem = problem(409, "AMBIGUOUS_NAME", "/api/v1/workers/twin");

    assertEquals(4097, problem.getInteger("number"));
    JsonArray holders = problem.getJsonArray("holders");
    assertEquals(first.handle().toString(), holders.getJsonObject(0).getString("handle"));
    assertEquals(second.handle().toString(), holders.getJsonObject(1).getString("handle"));
    assertTrue(holders.getJsonObject(0).getLong("ageMs") >= 0);
  }

  @Test
  void aWorkerThatFailedShowsWhereButOnlyWhenItIsAskedForAlone() throws Exception {
    WorkerHandle failed = failed("b");
    WorkerHandle fine = idle("a", "t");

    String stack = json("/api/v1/workers/b").getString("stack");

    assertTrue(stack.startsWith("java.lang.IllegalStateException: boom\n\tat "), stack);
    assertTrue(json("/api/v1/workers/" + fine.handle()).containsKey("stack"));
    assertEquals(null, json("/api/v1/workers/a").getString("stack"));
    assertEquals(StatusJson.worker(failed.status()).fieldNames(), fieldsInTheList());
  }

  private java.util.Set<String> fieldsInTheList() throws Exception {
    return json("/api/v1/workers").getJsonArray("workers").getJsonObject(0).fieldNames();
  }
}
