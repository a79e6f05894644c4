package dev.postmaster.embedded;

import dev.postmaster.EntryPoint;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.ShutdownReport;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerLibrary;
import dev.postmaster.WorkerSpec;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.stream.Stream;

/**
 * Somebody's program with vertx-core and nothing else on its class path. It says what it saw, one
 * line a fact; {@link CoreAloneIT} runs it in a JVM of its own and reads that.
 */
public final class CoreAlone {

  private record Library(JsonObject schema) implements WorkerLibrary {

    @Override
    public String name() {
      return "mine";
    }

    @Override
    public List<EntryPoint> entryPoints() {
      return List.of(EntryPoint.of("fn", "for a test", schema, () -> context -> {}));
    }
  }

  private CoreAlone() {}

  public static void main(String[] args) throws Exception {
    for (String absent :
        List.of(
            "io.vertx.json.schema.Validator",
            "io.vertx.ext.web.Router",
            "io.vertx.config.ConfigRetriever",
            "com.zaxxer.hikari.HikariDataSource",
            "org.slf4j.Logger")) {
      say(absent, isThere(absent));
    }
    Vertx vertx = Vertx.vertx();
    int hooks = hooks();
    int sockets = listening();

    Postmaster one = started(vertx, "one", new JsonObject());
    Postmaster two = started(vertx, "two", new JsonObject());
    CountDownLatch both = new CountDownLatch(2);
    WorkerHandle first = meet(one, both);
    WorkerHandle second = meet(two, both);
    say("one", get(first.awaitGone()).last().exit());
    say("two", get(second.awaitGone()).last().exit());
    WorkerHandle named = get(one.register(WorkerSpec.of("w", "mine", "fn")));
    say("by name", get(named.awaitGone()).last().exit());

    say("hooks", hooks() - hooks);
    say("listening", listening() - sockets);
    say("files", files());
    say("schema", failure(() -> started(vertx, "three", new JsonObject().put("type", "object"))));
    say(
        "built in",
        failure(() -> get(one.register(WorkerSpec.of("p", "postmaster", "publisher")))));
    say("closed", abnormal(get(one.close())) + abnormal(get(two.close())));
    say("threads", atLast(CoreAlone::threads));
    get(vertx.close());
    say("end", "reached");
  }

  private static Postmaster started(Vertx vertx, String name, JsonObject schema) throws Exception {
    PostmasterOptions options = new PostmasterOptions().setName(name);
    return get(Postmaster.create(vertx, options.addLibrary(new Library(schema))).start());
  }

  /** A worker that ends when as many run as are to. */
  private static WorkerHandle meet(Postmaster postmaster, CountDownLatch all) throws Exception {
    WorkerSpec spec =
        WorkerSpec.of(
            "w",
            () ->
                context -> {
                  all.countDown();
                  all.await();
                });
    return get(postmaster.register(spec));
  }

  private static void say(String what, Object value) {
    System.out.println(what + ": " + value);
  }

  private static <T> T get(Future<T> future) throws Exception {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof Exception cause ? cause : failed;
    }
  }

  private interface Attempt {
    void run() throws Exception;
  }

  private static String failure(Attempt attempt) {
    try {
      attempt.run();
      return "none";
    } catch (Exception refused) {
      return refused.getMessage();
    }
  }

  private static int abnormal(ShutdownReport report) {
    return report.abnormal() || !report.abandoned().isEmpty() ? 1 : 0;
  }

  private static boolean isThere(String type) {
    try {
      Class.forName(type);
      return true;
    } catch (ClassNotFoundException absent) {
      return false;
    }
  }

  /** Shutdown hooks; this JVM was started with java.lang open to us. */
  private static int hooks() throws ReflectiveOperationException {
    Field hooks = Class.forName("java.lang.ApplicationShutdownHooks").getDeclaredField("hooks");
    hooks.setAccessible(true);
    return ((Map<?, ?>) hooks.get(null)).size();
  }

  /** Sockets of this process that listen; 0 where there is no /proc to say so. */
  private static int listening() throws IOException {
    if (!Files.isDirectory(Path.of("/proc/self/fd"))) {
      return 0;
    }
    Set<String> own = new HashSet<>();
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      for (Path file : open.toList()) {
        if (Files.isSymbolicLink(file)) {
          own.add(Files.readSymbolicLink(file).toString());
        }
      }
    }
    int listening = 0;
    for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
      if (Files.exists(Path.of(table))) {
        for (String line : Files.readAllLines(Path.of(table))) {
          String[] cells = line.strip().split("\\s+");
          boolean listens = cells[3].equals("0A");
          listening += listens && own.contains("socket:[" + cells[9] + ']') ? 1 : 0;
        }
      }
    }
    return listening;
  }

  /** Files in the directory that it was started in. */
  private static int files() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(""))) {
      return (int) files.filter(Files::isRegularFile).count();
    }
  }

  /** Threads of postmasters. */
  private static int threads() {
    return (int)
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().matches("(postmaster|pm)-.*"))
            .count();
  }

  /** What a figure comes to in the end; pools let their threads go when those have heard of it. */
  private static int atLast(IntSupplier figure) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    CountDownLatch never = new CountDownLatch(1);
    while (figure.getAsInt() > 0 && System.nanoTime() < end) {
      if (never.await(5, TimeUnit.MILLISECONDS)) {
        throw new AssertionError("unreachable");
      }
    }
    return figure.getAsInt();
  }
}
