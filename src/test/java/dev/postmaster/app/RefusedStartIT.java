package dev.postmaster.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What stops the program before it has started: one clear line each, and the right exit code. */
@Execution(ExecutionMode.CONCURRENT)
class RefusedStartIT {

  @TempDir Path directory;

  private Jar run(String... arguments) throws Exception {
    Jar jar = Jar.start(directory, arguments);
    jar.awaitExit();
    return jar;
  }

  private Path file(String name, String text) throws Exception {
    return Files.writeString(directory.resolve(name), text);
  }

  /** It says nothing on stdout, and these lines on stderr. */
  private static void assertRefused(int code, List<String> lines, Jar jar) throws Exception {
    assertEquals(code, jar.awaitExit(), () -> "" + jar.err());
    assertEquals(List.of(), jar.out());
    assertEquals(lines, jar.err());
  }

  @Test
  void aJournalThatCannotBeReadIsNamedBeforeAnythingIsSaid() throws Exception {
    Path journal = Files.createDirectories(directory.resolve("data/default.journal"));

    Jar jar = run("run", "--port", "0");

    assertRefused(
        5,
        List.of("postmaster: journal " + journal.toRealPath() + " cannot be read: Is a directory"),
        jar);
    assertTrue(Files.isDirectory(journal));
  }

  @Test
  void allFaultsOfAConfigurationAreNamedAtOnceWithTheirPaths() throws Exception {
    file(
        "bad.yaml",
        """
        nmae: x
        maxWorkers: -1
        phase: SLEEP
        crashLimit: { cycles: many, within: 10 minutes }
        groups: {}
        http: { port: 70000, prot: 1 }
        databases: { other: { user: me } }
        workers:
          - { name: a, library: examples, function: counter, start: NEVER }
          - { name: b }
        """);

    Jar jar = run("run", "--config", "bad.yaml");

    assertEquals(2, jar.awaitExit());
    assertEquals(List.of(), jar.out());
    String all = String.join("\n", jar.err());
    for (String fault :
        List.of(
            "postmaster: nmae: is not a key",
            "postmaster: maxWorkers: ",
            "postmaster: phase: \"SLEEP\" is not one of STARTUP, CONSISTENT, RUN",
            "postmaster: crashLimit.cycles: \"many\" is not a whole number",
            "postmaster: crashLimit.within: \"10 minutes\" is not a duration",
            "postmaster: groups: is not supported yet",
            "postmaster: http.prot: is not a key",
            "postmaster: http.port: ",
            "postmaster: databases.other.url: is missing",
            "postmaster: workers[0].start: ",
            "postmaster: workers[1].")) {
      assertTrue(all.contains(fault), () -> fault + " is not in\n" + all);
    }
    assertEquals(11, jar.err().size(), all);
    assertFalse(Files.exists(directory.resolve("data")));
  }

  @Test
  void staticWorkersThatCannotBeRegisteredAreFaultsOfTheConfiguration() throws Exception {
    file(
        "workers.yaml",
        """
        maxWorkers: 2
        uniqueNames: true
        workers:
          - { name: a, library: examples, function: one-shot }
          - { name: a, library: examples, function: one-shot }
          - { name: b, library: examples, function: nothing }
          - { name: c, library: examples, function: one-shot }
          - { name: d, library: examples, function: one-shot }
        """);

    Jar jar = run("run", "--config", "workers.yaml");

    assertEquals(2, jar.awaitExit());
    assertEquals(3, jar.err().size(), () -> "" + jar.err());
    assertTrue(jar.err().get(0).contains("workers[1]: the unique name \"a\" is taken"));
    assertTrue(jar.err().get(1).contains("workers[2]: entry point \"examples/nothing\""));
    assertTrue(jar.err().get(2).contains("workers[4]: "), jar.err().get(2));
    assertFalse(Files.exists(directory.resolve("data")));
  }

