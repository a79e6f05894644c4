package dev.postmaster.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker ends the program's JVM under it: it does not hang, and the next start is one. */
class LeavingTest {

  @TempDir Path directory;

  private int run(String function) throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("leaving.yaml"),
            """
            http: { enabled: false }
            libraries: [obedient]
            workers:
              - { name: w, library: obedient, function: %s, stop: { grace: 50ms, force: 50ms } }
            """
                .formatted(function));
    Path err = directory.resolve("err");
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.postmaster.app.Main",
                "run",
                "--config",
                file.toString(),
                "--data",
                directory.resolve("data").toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(err.toFile())
            .start();
    try {
      assertTrue(program.waitFor(60, TimeUnit.SECONDS), () -> function + " hangs");
    } finally {
      program.destroyForcibly();
    }
    return program.exitValue();
  }

  @Test
  void whoHaltsTheJvmLeavesADirectoryThatCanBeUsedAgain() throws Exception {
    assertEquals(9, run("halts"));
    assertEquals(9, run("halts"));
  }

  /** The thread that exits cannot be stopped: the shutdown that it begins is not kept by it. */
  @Test
  void whoExitsTheJvmDoesNotHoldUpTheEndThatItBegins() throws Exception {
    assertEquals(10, run("exits"));
    assertEquals(10, run("exits"));
  }
}
