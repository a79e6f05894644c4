package dev.postmaster.app;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The program as its users run it: {@code java -jar postmaster.jar}, in a process of its own. */
final class Jar implements AutoCloseable {

  static final String PATH = System.getProperty("postmaster.jar");

  private static final Pattern URL = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)");
  private static final long LIMIT_SECONDS = 60;

  private final Process process;
  private final List<String> out = new ArrayList<>();
  private final List<String> err = new ArrayList<>();
  private final List<Thread> readers = new ArrayList<>();
  private int open = 2;

  private Jar(Process process) {
    this.process = process;
    read(process.inputReader(), out);
    read(process.errorReader(), err);
  }

  /** Starts it in that directory, with its environment changed as given. */
  static Jar start(Path directory, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-jar", PATH));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(environment);
    return new Jar(builder.start());
  }

  static Jar start(Path directory, String... arguments) throws IOException {
    return start(directory, Map.of(), arguments);
  }

  private void read(BufferedReader from, List<String> into) {
    Thread reader =
        new Thread(
            () -> {
              try (from) {
                for (String line = from.readLine(); line != null; line = from.readLine()) {
                  add(into, line);
                }
              } catch (IOException killed) {
                // What came until then is all.
              } finally {
                end();
              }
            });
    readers.add(reader);
    reader.start();
  }

  private synchronized void add(List<String> into, String line) {
    into.add(line);
    notifyAll();
  }

  private synchronized void end() {
    open--;
    notifyAll();
  }

  /** Waits for a line of the console. */
  synchronized String awaitOut(Pattern pattern) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (true) {
      for (String line : out) {
        if (pattern.matcher(line).find()) {
          return line;
        }
      }
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      assertTrue(open == 2 && left > 0, () -> "no " + pattern + " in " + out + err);
      wait(left);
    }
  }

  int awaitPort() throws InterruptedException {
    Matcher url = URL.matcher(awaitOut(URL));
    assertTrue(url.find());
    return Integer.parseInt(url.group(1));
  }

  /** Waits for its end; its exit code. */
  int awaitExit() throws InterruptedException {
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), () -> "still alive: " + out + err);
    for (Thread reader : readers) {
      reader.join();
    }
    return process.exitValue();
  }

  /** TERM, as {@code kill} sends it: {@code destroy} would also close what it writes to. */
  void term() throws IOException, InterruptedException {
    signal("TERM");
  }

  /** {@code kill -9}. */
  void kill() {
    process.destroyForcibly();
  }

  /** Any signal, by its name. */
  void signal(String name) throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
    assertTrue(kill.waitFor() == 0);
  }

  long pid() {
    return process.pid();
  }

  synchronized List<String> out() {
    return List.copyOf(out);
  }

  synchronized List<String> err() {
    return List.copyOf(err);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
