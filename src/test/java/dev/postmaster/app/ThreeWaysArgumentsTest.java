package dev.postmaster.app;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.postmaster.StatusJson;
import dev.postmaster.WorkerSpec;
import dev.postmaster.app.Ways.Way;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a worker is given is what was written, in whichever of the three ways it came. */
class ThreeWaysArgumentsTest {

  @TempDir Path directory;

  private static JsonObject worker(String function, String name) {
    return new JsonObject().put("name", name).put("library", "obedient").put("function", function);
  }

  private static JsonObject args() {
    return new JsonObject()
        .put("text", "größer 😀 \"quoted\" \\ \u0000\u001b[0m # : - yes")
        .put("empty", "")
        .put("yes", "yes")
        .put("date", "2026-11-25")
        .put("octal", "010")
        .put("null", (Object) null)
        .put("truth", true)
        .put("one", 1)
        .put("long", Long.MIN_VALUE)
        .put("large", new BigInteger("123456789012345678901234567890"))
        .put("half", 0.5)
        .put("list", new JsonArray().add(1).addNull().add(new JsonArray()).add("x"))
        .put("object", new JsonObject().put("inner", new JsonObject()));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void argumentsReachTheWorkerAsTheyWereWritten(Way way) throws Exception {
    List<JsonObject> workers =
        List.of(
            worker("main", "main").put("args", args()),
            worker("verticle", "verticle").put("args", args()),
            worker("verticle", "none"));
    try (Ways life = new Ways(way, directory, workers)) {
      for (JsonObject worker : workers) {
        life.begun(worker.getString("name"));
        life.untilHeard(worker.getString("name"));
      }

      assertEquals(args(), life.heard.get("main").getJsonObject("args"));
      assertNull(life.heard.get("main").getJsonObject("config"));
      assertEquals(args(), life.heard.get("verticle").getJsonObject("args"));
      assertEquals(args(), life.heard.get("verticle").getJsonObject("config"));
      assertEquals(new JsonObject(), life.heard.get("none").getJsonObject("config"));
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void everyNumberOf64BitsReachesTheWorkerAsItWasWritten(Way way) throws Exception {
    Map<Object, String> written =
        Map.of(
            0,
            "0",
            -7,
            "-7",
            1L << 53,
            "9007199254740992",
            -(1L << 53),
            "-9007199254740992",
            "9007199254740993",
            "9007199254740993",
            "-9223372036854775808",
            "-9223372036854775808",
            "9223372036854775807",
            "9223372036854775807");
    List<JsonObject> workers = new ArrayList<>();
    for (Object number : written.keySet()) {
      workers.add(worker("main", "main " + number).put("mainArg", number));
      workers.add(worker("verticle", "verticle " + number).put("mainArg", number));
    }
    try (Ways life = new Ways(way, directory, workers)) {
      for (JsonObject worker : workers) {
        String name = worker.getString("name");
        life.untilHeard(name);
        assertEquals(
            written.get(worker.getValue("mainArg")), life.heard.get(name).getString("mainArg"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void whatNobodySaysHasTheDefaultsOfTheContract(Way way) throws Exception {
    List<JsonObject> workers = List.of(worker("main", "main"), worker("verticle", "verticle"));
    try (Ways life = new Ways(way, directory, workers)) {
      for (JsonObject worker : workers) {
        String function = worker.getString("function");
        life.begun(function);
        JsonObject shown = StatusJson.worker(life.handle(function).status());

        assertEquals(function, shown.getString("type"));
        assertEquals("5s", shown.getString("restart"));
        assertEquals("main", shown.getString("domain"));
        assertEquals("RECOVERY_FINISHED", shown.getString("start"));
        assertEquals(new JsonArray(), shown.getJsonArray("flags"));
        assertEquals(true, shown.getBoolean("ready"));
        assertEquals(false, life.handle(function).status().critical());
        assertEquals(
            function.equals("main") ? "WORKER" : "EVENT_LOOP", shown.getString("threading"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aParallelWorkerIsNeverStartedAgainUnlessThatIsSaid(Way way) throws Exception {
    JsonObject parallel = worker("main", "w").put("flags", new JsonArray().add("PARALLEL"));
    try (Ways life = new Ways(way, directory, List.of(parallel))) {
      life.begun("w");

      assertEquals(-1, life.handle("w").status().restartMs());
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void everyFieldThatIsShownIsShownAsItWasWritten(Way way) throws Exception {
    JsonObject written =
        worker("verticle", "böse\u0007Gäste")
            .put("type", "kind")
            .put("flags", new JsonArray().add("SHARED_MEMORY").add("PARALLEL"))
            .put("start", "POSTMASTER_START")
            .put("restart", "never")
            .put("threading", "WORKER")
            .put("domain", "cellar")
            .put("ready", "said")
            .put("startTimeout", "2m")
            .put("stop", new JsonObject().put("grace", "250ms").put("force", "1h"))
            .put("uncaught", "log")
            .put("critical", true)
            .put("after", new JsonArray().add("nobody"));
    try (Ways life = new Ways(way, directory, List.of(written))) {
      life.begun("böse?Gäste");
      JsonObject shown = StatusJson.worker(life.handle("böse?Gäste").status());

      for (String field : List.of("type", "flags", "start", "restart", "threading", "domain")) {
        assertEquals(written.getValue(field), shown.getValue(field));
      }
      assertEquals(false, shown.getBoolean("ready"));
      assertEquals(true, life.handle("böse?Gäste").status().critical());
    }
  }

  @Test
  void aWorkerGivenAsASupplierIsTheSameButForItsEntryPoint() throws Exception {
    JsonObject named = worker("unstartable", "w").put("restart", "1h");
    try (Ways byName = new Ways(Way.JAVA, directory, List.of(named));
        Ways supplied = new Ways(Way.JAVA, directory, List.of())) {
      get(
          supplied.postmaster.register(
              WorkerSpec.ofVerticle(
                      "w",
                      () -> context -> Future.failedFuture(new IllegalStateException("not today")))
                  .restartAfter(java.time.Duration.ofHours(1))));
      for (Ways life : List.of(byName, supplied)) {
        life.state("w", "BACKOFF", 1);
        life.note("w");
      }

      JsonObject expected = byName.notes().get(0).putNull("library").putNull("function");
      assertEquals(expected, supplied.notes().get(0));
      assertEquals(byName.edges(), supplied.edges());
    }
  }
}