  @Test
  void whatIsNoYamlIsOneLine() throws Exception {
    file("torn.yaml", "name: default\nhttp: { port: 1\n");

    assertEquals(2, run("run", "--config", "torn.yaml").awaitExit());
    Jar missing = run("run", "--config", "nowhere.yaml");

    assertEquals(2, missing.awaitExit());
    assertEquals(1, missing.err().size(), () -> "" + missing.err());
    assertTrue(missing.err().get(0).contains("nowhere.yaml"));
  }

  @Test
  void aBadFlagIsAFaultOfUsage() throws Exception {
    assertEquals(2, run("run", "--prot", "1").awaitExit());
    assertEquals(2, run("run", "--port", "70000").awaitExit());
    assertEquals(2, run("fly").awaitExit());
    assertEquals(2, run().awaitExit());
  }

  @Test
  void theCheckNamesTheSameFaultsAndStartsNothing() throws Exception {
    file("bad.yaml", "maxWorkers: lots\n");
    file("good.yaml", "maxWorkers: 3\n");

    assertRefused(
        2,
        List.of("postmaster: maxWorkers: \"lots\" is not a whole number"),
        run("config", "--check", "--config", "bad.yaml"));
    assertEquals(0, run("config", "--check", "--config", "good.yaml").awaitExit());
    assertFalse(Files.exists(directory.resolve("data")));
  }

  @Test
  void theEnvironmentOverridesTheFileAndAnUnknownVariableIsAWarning() throws Exception {
    Map<String, String> environment =
        Map.of("POSTMASTER_MAX_WORKERS", "few", "POSTMASTER_MAX_WORKER", "1");
    file("good.yaml", "maxWorkers: 3\n");

    Jar jar = Jar.start(directory, environment, "config", "--check", "--config", "good.yaml");

    assertRefused(
        2,
        List.of(
            "postmaster: warning: the environment variable POSTMASTER_MAX_WORKER is no key",
            "postmaster: maxWorkers: \"few\" is not a whole number"),
        jar);
  }

