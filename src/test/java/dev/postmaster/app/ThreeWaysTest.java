package dev.postmaster.app;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.WorkerHandle;
import dev.postmaster.app.Ways.Way;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A worker is the same worker whether it was registered in Java, over the event bus or by
 * configuration: the same edges, and shown the same at the same point of its life. Each of these
 * lives is that of a worker with a main, and that of a verticle.
 */
class ThreeWaysTest {

  /** What a test makes the workers of one life do. */
  private interface Script {
    void play(Ways life) throws Exception;
  }

  /** A life, and the edges that it must have, by worker. */
  private record Scenario(
      String name, List<JsonObject> workers, Script script, Map<String, List<String>> edges) {

    @Override
    public String toString() {
      return name;
    }
  }

  /** How a life looked. */
  private record Seen(Map<String, List<String>> edges, List<JsonObject> shown) {}

  private static final List<String> RUNS =
      List.of(
          "FREE→REGISTERED registered", "REGISTERED→STARTING launch", "STARTING→RUNNING started");

  /** What is shown of a time is a whole number of milliseconds; so is where it is counted from. */
  private static final int ROUNDED_MS = 2;

  @TempDir Path directory;

  private static JsonObject worker(String function, String name) {
    return new JsonObject()
        .put("name", name)
        .put("library", "obedient")
        .put("function", function)
        .put("stop", new JsonObject().put("grace", "20s"));
  }

  private static JsonObject worker(String function, String name, String then) {
    return worker(function, name).put("args", new JsonObject().put("then", then));
  }

  private static JsonArray array(Object... values) {
    return new JsonArray(List.of(values));
  }

  /** The edges of a run that began, and then those. */
  private static List<String> runs(String... then) {
    return Stream.concat(RUNS.stream(), Stream.of(then)).toList();
  }

  static List<Scenario> scenarios() {
    List<Scenario> all = new ArrayList<>();
    for (String function : List.of("main", "verticle")) {
      ends(function, all);
      readiness(function, all);
      holds(function, all);
    }
    return all;
  }

  private static void ends(String f, List<Scenario> all) {
    all.add(
        new Scenario(
            f + " with defaults",
            List.of(
                new JsonObject().put("name", "w").put("library", "obedient").put("function", f)),
            life -> {
              life.begun("w");
              life.note("w");
            },
            Map.of("w", runs())));
    all.add(
        new Scenario(
            f + " completes",
            List.of(worker(f, "w", "complete").put("restart", "0s")),
            life -> {
              life.begun("w");
              WorkerHandle handle = life.handle("w");
              life.order("w");
              get(handle.awaitGone());
              life.note(handle);
            },
            Map.of("w", runs("RUNNING→FREE exit"))));
    all.add(
        new Scenario(
            f + " fails and is started again after its interval",
            List.of(worker(f, "w", "fail").put("restart", "40ms")),
            life -> {
              life.begun("w");
              life.order("w");
              life.begun("w", 2);
              life.note("w");
              long tookMs =
                  life.state("w", "STARTING", 2).at() - life.state("w", "BACKOFF", 1).at();
              assertTrue(tookMs >= 40 - ROUNDED_MS, () -> "after " + tookMs + " ms");
            },
            Map.of(
                "w",
                runs(
                    "RUNNING→BACKOFF exit",
                    "BACKOFF→STARTING restart-timer",
                    "STARTING→RUNNING started"))));
    all.add(
        new Scenario(
            f + " fails and is never started again",
            List.of(worker(f, "w", "fail").put("restart", "never")),
            life -> {
              life.begun("w");
              WorkerHandle handle = life.handle("w");
              life.order("w");
              get(handle.awaitGone());
              life.note(handle);
            },
            Map.of("w", runs("RUNNING→FREE exit"))));
    all.add(
        new Scenario(
            f + " is terminated while it waits for its restart, and while it runs",
            List.of(worker(f, "waits", "fail").put("restart", "1h"), worker(f, "runs")),
            ThreeWaysTest::terminate,
            Map.of(
                "waits", runs("RUNNING→BACKOFF exit", "BACKOFF→FREE terminate"),
                "runs", runs("RUNNING→STOPPING terminate", "STOPPING→FREE exit"))));
    crashes(f, all);
    failedStarts(f, all);
  }

