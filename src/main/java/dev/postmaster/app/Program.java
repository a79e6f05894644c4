package dev.postmaster.app;

import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.ShutdownMode;
import dev.postmaster.ShutdownReport;
import dev.postmaster.Signal;
import dev.postmaster.WorkerSpec;
import dev.postmaster.examples.Demo;
import dev.postmaster.web.WebServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * One life of the program. Order of the start: validate everything, directory and lock, database
 * probe, bind, banner, static workers; what fails before the banner leaves nothing behind.
 */
final class Program {

  private static final System.Logger LOG = System.getLogger("dev.postmaster.app");
  private static final int ABNORMAL = 10;
  private static final int INTERNAL = 1;
  private static final long CLOSE_SECONDS = 5;

  private final Vertx vertx;
  private final Configuration configuration;
  private Postmaster postmaster;
  private DataDirectory directory;
  private Databases databases;
  private WebServer web;

  /**
   * Looks at everything that can be looked at before anything is started.
   *
   * @throws Fatal with all faults at once
   */
  private Program(Vertx vertx, Optional<Path> file, Map<String, Object> flags) throws Fatal {
    this.vertx = vertx;
    List<String> faults = new ArrayList<>();
    JsonObject read = ConfigurationFile.read(vertx, file, faults);
    configuration = new Configuration(read, System.getenv(), flags);
    configuration.warnings().forEach(line -> System.err.println("postmaster: warning: " + line));
    faults.addAll(configuration.faults());
    PostmasterOptions options = configuration.options();
    if (options.faults().isEmpty()) {
      databases = new Databases(configuration.databases(), options.maxWorkerThreads());
      postmaster = Postmaster.create(vertx, options.setConnections(databases));
      faults.addAll(register(configuration.workers()));
    }
    if (!faults.isEmpty()) {
      throw new Fatal(Fatal.USAGE, String.join("\n", faults), null);
    }
  }

  /** Names all faults of the configuration. */
  static int check(Optional<Path> file) {
    Logs.quiet();
    Vertx vertx = Vertx.vertx();
    try {
      new Program(vertx, file, Map.of());
      System.out.println("the configuration has no faults");
      return 0;
    } catch (Fatal fatal) {
      return say(fatal);
    } finally {
      vertx.close();
    }
  }

  /** Runs until the postmaster has ended; the exit code. */
  static int run(Optional<Path> file, Map<String, Object> flags, boolean demo) {
    Logs.quiet();
    Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    Program program = null;
    try {
      program = new Program(vertx, file, flags);
      return program.live(demo);
    } catch (Fatal fatal) {
      return say(fatal);
    } catch (InterruptedException | RuntimeException bug) {
      System.err.println("postmaster: a bug of ours: " + bug);
      LOG.log(System.Logger.Level.ERROR, "the program failed", bug);
      return INTERNAL;
    } finally {
      if (program != null) {
        program.close();
      }
    }
  }

  private static int say(Fatal fatal) {
    for (String line : fatal.getMessage().split("\n")) {
      System.err.println("postmaster: " + line);
    }
    return fatal.exitCode();
  }

  private int live(boolean demo) throws Fatal, InterruptedException {
    PostmasterOptions options = configuration.options();
    takeDirectory(options.name());
    probe();
    bind();
    handleSignals(postmaster);
    Banner.print(options, vertx, configuration, web);
    if (demo) {
      List<String> faults = register(demoWorkers());
      if (!faults.isEmpty()) {
        throw new Fatal(Fatal.USAGE, "--demo: " + String.join("; ", faults), null);
      }
    }
    start();
    return end(await(postmaster.ended()));
  }

  /** Registers static workers; what is said against them. */
  private List<String> register(Map<String, WorkerSpec> specs) {
    List<String> faults = new ArrayList<>();
    specs.forEach(
        (path, spec) -> {
          Future<?> registered = postmaster.register(spec);
          if (registered.failed()) {
            faults.add(path + '.' + registered.cause().getMessage());
          }
        });
    return faults;
  }

  private Map<String, WorkerSpec> demoWorkers() {
    Set<String> configured =
        configuration.workers().values().stream().map(WorkerSpec::name).collect(Collectors.toSet());
    String url = web == null ? "" : Banner.url(configuration, web) + "/api/v1/status";
    return Demo.workers(url, configuration.file("log.access")).stream()
        .filter(spec -> !configured.contains(spec.name()))
        .collect(Collectors.toMap(WorkerSpec::name, spec -> spec, (a, b) -> b, LinkedHashMap::new));
  }