  @Test
  void aPortInUseIsOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());

      Jar jar = run("run", "--data", "data", "--port", port);

      assertEquals(5, jar.awaitExit());
      assertEquals(List.of(), jar.out());
      assertEquals(1, jar.err().size(), () -> "" + jar.err());
      assertTrue(jar.err().get(0).contains("127.0.0.1:" + port + " cannot be bound"));
    }
  }

  @Test
  void aDirectoryThatCannotBeMadeIsOneLine() throws Exception {
    file("occupied", "");

    Jar jar = run("run", "--data", "occupied/data", "--port", "0");

    assertEquals(5, jar.awaitExit());
    assertEquals(1, jar.err().size(), () -> "" + jar.err());
    assertTrue(jar.err().get(0).contains("occupied/data cannot be made"), jar.err().get(0));
  }

  @Test
  void aDatabaseThatCannotBeReachedIsOneLine() throws Exception {
    String url = "jdbc:postgresql://127.0.0.1:1/none?password=hidden";
    file("far.yaml", "database: { url: \"" + url + "\", user: me }\n");

    Jar jar = run("run", "--config", "far.yaml", "--data", "data", "--port", "0");

    assertEquals(5, jar.awaitExit());
    assertEquals(List.of(), jar.out());
    assertEquals(1, jar.err().size(), () -> "" + jar.err());
    assertTrue(jar.err().get(0).contains("jdbc:postgresql://127.0.0.1:1/none cannot be reached"));
    assertFalse(jar.err().get(0).contains("hidden"), jar.err().get(0));
  }

  @Test
  void anEmbeddedDatabaseThatCannotBeMadeIsOneLineToo() throws Exception {
    file("h2.yaml", "database: { url: \"jdbc:h2:async:/proc/nowhere/x\" }\n");

    Jar jar = run("run", "--config", "h2.yaml", "--data", "data", "--port", "0");

    assertEquals(5, jar.awaitExit());
    assertEquals(List.of(), jar.out());
    assertEquals(1, jar.err().size(), () -> "" + jar.err());
    assertTrue(jar.err().get(0).contains("/proc/nowhere/x cannot be reached"), jar.err().get(0));
    assertFalse(Files.exists(directory.resolve("data")));
  }

  @Test
  void aDirectoryInUseNamesItsUserAndIsFreeAfterAKill() throws Exception {
    file("quiet.yaml", "http: { enabled: false }\n");
    try (Jar first = Jar.start(directory, "run", "--config", "quiet.yaml", "--data", "data")) {
      first.awaitOut(java.util.regex.Pattern.compile("^log "));

      Jar second = run("run", "--config", "quiet.yaml", "--data", "data");

      assertEquals(5, second.awaitExit());
      assertEquals(1, second.err().size(), () -> "" + second.err());
      assertTrue(
          second.err().get(0).endsWith("\"default\", pid " + first.pid()), second.err().get(0));
      first.kill();
      first.awaitExit();
    }
    try (Jar third = Jar.start(directory, "run", "--config", "quiet.yaml", "--data", "data")) {
      third.awaitOut(java.util.regex.Pattern.compile("^log "));
      third.term();
      assertEquals(0, third.awaitExit());
      assertEquals(List.of(), third.err());
    }
  }

  @Test
  void theVersionIsOneLine() throws Exception {
    Jar jar = run("version");

    assertEquals(0, jar.awaitExit());
    assertEquals(1, jar.out().size());
    assertTrue(jar.out().get(0).matches("postmaster \\d+\\.\\d+\\.\\d+.*"), jar.out().get(0));
  }

  @Test
  void oneFaultHidesNoOtherAndEachHasItsOwnPath() throws Exception {
    file(
        "bad.yaml",
        """
        maxWorkers: -1
        libraries: [examples, nowhere]
        workers:
          - { name: a, zz: 1 }
          - { name: b, library: examples, function: nothing }
        """);

    Jar jar = run("config", "--check", "--config", "bad.yaml");

    assertEquals(2, jar.awaitExit());
    assertEquals(4, jar.err().size(), () -> "" + jar.err());
    String all = String.join("\n", jar.err());
    for (String fault :
        List.of(
            "postmaster: maxWorkers: -1",
            "postmaster: libraries: \"nowhere\" is not on the class path",
            "postmaster: workers[0].zz: ",
            "postmaster: workers[1]: entry point \"examples/nothing\"")) {
      assertTrue(all.contains(fault), () -> fault + " is not in\n" + all);
    }
  }

  @Test
  void nothingInAConfigurationCommandsTheTerminalOrLooksLikeALineOfOurs() throws Exception {
    file("evil.yaml", "\"a\\e[2J\\npostmaster: fine\": 1\n");

    Jar jar = run("config", "--check", "--config", "evil.yaml");

    assertRefused(2, List.of("postmaster: a\\u001b[2J\\u000apostmaster: fine: is not a key"), jar);
  }

  @Test
  void aLogThatCannotBeWrittenIsOneLine() throws Exception {
    file("log.yaml", "log: { file: logs }\n");
    Files.createDirectory(directory.resolve("logs"));

    Jar jar = run("run", "--config", "log.yaml", "--data", "data", "--port", "0");

    assertEquals(5, jar.awaitExit());
    assertEquals(1, jar.err().size(), () -> "" + jar.err());
    assertTrue(jar.err().get(0).contains("logs cannot be written"), jar.err().get(0));
  }

  @Test
  void aRefusedStartLeavesNoDirectoryThatWasNotThere() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      Path there = Files.createDirectory(directory.resolve("there"));
      Path note = Files.writeString(there.resolve("note"), "mine");

      assertEquals(5, run("run", "--data", "a/b/c", "--port", port).awaitExit());
      assertEquals(5, run("run", "--data", "there", "--port", port).awaitExit());

      assertFalse(Files.exists(directory.resolve("a")));
      assertEquals("mine", Files.readString(note));
      assertFalse(Files.exists(there.resolve("default.pid")));
    }
  }
}