  private static void terminate(Ways life) throws Exception {
    for (String name : List.of("waits", "runs")) {
      life.begun(name);
      WorkerHandle handle = life.handle(name);
      if (name.equals("waits")) {
        life.order(name);
        life.state(name, "BACKOFF", 1);
        life.note(name);
      }
      life.terminate(name);
      get(handle.awaitGone());
      life.note(handle);
    }
  }

  private static void crashes(String f, List<Scenario> all) {
    String domain = "cellar";
    List<JsonObject> workers = new ArrayList<>();
    workers.add(worker(f, "crasher", "crash"));
    workers.add(worker(f, "friend").put("restart", "1h"));
    workers.add(worker(f, "single").put("restart", "never"));
    workers.forEach(w -> w.put("flags", array("SHARED_MEMORY")).put("domain", domain));
    workers.add(worker(f, "bystander").put("domain", domain));
    workers.add(worker(f, "stranger").put("flags", array("SHARED_MEMORY")));
    all.add(
        new Scenario(
            f + " crashes with shared memory",
            workers,
            life -> {
              for (JsonObject worker : workers) {
                life.begun(worker.getString("name"));
              }
              life.order("crasher");
              life.begun("crasher", 2);
              life.begun("friend", 2);
              for (String name : List.of("crasher", "friend", "bystander", "stranger")) {
                life.note(name);
              }
            },
            Map.of(
                "crasher",
                runs(
                    "RUNNING→BACKOFF exit",
                    "BACKOFF→STARTING crash-cycle",
                    "STARTING→RUNNING started"),
                "friend",
                runs(
                    "RUNNING→STOPPING crash-cycle",
                    "STOPPING→BACKOFF exit",
                    "BACKOFF→STARTING crash-cycle",
                    "STARTING→RUNNING started"),
                "single",
                runs("RUNNING→STOPPING crash-cycle", "STOPPING→FREE exit"),
                "bystander",
                runs(),
                "stranger",
                runs())));
    all.add(
        new Scenario(
            f + " crashes without shared memory",
            List.of(worker(f, "w", "crash").put("restart", "1h")),
            life -> {
              life.begun("w");
              life.order("w");
              life.state("w", "BACKOFF", 1);
              life.note("w");
            },
            Map.of("w", runs("RUNNING→BACKOFF exit"))));
  }

  private static void failedStarts(String f, List<Scenario> all) {
    String bad = f.equals("main") ? "unmakeable" : "unstartable";
    List<String> began = RUNS.subList(0, 2);
    all.add(
        new Scenario(
            f + " fails to start",
            List.of(worker(bad, "again"), worker(bad, "once").put("restart", "never")),
            life -> {
              life.state("once", "FREE", 1);
              life.state("again", "BACKOFF", 1);
              life.note("again");
            },
            Map.of(
                "once",
                Stream.concat(began.stream(), Stream.of("STARTING→FREE start-failed")).toList(),
                "again",
                Stream.concat(began.stream(), Stream.of("STARTING→BACKOFF start-failed"))
                    .toList())));
    // A verticle has not begun before its start is over, a main has when it was entered.
    List<String> missed =
        f.equals("main")
            ? runs("RUNNING→STOPPING start-timeout", "STOPPING→BACKOFF exit")
            : Stream.concat(
                    began.stream(),
                    Stream.of("STARTING→STOPPING start-timeout", "STOPPING→BACKOFF exit"))
                .toList();
    all.add(
        new Scenario(
            f + " is not ready in time",
            List.of(
                worker(f.equals("main") ? f : "endless", "w")
                    .put("ready", "said")
                    .put("startTimeout", "50ms")
                    .put("stop", new JsonObject().put("grace", "30ms"))
                    .put("restart", "1h")),
            life -> {
              life.state("w", "BACKOFF", 1);
              life.note("w");
            },
            Map.of("w", missed)));
  }

