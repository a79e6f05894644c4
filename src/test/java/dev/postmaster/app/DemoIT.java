package dev.postmaster.app;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.support.Viewer;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The demo, from its banner to its end, as seen over its WebSocket and in what it left. */
@Execution(ExecutionMode.CONCURRENT)
class DemoIT {

  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final WebSocketClient client = Viewer.client(vertx);

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private Jar demo() throws Exception {
    return Jar.start(directory, "run", "--demo", "--data", "data", "--port", "0");
  }

  /** Waits for the n-th transition of a worker into a state. */
  private static JsonObject await(Viewer viewer, String name, String to, int nth) throws Exception {
    for (int seen = 1; ; seen++) {
      viewer.await("transition", seen);
      List<JsonObject> found =
          viewer.all("transition").stream()
              .filter(t -> name.equals(t.getString("name")) && to.equals(t.getString("to")))
              .toList();
      if (found.size() >= nth) {
        return found.get(nth - 1);
      }
    }
  }

  private static long number(Statement statement, String sql) throws Exception {
    try (ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }

  /** What the counter and the ingest have written down; only while nobody else has the database. */
  private List<Long> figures() throws Exception {
    String url = "jdbc:h2:async:" + directory.resolve("data/postmaster");
    try (Connection connection = DriverManager.getConnection(url, "sa", "");
        Statement statement = connection.createStatement()) {
      return List.of(
          number(statement, "select amount from counter.counted where id = 0"),
          number(statement, "select lines from ingest.progress"),
          number(statement, "select sum(lines) from ingest.lines"),
          number(statement, "select malformed + oversized from ingest.progress"));
    }
  }

  @Test
  void theDemoLivesAndEndsAsItsReadmeSays() throws Exception {
    try (Jar jar = demo()) {
      int port = jar.awaitPort();
      Viewer viewer = Viewer.subscribed(client, port, Viewer.subscribe());

      JsonObject failed = await(viewer, "crasher", "BACKOFF", 1);
      JsonObject again = await(viewer, "crasher", "STARTING", 1);
      assertEquals("restart-timer", again.getString("cause"));
      JsonObject running = await(viewer, "crasher", "RUNNING", 1);
      long afterMs = running.getLong("at") - failed.getLong("at");
      assertTrue(afterMs >= 5_000 && afterMs <= 5_100, "RUNNING again after " + afterMs + " ms");

      JsonObject reset = await(viewer, "memory-friend", "STARTING", 1);
      assertEquals("crash-cycle", reset.getString("cause"));
      await(viewer, "memory-friend", "RUNNING", 1);
      await(viewer, "memory-holder", "RUNNING", 1);
      Set<String> stopped =
          viewer.all("transition").stream()
              .filter(t -> "crash-cycle".equals(t.getString("cause")))
              .map(t -> t.getString("name"))
              .filter(Objects::nonNull)
              .collect(Collectors.toSet());
      assertEquals(Set.of("memory-holder", "memory-friend"), stopped);
      // One each 5 s, as the heartbeats are: not necessarily in step with the crash.
      for (int beats = 1; reads() < 4; beats++) {
        assertTrue(beats < 20, "the ticker does not read the status");
        viewer.await("heartbeat", beats);
      }

      long termAt = System.nanoTime();
      jar.term();

      assertEquals(10, jar.awaitExit());
      long tookMs = (System.nanoTime() - termAt) / 1_000_000;
      assertTrue(tookMs < 30_000, "the end took " + tookMs + " ms");
      assertEquals(1_001, viewer.awaitClose());
      viewer.assertWhole();
      assertEquals(4, jar.out().size(), () -> "" + jar.out());
      assertTrue(jar.out().get(0).endsWith("transport epoll"), jar.out().get(0));
      assertEquals(1, jar.err().size(), () -> "" + jar.err());
      assertTrue(jar.err().get(0).contains("\"stubborn\" was left inside its code"));
    }
    String log = Files.readString(directory.resolve("data/log/postmaster.log"));
    assertTrue(
        Pattern.compile("\"stubborn\" was left at\\R(\\s+at .*\\R)*\\s+at .*Stubborn\\.deaf")
            .matcher(log)
            .find());
    List<Long> first = figures();
    assertTrue(first.get(0) >= 15, "the total is " + first.get(0));
    assertTrue(first.get(1) >= 4, "ingested " + first.get(1));
    assertEquals(first.get(1), first.get(2));
    assertEquals(0, first.get(3));

    afterAKillItGoesOnWhereItWas(first);
  }

  /** How often the ticker has read the status. */
  private long reads() throws Exception {
    return Files.readAllLines(directory.resolve("data/log/access.log")).size();
  }

  private void afterAKillItGoesOnWhereItWas(List<Long> first) throws Exception {
    try (Jar jar = demo()) {
      Viewer viewer = Viewer.subscribed(client, jar.awaitPort(), Viewer.subscribe());
      await(viewer, "crasher", "BACKOFF", 1);
      jar.kill();
      assertEquals(137, jar.awaitExit());
    }
    List<Long> killed = figures();
    assertTrue(killed.get(0) >= first.get(0) + 4, () -> first + " became " + killed);
    assertTrue(killed.get(1) > first.get(1), () -> first + " became " + killed);
    try (Jar jar = demo()) {
      Viewer viewer = Viewer.subscribed(client, jar.awaitPort(), Viewer.subscribe());
      await(viewer, "slow-start", "RUNNING", 1);
      jar.signal("INT");
      jar.signal("HUP");
      assertEquals(10, jar.awaitExit());
    }
    List<Long> last = figures();
    assertTrue(last.get(0) > killed.get(0), () -> killed + " became " + last);
    assertEquals(last.get(1), last.get(2));
    assertFalse(Files.exists(directory.resolve("data/default.pid")));
  }

  @Test
  void aSecondTermDoesNotWaitForGrace() throws Exception {
    Files.writeString(
        directory.resolve("slow.yaml"),
        """
        workers:
          - name: deaf
            library: examples
            function: stubborn
            stop: { grace: 1h, force: 100ms }
        """);
    try (Jar jar =
        Jar.start(directory, "run", "--config", "slow.yaml", "--data", "data", "--port", "0")) {
      Viewer viewer = Viewer.subscribed(client, jar.awaitPort(), Viewer.subscribe());
      viewer.await("snapshot", 1);
      jar.term();
      await(viewer, "deaf", "STOPPING", 1);
      long secondAt = System.nanoTime();
      jar.term();

      assertEquals(10, jar.awaitExit());
      long tookMs = (System.nanoTime() - secondAt) / 1_000_000;
      assertTrue(tookMs < 20_000, "immediate took " + tookMs + " ms, fast would be 30 s");
      assertTrue(
          viewer.all("transition").stream().anyMatch(t -> "immediate".equals(t.getString("to"))));
    }
  }
}
