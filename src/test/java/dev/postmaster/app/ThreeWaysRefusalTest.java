package dev.postmaster.app;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerSpec;
import dev.postmaster.app.Ways.Way;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A specification that is refused is refused with the same code and the same sentence, in whichever
 * of the three ways it came; in the configuration the sentence stands behind the worker's path.
 */
class ThreeWaysRefusalTest {

  private static final ErrorCode INVALID = ErrorCode.INVALID_SPEC;

  @TempDir Path directory;

  private static JsonObject valid() {
    return new JsonObject().put("name", "w").put("library", "obedient").put("function", "main");
  }

  private static JsonObject with(Object... fields) {
    JsonObject spec = valid();
    for (int f = 0; f < fields.length; f += 2) {
      spec.put((String) fields[f], fields[f + 1]);
    }
    return spec;
  }

  private static JsonObject stop(String rung, String time) {
    return new JsonObject().put(rung, time);
  }

  private static JsonArray flags(String... flags) {
    return new JsonArray(List.of(flags));
  }

  private static JsonObject nested(int depth) {
    JsonObject args = new JsonObject();
    for (int level = 1; level < depth; level++) {
      args = new JsonObject().put("in", args);
    }
    return args;
  }

  /** What can be said in Java too, and how the answer begins. */
  private static Map<JsonObject, String> sayable() {
    String long_ = "n".repeat(96);
    JsonArray many = new JsonArray(IntStream.range(0, 33).mapToObj(n -> "n" + n).toList());
    Map<JsonObject, String> all = new LinkedHashMap<>();
    all.put(with("name", ""), "name: \"\" has 0 bytes");
    all.put(with("name", long_), "name: \"nnn");
    all.put(with("type", long_), "type: \"nnn");
    all.put(with("library", long_), "library: \"nnn");
    all.put(with("function", long_), "function: \"nnn");
    all.put(with("library", "", "function", ""), "function: \"\" names no entry point");
    all.put(with("function", ""), "function: \"\" names no entry point");
    all.put(with("library", ""), "library: \"\" names no entry point");
    all.put(with("notify", "n".repeat(256)), "notify: \"nnn");
    all.put(with("domain", ""), "domain: \"\" has 0 bytes");
    all.put(with("domain", long_), "domain: \"nnn");
    all.put(with("requires", many), "requires, after: 33 names");
    all.put(with("requires", flags("")), "requires: \"\" has 0 bytes");
    all.put(with("after", flags(long_)), "after: \"nnn");
    all.put(with("startTimeout", "0s"), "startTimeout: 0 ms is not");
    all.put(with("startTimeout", "25h"), "startTimeout: 90000000 ms is not");
    all.put(with("stop", stop("grace", "61m")), "stop.grace: 3660000 ms is not");
    all.put(with("stop", stop("force", "61m")), "stop.force: 3660000 ms is not");
    all.put(with("ready", "60s"), "ready: an uptime of 60000 ms");
    all.put(with("restart", "25h"), "restart: 90000000 ms is neither");
    all.put(with("flags", flags("PARALLEL"), "restart", "5s"), "restart: 5000 ms must be never");
    all.put(with("flags", flags("DATABASE_CONNECTION")), "flags: DATABASE_CONNECTION needs");
    all.put(
        with("flags", flags("SHARED_MEMORY", "DATABASE_CONNECTION"), "start", "POSTMASTER_START"),
        "start: POSTMASTER_START cannot");
    all.put(with("threading", "EVENT_LOOP"), "threading: \"EVENT_LOOP\" is for verticles");
    all.put(with("requires", flags("w")), "requires, after: a cycle, \"w\" -> \"w\"");
    all.put(with("function", "nothing"), "entry point \"obedient/nothing\" is not known");
    all.put(with("args", nested(9)), "args: \"…\" is deeper than 8");
    all.put(with("args", new JsonObject().put("x", "y".repeat(8_192))), "args: \"8200 bytes\" is");
    JsonObject wrong = new JsonObject().put("count", "three");
    all.put(with("function", "counted", "args", wrong), "args.count: \"three\" breaks");
    inOrder(all, wrong);
    return all;
  }