  private void takeDirectory(String name) throws Fatal {
    try {
      directory = DataDirectory.take(configuration.data(), name);
      Logs.open(
          configuration.file("log.file"),
          configuration.file("log.access"),
          configuration.flag("log.console"));
    } catch (IOException unusable) {
      throw new Fatal(Fatal.WORLD, unusable.getMessage() + because(unusable), unusable);
    }
  }

  private static String because(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? "" : ": " + cause;
  }

  private void probe() throws Fatal {
    try {
      databases.probe();
    } catch (SQLException | RuntimeException unreachable) {
      String url = configuration.databases().get("").url();
      throw new Fatal(
          Fatal.WORLD,
          "database " + url + " cannot be reached: " + oneLine(unreachable),
          unreachable);
    }
  }

  private static String oneLine(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage()).lines().findFirst().orElse(root.toString());
  }

  private void bind() throws Fatal, InterruptedException {
    if (!configuration.flag("http.enabled")) {
      return;
    }
    try {
      web = result(WebServer.bind(vertx, configuration.web()));
    } catch (ExecutionException inUse) {
      String address = configuration.web().host() + ':' + configuration.web().port();
      throw new Fatal(
          Fatal.WORLD, address + " cannot be bound: " + oneLine(inUse.getCause()), inUse);
    }
  }

  private void start() throws Fatal, InterruptedException {
    try {
      result(postmaster.start());
      if (web != null) {
        web.serve(postmaster);
      }
    } catch (ExecutionException failure) {
      PostmasterException refused = (PostmasterException) failure.getCause();
      // A signal may have ended it before it began.
      if (refused.code() != ErrorCode.POSTMASTER_DIED) {
        throw new Fatal(Fatal.USAGE, refused.getMessage(), refused);
      }
    }
  }

  private static <T> T result(Future<T> future) throws ExecutionException, InterruptedException {
    return future.toCompletionStage().toCompletableFuture().get();
  }

  private static <T> T await(Future<T> future) throws InterruptedException {
    try {
      return result(future);
    } catch (ExecutionException bug) {
      throw new IllegalStateException(bug.getCause());
    }
  }

  /** TERM and INT: first fast, second immediate. HUP goes to every worker. */
  private static void handleSignals(Postmaster postmaster) {
    Runnable down =
        new Runnable() {
          private boolean told;

          @Override
          public synchronized void run() {
            postmaster.shutdown(told ? ShutdownMode.IMMEDIATE : ShutdownMode.FAST);
            told = true;
          }
        };
    Signals.on("TERM", down);
    Signals.on("INT", down);
    Signals.on("HUP", () -> postmaster.signalAll(Signal.HUP));
    // The net below: whatever ends the JVM in order gives workers their time.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> postmaster.close().toCompletionStage().toCompletableFuture().join(),
                "postmaster-net"));
  }

  /** What is left to say. */
  private static int end(ShutdownReport report) {
    for (ShutdownReport.Abandoned left : report.abandoned()) {
      System.err.println(
          "postmaster: worker \"" + left.name() + "\" was left inside its code, at " + at(left));
      StringBuilder stack = new StringBuilder("worker \"" + left.name() + "\" was left at");
      left.stack().forEach(frame -> stack.append("\n\tat ").append(frame));
      LOG.log(System.Logger.Level.ERROR, stack.toString());
    }
    LOG.log(
        System.Logger.Level.INFO,
        "ended {0} after {1} ms, {2} abandoned",
        report.status(),
        report.tookMs(),
        report.abandoned().size());
    return report.abnormal() || !report.abandoned().isEmpty() ? ABNORMAL : 0;
  }

  /** The first place that is not the platform's own, which says no more than that it waits. */
  private static String at(ShutdownReport.Abandoned left) {
    return left.stack().stream()
        .filter(
            frame -> frame.getModuleName() == null || !frame.getModuleName().startsWith("java."))
        .findFirst()
        .map(StackTraceElement::toString)
        .orElse("an unknown place");
  }

  /** Gives back what was taken, in the reverse order; each as far as it came. */
  private void close() {
    try {
      if (web != null) {
        soon(web.close());
      }
      databases().close();
      if (directory != null) {
        directory.close();
      }
      Logs.close();
    } catch (IOException | InterruptedException failure) {
      System.err.println("postmaster: at the end: " + failure);
    }
  }

  private Databases databases() {
    return databases == null ? new Databases(Map.of(), 1) : databases;
  }

  private static void soon(Future<?> future) throws InterruptedException {
    try {
      future.toCompletionStage().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException late) {
      LOG.log(System.Logger.Level.WARNING, "the web server did not close in time", late);
    }
  }
}