  private static void readiness(String f, List<Scenario> all) {
    all.add(
        new Scenario(
            f + " says that it is ready, and that it is not",
            List.of(worker(f, "w", "ready").put("ready", "said")),
            life -> {
              life.begun("w");
              life.note("w");
              for (int nth = 1; nth <= 3; nth++) {
                life.order("w");
                life.edge(
                    "w", "RUNNING→RUNNING " + (nth == 2 ? "not-ready" : "ready"), 1 + nth / 3);
                life.note("w");
              }
            },
            Map.of(
                "w",
                runs(
                    "RUNNING→RUNNING ready",
                    "RUNNING→RUNNING not-ready",
                    "RUNNING→RUNNING ready"))));
    all.add(
        new Scenario(
            f + " is ready when it has run for long enough",
            List.of(worker(f, "w").put("ready", "30ms").put("startTimeout", "1h")),
            life -> {
              life.edge("w", "RUNNING→RUNNING ready", 1);
              life.note("w");
              long upMs =
                  life.edge("w", "RUNNING→RUNNING ready", 1).at()
                      - life.edge("w", "STARTING→RUNNING started", 1).at();
              assertTrue(upMs >= 30 - ROUNDED_MS, () -> "after " + upMs + " ms");
            },
            Map.of("w", runs("RUNNING→RUNNING ready"))));
  }

  private static void holds(String f, List<Scenario> all) {
    all.add(
        new Scenario(
            f + " waits for whom it requires and for whom it comes after",
            List.of(
                worker(f, "db", "ready").put("ready", "said"),
                worker(f, "app").put("requires", array("db")),
                worker(f, "edge").put("after", array("app", "nobody"))),
            life -> {
              life.begun("db");
              for (String name : List.of("app", "edge")) {
                life.watch.await(t -> t.name().equals(name) && t.cause() == Cause.REGISTERED);
                life.note(name);
              }
              life.order("db");
              life.begun("edge");
              long ready = life.edge("db", "RUNNING→RUNNING ready", 1).seq();
              assertTrue(ready < life.edge("app", "REGISTERED→STARTING launch", 1).seq());
              life.note("app");
              life.note("edge");
            },
            Map.of("db", runs("RUNNING→RUNNING ready"), "app", runs(), "edge", runs())));
    all.add(
        new Scenario(
            f + " is held back by a pause",
            List.of(worker(f, "w", "fail").put("type", "kind").put("restart", "20ms")),
            life -> {
              life.begun("w");
              life.pause("kind");
              life.note("w");
              life.order("w");
              life.state("w", "BACKOFF", 1);
              life.untilWaiting("w", "paused");
              life.note("w");
              life.resume("kind");
              life.begun("w", 2);
              life.note("w");
            },
            Map.of(
                "w",
                runs(
                    "RUNNING→BACKOFF exit",
                    "BACKOFF→STARTING restart-timer",
                    "STARTING→RUNNING started"))));
    all.add(
        new Scenario(
            f + " is drained, and comes again when it is resumed",
            List.of(worker(f, "w").put("type", "kind").put("restart", "1h")),
            life -> {
              life.begun("w");
              life.drain("kind");
              life.state("w", "BACKOFF", 1);
              life.note("w");
              life.resume("kind");
              life.begun("w", 2);
              life.note("w");
            },
            Map.of(
                "w",
                runs(
                    "RUNNING→STOPPING drain",
                    "STOPPING→BACKOFF exit",
                    "BACKOFF→STARTING restart-timer",
                    "STARTING→RUNNING started"))));
  }

  private Seen play(Way way, Scenario scenario) throws Exception {
    try (Ways life = new Ways(way, directory, scenario.workers())) {
      scenario.script().play(life);
      return new Seen(life.edges(), List.copyOf(life.notes()));
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void aWorkerLivesTheSameLifeHoweverItWasRegistered(Scenario scenario) throws Exception {
    Seen java = play(Way.JAVA, scenario);
    Seen bus = play(Way.BUS, scenario);
    Seen configuration = play(Way.CONFIGURATION, scenario);

    assertEquals(Map.copyOf(scenario.edges()), Map.copyOf(java.edges()));
    assertEquals(java, bus);
    assertEquals(java, configuration);
  }
}