  /** Two rules are broken: the first is the answer. */
  private static void inOrder(Map<JsonObject, String> all, JsonObject wrong) {
    all.put(with("restart", "25h", "type", "n".repeat(96)), "type: \"nnn");
    all.put(with("restart", "25h", "function", "nothing"), "restart: 90000000 ms");
    all.put(
        with("threading", "EVENT_LOOP", "function", "counted", "args", wrong),
        "threading: \"EVENT_LOOP\"");
    all.put(
        with("requires", flags("w"), "function", "counted", "args", wrong),
        "requires, after: a cycle");
    all.put(with("requires", flags("w"), "function", "nothing"), "requires, after: a cycle");
    if (Runtime.version().feature() < 21) {
      all.put(with("threading", "VIRTUAL_THREAD"), "threading: \"VIRTUAL_THREAD\" needs a JVM");
      all.put(
          with("threading", "VIRTUAL_THREAD", "function", "nothing"),
          "threading: \"VIRTUAL_THREAD\" needs a JVM");
    }
  }

  /** What only JSON can say, and how the answer begins. */
  private static Map<JsonObject, String> writable() {
    Map<JsonObject, String> all = new LinkedHashMap<>();
    JsonObject nameless = valid();
    nameless.remove("name");
    all.put(nameless, "name: \"null\" is missing");
    all.put(with("nmae", "x"), "nmae: \"x\" is not a field");
    all.put(with("group", "x"), "group: \"x\" is not supported yet");
    all.put(with("name", 5), "name: \"5\" is not a text");
    all.put(with("flags", "SHARED_MEMORY"), "flags: \"SHARED_MEMORY\" is not a list");
    all.put(with("flags", flags("SHARED")), "flags: \"SHARED\" is none of");
    all.put(with("flags", new JsonArray().add(1)), "flags: \"[1]\" is not a list of texts");
    all.put(with("start", "NEVER"), "start: \"NEVER\" is none of");
    all.put(with("threading", "LOOM"), "threading: \"LOOM\" is none of");
    all.put(with("restart", "5"), "restart: \"5\" is not a duration");
    all.put(with("restart", 5), "restart: \"5\" is not a text");
    all.put(with("restart", "-5s"), "restart: \"-5s\" is not a duration");
    all.put(with("mainArg", (1L << 53) + 1), "mainArg: \"9007199254740993\" is outside");
    all.put(with("mainArg", "9223372036854775808"), "mainArg: \"9223372036854775808\" is not");
    all.put(with("mainArg", BigInteger.ONE.shiftLeft(63)), "mainArg: \"9223372036854775808\" is");
    all.put(with("mainArg", 1.5), "mainArg: \"1.5\" is not a 64-bit number");
    all.put(with("mainArg", "0x10"), "mainArg: \"0x10\" is not a 64-bit number");
    all.put(with("args", new JsonArray()), "args: \"[]\" is not an object");
    all.put(with("args", null), "args: \"null\" is not an object");
    all.put(with("ready", "soon"), "ready: \"soon\" is not a duration");
    all.put(with("startTimeout", "1d"), "startTimeout: \"1d\" is not a duration");
    all.put(with("stop", "5s"), "stop: \"5s\" is not an object");
    all.put(with("stop", stop("mercy", "5s")), "stop.mercy: \"5s\" is not a field of stop");
    all.put(with("stop", stop("grace", "long")), "stop.grace: \"long\" is not a duration");
    all.put(with("uncaught", "die"), "uncaught: \"die\" is neither");
    all.put(with("critical", "yes"), "critical: \"yes\" is not true or false");
    all.put(with("requires", "db"), "requires: \"db\" is not a list");
    return all;
  }

  private static PostmasterException java(Postmaster postmaster, WorkerSpec spec) {
    return assertThrows(
        PostmasterException.class, () -> get(postmaster.register(spec)), () -> "" + spec.toJson());
  }

  private static ErrorCode codeOf(String sentence) {
    return sentence.startsWith("entry point") ? ErrorCode.UNKNOWN_ENTRY_POINT : INVALID;
  }

  private static void assertBus(Ways life, JsonObject spec, ErrorCode code, String sentence) {
    ReplyException refusal =
        assertThrows(ReplyException.class, () -> Ways.ask(life.vertx, "register", spec));
    assertEquals(code.number(), refusal.failureCode());
    assertEquals(sentence, refusal.getMessage());
  }

