package dev.postmaster.app;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the program lets others do over HTTP, and the token that it gives its owner for that. */
class HttpIT {

  private static final JsonObject SENTINEL =
      new JsonObject()
          .put("name", "s")
          .put("library", "postmaster")
          .put("function", "sentinel")
          .put("args", new JsonObject().put("address", "somewhere"));

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

  private Path token() {
    return directory.resolve("data/token");
  }

  private HttpResponse<Buffer> register(int port, String token) throws Exception {
    return get(
        client
            .request(HttpMethod.POST, port, "127.0.0.1", "/api/v1/workers")
            .bearerTokenAuthentication(token)
            .sendJsonObject(SENTINEL));
  }

  @Test
  void theTokenIsItsOwnersAndOfOneLife() throws Exception {
    String first;
    try (Jar jar = run(Map.of())) {
      int port = jar.awaitPort();
      first = Files.readString(token()).strip();
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(token())));
      assertEquals(43, first.length());
      assertEquals(201, register(port, first).statusCode());
      assertEquals(401, register(port, "guessed").statusCode());
      jar.kill();
      jar.awaitExit();
    }
    assertTrue(Files.exists(token()), "a killed program cleans up nothing");
    try (Jar jar = run(Map.of())) {
      int port = jar.awaitPort();
      String second = Files.readString(token()).strip();
      assertNotEquals(first, second);
      assertEquals(401, register(port, first).statusCode());
      assertEquals(201, register(port, second).statusCode());
      jar.term();
      assertEquals(0, jar.awaitExit());
      assertFalse(Files.exists(token()));
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          String text =
              new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1);
          assertFalse(text.contains(first) || text.contains(second), () -> "a token in " + file);
        }
      }
    }
  }

  @Test
  void aTokenThatIsGivenStays() throws Exception {
    Path given = Files.writeString(directory.resolve("given"), "0123456789abcdef-given\n");
    try (Jar jar = run(Map.of("POSTMASTER_HTTP_TOKEN_FILE", given.toString()))) {
      int port = jar.awaitPort();

      assertEquals(201, register(port, "0123456789abcdef-given").statusCode());
      assertFalse(Files.exists(token()));
      jar.term();
      jar.awaitExit();
    }
    assertTrue(Files.exists(given));
  }

  @Test
  void whatCannotBeATokenStopsTheStart() throws Exception {
    Path shorter = Files.writeString(directory.resolve("shorter"), "short\n");
    for (String file : List.of(shorter.toString(), directory.resolve("none").toString())) {
      try (Jar jar = run(Map.of("POSTMASTER_HTTP_TOKEN_FILE", file))) {
        assertEquals(5, jar.awaitExit());
        assertTrue(jar.err().get(0).contains("http.token"), () -> "" + jar.err());
        assertFalse(jar.err().get(0).contains("short\""), () -> "" + jar.err());
      }
    }
    assertFalse(Files.exists(directory.resolve("data")));
  }

  @Test
  void beyondTheLoopbackItDoesNotStartWithoutTls() throws Exception {
    try (Jar jar = run(Map.of("POSTMASTER_HTTP_HOST", "0.0.0.0"))) {
      assertEquals(2, jar.awaitExit());
      assertTrue(jar.err().get(0).contains("TLS and a token"), () -> "" + jar.err());
    }
    assertFalse(Files.exists(directory.resolve("data")));
  }
}
