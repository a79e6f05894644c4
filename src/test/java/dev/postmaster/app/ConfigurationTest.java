package dev.postmaster.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Phase;
import dev.postmaster.PostmasterOptions;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The layers of the configuration, and what is said against them. */
class ConfigurationTest {

  private static final JsonObject NOTHING = new JsonObject();

  private final Vertx vertx = Vertx.vertx();
  private final List<String> faults = new ArrayList<>();

  @TempDir Path directory;

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private JsonObject read(String yaml) throws Exception {
    Path file = Files.writeString(directory.resolve("postmaster.yaml"), yaml);
    return ConfigurationFile.read(vertx, Optional.of(file), faults);
  }

  private static Configuration of(JsonObject file) {
    return new Configuration(file, Map.of(), Map.of());
  }

  @Test
  void withNothingGivenEveryKeyHasTheDefaultOfTheProtocols() {
    Configuration configuration = of(NOTHING);

    assertEquals(List.of(), configuration.faults());
    assertEquals(64, configuration.options().maxWorkers());
    assertEquals(8, configuration.options().maxParallelWorkers());
    assertEquals(Duration.ofSeconds(30), configuration.options().shutdownTimeout());
    assertEquals(Phase.RUN, configuration.options().phase());
    assertEquals("127.0.0.1", configuration.web().host());
    assertEquals(7_432, configuration.web().port());
    assertEquals(Path.of("data").toAbsolutePath(), configuration.data());
    assertEquals(
        "jdbc:h2:async:" + Path.of("data").toAbsolutePath() + "/postmaster",
        configuration.databases().get("").url());
  }

  @Test
  void theFileThatIsDeliveredHoldsEveryKeyWithItsDefault() throws Exception {
    JsonObject delivered =
        ConfigurationFile.read(vertx, Optional.of(Path.of("conf/postmaster.yaml")), faults);
    List<String> missing = new ArrayList<>();
    Keys.known()
        .forEach(
            (path, key) -> {
              Object at = delivered;
              for (String name : path.split("\\.")) {
                at =
                    // A level that is null has no keys.
                    at == null
                        ? null
                        : at instanceof JsonObject level && level.containsKey(name)
                            ? level.getValue(name)
                            : "(missing)";
              }
              if (!java.util.Objects.equals(at, key.otherwise())) {
                missing.add(path + " is " + at);
              }
            });

    assertEquals(List.of(), missing);
    assertEquals(List.of(), faults);
    assertEquals(List.of(), of(delivered).faults());
  }

  @Test
  void theEnvironmentOverridesTheFileAndFlagsOverrideBoth() {
    JsonObject file =
        new JsonObject().put("http", new JsonObject().put("port", 1).put("host", "::1"));
    Map<String, String> environment =
        Map.of(
            "POSTMASTER_HTTP_PORT", "2",
            "POSTMASTER_MAX_WORKERS", "5",
            "POSTMASTER_LIBRARIES", "a, b",
            "POSTMASTER_CRASH_LIMIT_WITHIN", "1m",
            "POSTMASTER_LOG_CONSOLE", "true");

    Configuration configuration = new Configuration(file, environment, Map.of("http.port", 3));

    assertEquals(List.of(), configuration.faults());
    assertEquals(3, configuration.web().port());
    assertEquals("::1", configuration.web().host());
    assertEquals(5, configuration.options().maxWorkers());
    assertEquals(List.of("a", "b"), configuration.options().libraries());
    assertEquals(Duration.ofMinutes(1), configuration.options().crashWithin());
    assertTrue(configuration.flag("log.console"));
  }

  @Test
  void remoteControlIsOffUnlessItIsAskedFor() {
    JsonObject on = new JsonObject().put("cluster", new JsonObject().put("remoteControl", true));

    assertFalse(of(NOTHING).options().remoteControl());
    assertTrue(of(on).options().remoteControl());
    assertTrue(new PostmasterOptions(of(on).options().toJson()).remoteControl());
    assertTrue(new PostmasterOptions(of(on).options()).remoteControl());
    assertTrue(
        new Configuration(NOTHING, Map.of("POSTMASTER_CLUSTER_REMOTE_CONTROL", "true"), Map.of())
            .options()
            .remoteControl());
  }

  @Test
  void anUnknownVariableIsAWarningButThoseOfTheCommandLineAreNot() {
    Configuration configuration =
        new Configuration(
            NOTHING,
            Map.of("POSTMASTER_PORT", "1", "POSTMASTER_URL", "x", "POSTMASTER_TOKEN_FILE", "y"),
            Map.of());

    assertEquals(List.of(), configuration.faults());
    assertEquals(
        List.of("the environment variable POSTMASTER_PORT is no key"), configuration.warnings());
  }

  @Test
  void everyFaultIsNamedWithItsPathHoweverManyThereAre() {
    JsonObject file =
        new JsonObject()
            .put("uniqueNames", "yes")
            .put("libraries", new JsonArray().add(1))
            .put("maxWorkers", 1.5)
            .put("cluster", new JsonObject().put("remoteControl", "yes"))
            .put("journal", new JsonObject().put("durability", "always").put("capacity", null))
            .put("log", "console")
            .put("workers", new JsonArray().add(new JsonObject().put("nmae", "x")));

    List<String> found = of(file).faults();

    assertEquals(7 + 1, found.size(), found::toString);
    for (String path :
        List.of(
            "uniqueNames: ",
            "libraries: ",
            "maxWorkers: ",
            "cluster.remoteControl: ",
            "journal.durability: \"always\" is not one of process, interval",
            "journal.capacity: ",
            "log: is not an object",
            "workers[0].")) {
      assertTrue(found.stream().anyMatch(f -> f.startsWith(path)), path + " in " + found);
    }
  }

