package dev.postmaster.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a worker can do to the JVM that it lives in. */
class MortalTest {

  @TempDir Path directory;

  private List<String> run(int exit, String... args) throws Exception {
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            Mortal.class.getName());
    builder.command().addAll(List.of(args));
    Process program = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      assertTrue(program.waitFor(60, TimeUnit.SECONDS), () -> args[0] + " hangs");
    } finally {
      program.destroyForcibly();
    }
    assertEquals(exit, program.exitValue(), () -> read(out) + read(err));
    return Files.readAllLines(out).stream().filter(line -> line.matches("[a-z]+: .*")).toList();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (java.io.IOException failure) {
      return failure.toString();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"main", "verticle"})
  void whoTakesAllTheMemoryCrashesAndItsDomainAndNobodyElse(String kind) throws Exception {
    assertEquals(
        List.of(
            "exit: CRASHED",
            "message: java.lang.OutOfMemoryError: Java heap space",
            "bystander: 1",
            "next: FREE",
            "abnormal: false",
            "abandoned: 0"),
        run(0, "exhaust", kind));
  }

  @ParameterizedTest
  @ValueSource(strings = {"main", "verticle"})
  void whoExitsTheJvmExitsItAndNothingHoldsItUp(String kind) throws Exception {
    assertEquals(List.of(), run(7, "exit", kind));
    assertEquals(List.of(), run(9, "halt", kind));
  }
}