  /** Before its start a postmaster says the same. */
  private static void assertStatic(Ways life, WorkerSpec spec, ErrorCode code, String sentence) {
    Postmaster fresh =
        Postmaster.create(
            life.vertx, new PostmasterOptions().setName("b").setLibraries(List.of("obedient")));
    PostmasterException early = java(fresh, spec);
    assertEquals(sentence, early.getMessage());
    assertEquals(code, early.code());
  }

  @Test
  void whatIsWrongIsSaidInTheSameWordsInEachOfTheThreeWays() throws Exception {
    List<JsonObject> workers = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    try (Ways life = new Ways(Way.JAVA, directory, List.of())) {
      sayable()
          .forEach(
              (spec, begins) -> {
                PostmasterException refusal = java(life.postmaster, Ways.spec(spec));
                String sentence = refusal.getMessage();
                assertTrue(sentence.startsWith(begins), sentence);
                assertEquals(codeOf(begins), refusal.code(), sentence);
                assertStatic(life, Ways.spec(spec), refusal.code(), sentence);
                assertBus(life, spec, refusal.code(), sentence);
                lines.add(line(workers.size(), refusal));
                workers.add(spec);
              });
      writable()
          .forEach(
              (spec, begins) -> {
                String sentence =
                    assertThrows(PostmasterException.class, () -> WorkerSpec.fromJson(spec))
                        .getMessage();
                assertTrue(sentence.startsWith(begins), sentence);
                assertBus(life, spec, INVALID, sentence);
                lines.add("postmaster: workers[" + workers.size() + "]." + sentence);
                workers.add(spec);
              });
      assertEquals(0, life.postmaster.status().slotsUsed());
    }

    assertEquals(Set.copyOf(lines), Set.copyOf(checked(workers)));
    assertEquals(lines.size(), checked(workers).size());
  }

  /** How the program says it; a sentence that begins with a field goes on with the path. */
  private static String line(int worker, PostmasterException refusal) {
    String to = refusal.code() == INVALID ? "." : ": ";
    return "postmaster: workers[" + worker + ']' + to + refusal.getMessage();
  }

  /** What the program says against a configuration with these workers. */
  private List<String> checked(List<JsonObject> workers) throws Exception {
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dfile.encoding=UTF-8",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.postmaster.app.Main",
                "config",
                "--check",
                "--config",
                Ways.file(directory, workers).toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(directory.resolve("err").toFile())
            .start();
    assertTrue(program.waitFor(60, TimeUnit.SECONDS));
    assertEquals(2, program.exitValue());
    return java.nio.file.Files.readAllLines(directory.resolve("err"), StandardCharsets.UTF_8);
  }

  @Test
  void onlyADynamicRegistrationMayBeNotified() throws Exception {
    JsonObject told = with("notify", "address");
    try (Ways life = new Ways(Way.JAVA, directory, List.of())) {
      Postmaster fresh =
          Postmaster.create(
              life.vertx, new PostmasterOptions().setName("b").setLibraries(List.of("obedient")));
      PostmasterException early = java(fresh, Ways.spec(told));
      get(life.postmaster.register(Ways.spec(told)));
      Ways.ask(life.vertx, "register", told);

      assertEquals(ErrorCode.NOTIFY_NOT_ALLOWED, early.code());
      assertEquals(List.of(line(1, early)), checked(List.of(valid(), told)));
    }
  }

  @Test
  void numbersThatJsonHasNotAreRefused() throws Exception {
    JsonObject args = new JsonObject().put("in", new JsonArray().add(Double.NaN));
    try (Ways life = new Ways(Way.JAVA, directory, List.of())) {
      PostmasterException refusal = java(life.postmaster, Ways.spec(valid()).args(args));
      assertBus(life, with("args", args), ErrorCode.BAD_REQUEST, BUS_NAN);

      assertEquals("args: \"…\" holds a number that JSON has not", refusal.getMessage());
    }
    List<String> faults = new ArrayList<>();
    Path file =
        java.nio.file.Files.writeString(
            directory.resolve("nan.yaml"), "workers: [{ name: w, args: { x: .nan, y: -.inf } }]\n");
    ConfigurationFile.read(io.vertx.core.Vertx.vertx(), java.util.Optional.of(file), faults);
    assertEquals(
        List.of(
            "workers[0].args.x: \"NaN\" is no JSON value, put it between quotes",
            "workers[0].args.y: \"-Infinity\" is no JSON value, put it between quotes"),
        faults);
  }

  private static final String BUS_NAN = "the body has a number that JSON cannot hold, NaN";
}
