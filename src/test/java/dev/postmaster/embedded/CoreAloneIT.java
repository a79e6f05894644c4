package dev.postmaster.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Postmaster;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user who embeds it gets: vertx-core, what that cannot do without, and us. */
class CoreAloneIT {

  /** Of vertx-core's own dependencies those that are not optional; versions aside. */
  private static final String MANDATORY =
      "(vertx-core|vertx-core-logging|jackson-core|netty-(common|buffer|transport|handler"
          + "|transport-native-unix-common|codec-base|handler-proxy|codec-socks|codec-http"
          + "|codec-compression|codec-http2|resolver|resolver-dns|codec-dns))-[0-9].*\\.jar";

  private static final String ABSENT =
      "nothing on the class path can check JSON schemas of arguments, io.vertx:vertx-json-schema"
          + " does";

  @TempDir Path directory;

  private List<String> classPath() throws Exception {
    Path program = Files.createDirectories(directory.resolve("program/dev/postmaster/embedded"));
    Path compiled = Path.of(where(CoreAlone.class), "dev/postmaster/embedded");
    try (Stream<Path> classes = Files.list(compiled)) {
      for (Path file : classes.toList()) {
        if (file.getFileName().toString().matches("CoreAlone(\\$.*)?\\.class")) {
          Files.copy(file, program.resolve(file.getFileName()));
        }
      }
    }
    List<String> path = new ArrayList<>();
    path.add(directory.resolve("program").toString());
    path.add(where(Postmaster.class));
    Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> Path.of(entry).getFileName().toString().matches(MANDATORY))
        .forEach(path::add);
    return path;
  }

  private static String where(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }

  @Test
  void withVertxCoreAloneWorkersRunAndNothingElseIsOpened() throws Exception {
    List<String> path = classPath();
    assertEquals(2 + 17, path.size(), path::toString);
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-classpath",
                String.join(File.pathSeparator, path),
                CoreAlone.class.getName())
            .directory(Files.createDirectory(directory.resolve("empty")).toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertTrue(program.waitFor(60, TimeUnit.SECONDS));
    } finally {
      program.destroyForcibly();
    }

    assertEquals(
        List.of(
            "io.vertx.json.schema.Validator: false",
            "io.vertx.ext.web.Router: false",
            "io.vertx.config.ConfigRetriever: false",
            "com.zaxxer.hikari.HikariDataSource: false",
            "org.slf4j.Logger: false",
            "one: COMPLETED",
            "two: COMPLETED",
            "by name: COMPLETED",
            "hooks: 0",
            "listening: 0",
            "files: 0",
            "schema: libraries: \"mine\", " + ABSENT,
            "built in: args: " + ABSENT,
            "closed: 0",
            "threads: 0",
            "end: reached"),
        Files.readAllLines(out),
        Files.readString(err));
    assertEquals(0, program.exitValue());
  }
}