  @Test
  void aKeyThatStandsTwiceIsAFaultWithBothLines() throws Exception {
    JsonObject read = read("maxWorkers: 1\nhttp:\n  port: 1\n  port: 2\nmaxWorkers: 2\n");

    assertEquals(
        List.of(
            "http.port: stands twice, in line 3 and in line 4",
            "maxWorkers: stands twice, in line 1 and in line 5"),
        faults.stream().sorted().toList());
    assertTrue(read.containsKey("http"));
  }

  @Test
  void whatIsNoYamlIsAFaultWithItsLine() throws Exception {
    assertEquals(NOTHING, read("name: default\nhttp: { port: 1\n"));
    assertEquals(1, faults.size());
    assertTrue(faults.get(0).contains("line "), faults.get(0));
  }

  @Test
  void aFileOfCommentsIsEmpty() throws Exception {
    assertEquals(NOTHING, read("# nothing\n"));
    assertEquals(NOTHING, read(""));
    assertEquals(List.of(), faults);
  }

  @Test
  void aFileThatIsNoObjectOrCannotBeReadIsAFault() throws Exception {
    read("- 1\n- 2\n");
    ConfigurationFile.read(vertx, Optional.of(directory.resolve("nowhere")), faults);
    ConfigurationFile.read(vertx, Optional.of(directory), faults);
    // A pipe could be read only once, and it is read twice.
    ConfigurationFile.read(vertx, Optional.of(Path.of("/dev/null")), faults);

    assertEquals(4, faults.size(), faults::toString);
    assertTrue(faults.get(1).endsWith("nowhere: does not exist"), faults.get(1));
    assertTrue(faults.get(2).endsWith(": is a directory"), faults.get(2));
    assertTrue(faults.get(3).endsWith(": is not a regular file"), faults.get(3));
  }

  @Test
  void whatHoldsItselfOrWouldFillTheMemoryIsOneFault() throws Exception {
    for (String yaml :
        List.of(
            "workers: &a [*a]\n",
            "databases: &a { x: *a }\n",
            "a0: &a0 [1]\n" + aliases(24, "[*%1$s, *%1$s]"),
            "a0: &a0 { x: 1 }\n" + aliases(24, "{ x: *%1$s, y: *%1$s }"))) {
      faults.clear();

      assertEquals(NOTHING, read(yaml));
      assertEquals(1, faults.size(), faults::toString);
    }
  }

  /** Each level holds the one below twice. */
  private static String aliases(int levels, String level) {
    StringBuilder yaml = new StringBuilder();
    for (int n = 1; n <= levels; n++) {
      yaml.append("a" + n + ": &a" + n + ' ').append(String.format(level, "a" + (n - 1)));
      yaml.append('\n');
    }
    return yaml.toString();
  }

  @Test
  void aliasesAreAnHonestWayToWriteAConfiguration() throws Exception {
    JsonObject read = read("databases:\n  a: &a { url: x }\n  b: *a\n  c: { <<: *a, user: me }\n");

    assertEquals(List.of(), faults);
    assertEquals("x", read.getJsonObject("databases").getJsonObject("b").getString("url"));
    assertEquals("x", read.getJsonObject("databases").getJsonObject("c").getString("url"));
  }

  @Test
  void aKeyThatIsNoTextIsAFaultWithItsLine() throws Exception {
    for (String yaml : List.of("name: a\n~: 1\n", "name: a\n? [a, b]\n: 1\n")) {
      faults.clear();

      read(yaml);

      assertEquals(1, faults.size(), faults::toString);
      assertTrue(faults.get(0).endsWith(": line 2: a key is no text"), faults.get(0));
    }
  }

  @Test
  void whatIsNotUtf8OrTooLargeIsSaidToBeThat() throws Exception {
    Path file = directory.resolve("latin.yaml");
    Files.write(file, new byte[] {'n', 'a', 'm', 'e', ':', ' ', (byte) 0xe9, '\n'});
    ConfigurationFile.read(vertx, Optional.of(file), faults);
    read("# " + "x".repeat(2_000_000) + "\n");

    assertEquals(2, faults.size(), faults::toString);
    assertTrue(faults.get(0).endsWith("is not UTF-8"), faults.get(0));
    assertTrue(faults.get(1).endsWith("is larger than 1024 KiB"), faults.get(1));
  }

  @Test
  void aLevelIsNotWrittenWithADot() {
    List<String> found = of(new JsonObject().put("http.port", 1)).faults();

    assertEquals(List.of("http.port: is not a key, levels are not written with a dot"), found);
  }

  @Test
  void aPathThatCannotBeOneIsAFault() {
    JsonObject file =
        new JsonObject()
            .put("data", "")
            .put("log", new JsonObject().put("file", "a\0b").put("access", " "))
            .put("database", new JsonObject().put("passwordFile", "\0"))
            .put(
                "databases",
                new JsonObject()
                    .put("x", new JsonObject().put("url", "u").put("passwordFile", "")));

    List<String> found = of(file).faults();

    assertEquals(5, found.size(), found::toString);
    for (String path :
        List.of(
            "data: ",
            "log.file: ",
            "log.access: ",
            "database.passwordFile: ",
            "databases.x.passwordFile: ")) {
      assertTrue(found.stream().anyMatch(f -> f.startsWith(path)), path + " in " + found);
    }
    assertEquals(1, new Configuration(NOTHING, Map.of(), Map.of("data", "")).faults().size());
  }

  @Test
  void twoLogsInOneFileAreAFault() {
    JsonObject log = new JsonObject().put("file", "x").put("access", "./x");

    assertEquals(
        List.of("log.access: is the same file as log.file"),
        of(new JsonObject().put("log", log)).faults());
  }
}
