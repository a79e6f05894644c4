package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static dev.postmaster.web.Web.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.postmaster.EntryPoint;
import dev.postmaster.WorkerLibrary;
import dev.postmaster.support.Life;
import dev.postmaster.support.Viewer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A marker in secret arguments, right and wrong, appears nowhere but in the worker. */
class SecretsTest {

  private static final JsonObject SCHEMA =
      new JsonObject(
          """
          {"type": "object",
           "properties": {
             "password": {"type": "string", "writeOnly": true, "pattern": "^[a-z0-9-]+$"},
             "keys": {"type": "array", "items": {"$ref": "#/$defs/key"}},
             "count": {"type": "integer"}},
           "additionalProperties": false,
           "$defs": {"key": {"type": "object",
             "properties": {"token": {"type": "string", "writeOnly": true, "maxLength": 60}},
             "additionalProperties": false}}}
          """);

  /** One worker that says what it was given, to the test alone. */
  private static final class Library implements WorkerLibrary {

    private final BlockingQueue<JsonObject> given = new LinkedBlockingQueue<>();

    @Override
    public String name() {
      return "t";
    }

    @Override
    public List<EntryPoint> entryPoints() {
      return List.of(
          EntryPoint.of(
              "keeper",
              "keeps it",
              SCHEMA,
              () ->
                  context -> {
                    given.add(context.args());
                    Web.idle(context);
                  }));
    }
  }

  @TempDir Path directory;

  private final String marker = "canary-" + UUID.randomUUID();
  private final Library library = new Library();
  private final Queue<String> logged = new ConcurrentLinkedQueue<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          logged.add(event.getFormattedMessage() + event.getThreadName());
        }
      };
  private Level before;
  private Web web;

  /** Kept: whoever loses it loses its feeds. */
  private WebSocketClient feeds;

  @BeforeEach
  void start() throws Exception {
    before = root.getLevel();
    root.setLevel(Level.DEBUG);
    appender.start();
    root.addAppender(appender);
    web =
        Web.started(
            Life.options().setJournalDirectory(directory).addLibrary(library),
            new WebOptions().setToken(Web.TOKEN));
    feeds = Viewer.client(web.life.vertx);
  }

  @AfterEach
  void end() {
    root.detachAppender(appender);
    root.setLevel(before);
    web.close();
  }

  private HttpResponse<Buffer> register(JsonObject args) throws Exception {
    return web.post(
        "/api/v1/workers",
        new JsonObject()
            .put("name", "keeper")
            .put("library", "t")
            .put("function", "keeper")
            .put("args", args));
  }

  private JsonObject token(Object token) {
    return new JsonObject().put("keys", new JsonArray().add(new JsonObject().put("token", token)));
  }

  @Test
  void itAppearsNowhere() throws Exception {
    Viewer viewer = Viewer.subscribed(feeds, web.server.port(), Viewer.subscribe());
    HttpResponse<Buffer> made = register(token(marker).put("password", marker));
    assertEquals(201, made.statusCode(), made::bodyAsString);
    get(web.postmaster.find("keeper").orElseThrow().awaitReady());
    assertTrue(
        library.given.poll(20, TimeUnit.SECONDS).encode().contains(marker), "the worker has it");

    for (JsonObject wrong :
        List.of(
            new JsonObject().put("password", marker.toUpperCase(java.util.Locale.ROOT) + marker),
            new JsonObject().put("password", new JsonObject().put("x", marker)),
            new JsonObject().put("password", marker).put("count", "none"),
            new JsonObject().put("password", marker).put("other", 1),
            token(marker + "x".repeat(60)),
            token(new JsonArray().add(marker)))) {
      HttpResponse<Buffer> refused = register(wrong);
      assertProblem(422, "INVALID_SPEC", refused);
      assertFalse(refused.bodyAsString().contains(marker), refused::bodyAsString);
    }
    for (String broken : List.of("{\"args\": {\"password\": \"" + marker + "\"", marker)) {
      HttpResponse<Buffer> refused =
          get(
              web.bearer(HttpMethod.POST, "/api/v1/workers")
                  .putHeader("Content-Type", "application/json")
                  .sendBuffer(Buffer.buffer(broken)));
      assertProblem(400, "BAD_REQUEST", refused);
      assertFalse(refused.bodyAsString().contains(marker), refused::bodyAsString);
    }
    web.delete("/api/v1/workers/keeper");
    web.life.watch.await(t -> t.name().equals("keeper") && t.to().word().equals("FREE"));
    viewer.awaitSeq(web.postmaster.transitions().head());

    for (String path :
        List.of(
            "/api/v1/status",
            "/api/v1/workers",
            "/api/v1/workers/keeper",
            "/api/v1/transitions",
            "/api/v1/entry-points",
            "/health/ready",
            "/metrics")) {
      assertFalse(web.get(path).bodyAsString().contains(marker), path);
    }
    for (String type : List.of("snapshot", "worker", "transition", "slots", "error")) {
      assertFalse(viewer.all(type).toString().contains(marker), type);
    }
    assertFalse(viewer.all("worker").isEmpty());
    assertTrue(logged.stream().anyMatch(line -> line.contains("keeper")), "nothing was logged");
    assertEquals(List.of(), logged.stream().filter(line -> line.contains(marker)).toList());
    assertFalse(
        Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().contains(marker)),
        "a thread's name");
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        assertFalse(bytes.contains(marker), () -> "" + file);
      }
    }
  }
}
