package dev.postmaster.mutants;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * Makes each mutant of {@code src/mutants/core.mutants} and runs against it what every build runs
 * against the core. Exits with 1 if one survives.
 */
public final class HandMade {

  private static final Path SOURCES = Path.of("src/main/java/dev/postmaster/core");
  private static final int MINUTES_MAX = 10;

  /** As many as a build plays. */
  private static final int HISTORIES = 4_000;

  private record Mutant(String what, String file, String there, String instead) {}

  private HandMade() {}

  /** Takes the file with the mutants, and how many run at a time. */
  public static void main(String[] args) throws Exception {
    List<Mutant> mutants = read(Files.readAllLines(Path.of(args[0])));
    ExecutorService threads = Executors.newFixedThreadPool(Integer.parseInt(args[1]));
    List<Future<Boolean>> caught = new ArrayList<>();
    for (Mutant mutant : mutants) {
      caught.add(threads.submit((Callable<Boolean>) () -> isCaught(mutant)));
    }
    int survivors = 0;
    for (Future<Boolean> one : caught) {
      survivors += one.get() ? 0 : 1;
    }
    threads.shutdown();
    System.out.printf("%d mutants, %d survived%n", mutants.size(), survivors);
    System.exit(survivors == 0 ? 0 : 1);
  }

  private static List<Mutant> read(List<String> lines) {
    List<Mutant> mutants = new ArrayList<>();
    String what = null;
    String file = null;
    StringBuilder there = new StringBuilder();
    StringBuilder instead = new StringBuilder();
    for (String line : Stream.concat(lines.stream(), Stream.of("# end")).toList()) {
      String text = line.length() > 2 ? line.substring(2) : "";
      if (line.startsWith("# ")) {
        if (what != null) {
          mutants.add(new Mutant(what, file, there.toString(), instead.toString()));
        }
        what = text;
        there.setLength(0);
        instead.setLength(0);
      } else if (line.startsWith("@")) {
        file = text;
      } else if (line.startsWith("-")) {
        there.append(text).append('\n');
      } else if (line.startsWith("+")) {
        instead.append(text).append('\n');
      }
    }
    return mutants;
  }

  private static boolean isCaught(Mutant mutant) throws IOException, InterruptedException {
    Path home = Files.createTempDirectory("mutant");
    try {
      compile(mutant, home);
      long start = System.nanoTime();
      Process tests = start(home);
      boolean isOver = tests.waitFor(MINUTES_MAX, TimeUnit.MINUTES);
      tests.destroyForcibly();
      String out = Files.readString(home.resolve("out")).strip();
      boolean caught = !isOver || tests.exitValue() != 0;
      System.out.printf(
          "%-8s %5.1f s  %s%s%n",
          caught ? "caught" : "SURVIVED",
          (System.nanoTime() - start) / 1e9,
          mutant.what,
          caught ? ": " + (isOver ? firstLine(out) : "it never ends") : "");
      return caught;
    } finally {
      try (Stream<Path> paths = Files.walk(home)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  private static String firstLine(String out) {
    return out.lines().filter(line -> line.startsWith("caught by")).findFirst().orElse(out);
  }

  private static void compile(Mutant mutant, Path home) throws IOException {
    String source = Files.readString(SOURCES.resolve(mutant.file));
    int at = source.indexOf(mutant.there);
    if (at < 0 || source.indexOf(mutant.there, at + 1) >= 0) {
      throw new IOException(mutant.what + ": its text does not stand once in " + mutant.file);
    }
    Path changed = home.resolve(mutant.file);
    Files.writeString(changed, source.replace(mutant.there, mutant.instead));
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-nowarn",
                "-proc:none",
                "-classpath",
                System.getProperty("java.class.path"),
                "-d",
                home.toString(),
                changed.toString());
    if (failed != 0) {
      throw new IOException(mutant.what + ": does not compile");
    }
  }

  private static Process start(Path home) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx3g",
            "-Dhistory.seeds=" + HISTORIES,
            "-Dhistory.often=10",
            "-classpath",
            home + System.getProperty("path.separator") + System.getProperty("java.class.path"),
            CoreTests.class.getName())
        .redirectErrorStream(true)
        .redirectOutput(home.resolve("out").toFile())
        .start();
  }
}
