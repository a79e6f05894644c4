package dev.postmaster.app;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the program shows those who operate it. */
class OperationsIT {

  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final WebClient client = WebClient.create(vertx);

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private Jar run(Map<String, String> environment) throws Exception {
    return Jar.start(directory, environment, "run", "--data", "data", "--port", "0");
  }

  private HttpResponse<Buffer> ask(int port, String path) throws Exception {
    return get(client.get(port, "127.0.0.1", path).send());
  }

  private String until(int port, String line) throws Exception {
    for (int n = 0; n < 20_000; n++) {
      String text = ask(port, "/metrics").bodyAsString();
      if (text.contains(line)) {
        return text;
      }
    }
    throw new TimeoutException("never scraped: " + line + ask(port, "/metrics").bodyAsString());
  }

  /** Nothing happens meanwhile. */
  private void untilAllIsCounted(int port) throws Exception {
    for (int n = 0; n < 20_000; n++) {
      String text = ask(port, "/metrics").bodyAsString();
      if (sum(text, "postmaster_transitions_total") == sum(text, "postmaster_journal_head")) {
        return;
      }
    }
    throw new TimeoutException(ask(port, "/metrics").bodyAsString());
  }

  private static double sum(String scraped, String name) {
    return Pattern.compile("^" + name + "(?:\\{.*\\})? (\\S+)$", Pattern.MULTILINE)
        .matcher(scraped)
        .results()
        .mapToDouble(sample -> Double.parseDouble(sample.group(1)))
        .sum();
  }

  private static List<String> values(String scraped, String label) {
    return Pattern.compile("\\b" + label + "=\"([^\"]*)\"")
        .matcher(scraped)
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new))
        .stream()
        .toList();
  }

  private void register(int port) throws Exception {
    JsonObject sentinel =
        new JsonObject()
            .put("name", "s")
            .put("library", "postmaster")
            .put("function", "sentinel")
            .put("critical", true)
            .put("args", new JsonObject().put("address", "somewhere"));
    String token = Files.readString(directory.resolve("data/token")).strip();
    assertEquals(
        201,
        get(client
                .post(port, "127.0.0.1", "/api/v1/workers")
                .bearerTokenAuthentication(token)
                .sendJsonObject(sentinel))
            .statusCode());
  }

  @Test
  void healthAndMetricsAreServedFromTheFirstRecordOn() throws Exception {
    try (Jar jar = run(Map.of())) {
      int port = jar.awaitPort();
      for (String path : List.of("/health/live", "/health/startup", "/health/ready")) {
        assertEquals(200, ask(port, path).statusCode(), path);
      }
      until(port, "postmaster_ready{postmaster=\"default\"} 1.0");
      until(port, "postmaster_transitions_total{cause=\"opened\",postmaster=\"default\"} 1.0");
      untilAllIsCounted(port);

      register(port);

      until(port, "postmaster_launches_total{postmaster=\"default\"} 1.0");
      until(port, "postmaster_critical_unready{postmaster=\"default\"} 1.0");
      HttpResponse<Buffer> ready = ask(port, "/health/ready");
      assertEquals(503, ready.statusCode());
      assertTrue(ready.bodyAsString().contains("{\"workers\":[\"s\"],\"count\":1}"));
      jar.term();
      assertEquals(0, jar.awaitExit());
    }
  }

  @Test
  void noTagOfTheProgramHasValuesThatSomebodyElseMakesUp() throws Exception {
    try (Jar jar = run(Map.of())) {
      int port = jar.awaitPort();
      assertEquals(200, ask(port, "/api/v1/status").statusCode());
      for (int n = 0; n < 20; n++) {
        ask(port, "/made/up/" + n);
        ask(port, "/api/v1/workers/made-up-" + n);
        HttpMethod madeUp = HttpMethod.valueOf("MADEUP" + n);
        get(client.request(madeUp, port, "127.0.0.1", "/api/v1/status").send());
      }

      String text = until(port, "code=\"405\"");

      assertFalse(text.toLowerCase(java.util.Locale.ROOT).contains("made"), text);
      assertFalse(text.contains("method="), text);
      assertFalse(text.contains("eventbus"), text);
      assertEquals(
          List.of("200", "404", "405"),
          values(text, "code").stream().filter(code -> code.matches("\\d+")).toList());
      assertTrue(values(text, "route").contains("/api/v1/workers/:worker"), text);
      assertTrue(values(text, "route").size() < 10, () -> "" + values(text, "route"));
      assertTrue(values(text, "pool_name").contains("postmaster-default"), text);
      assertTrue(text.contains("jvm_memory_used_bytes{"), text);
      jar.term();
      assertEquals(0, jar.awaitExit());
    }
  }

  @Test
  void theProberNeedsNoTokenWhereTheScraperDoes() throws Exception {
    try (Jar jar = run(Map.of("POSTMASTER_HTTP_REQUIRE_TOKEN_FOR_READ", "true"))) {
      int port = jar.awaitPort();

      assertEquals(200, ask(port, "/health/ready").statusCode());
      assertEquals(401, ask(port, "/metrics").statusCode());
      String token = Files.readString(directory.resolve("data/token")).strip();
      assertEquals(
          200,
          get(client.get(port, "127.0.0.1", "/metrics").bearerTokenAuthentication(token).send())
              .statusCode());
    }
  }

  @Test
  void theServiceFilesOfItsLibrariesAreInTheJar() throws Exception {
    try (JarFile jar = new JarFile(Jar.PATH)) {
      String name = "META-INF/services/io.vertx.core.spi.VertxServiceProvider";
      String providers =
          new String(jar.getInputStream(jar.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);

      assertTrue(providers.contains("io.vertx.micrometer.MicrometerMetricsFactory"), providers);
    }
  }
}
