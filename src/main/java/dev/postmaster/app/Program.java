package dev.postmaster.app;

import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerSpec;
import dev.postmaster.examples.Demo;
import dev.postmaster.web.WebOptions;
import dev.postmaster.web.WebServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.micrometer.MetricsDomain;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One life of the program. Order of the start: validate everything, directory and lock, database
 * probe, bind, static workers, banner; what fails before the banner leaves nothing behind.
 */
final class Program {

  private static final System.Logger LOG = System.getLogger("dev.postmaster.app");
  private static final int INTERNAL = 1;
  private static final long CLOSE_SECONDS = 5;

  /** The postmaster's, the one that answers us, and two for workers: one may be blocked. */
  private static final int LOOPS_MIN = 4;

  private final Vertx vertx;
  private final Configuration configuration;
  private Postmaster postmaster;
  private DataDirectory directory;
  private Databases databases;
  private WebServer web;
  private Metered metered;
  private boolean madeToken;

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
    configuration
        .warnings()
        .forEach(line -> System.err.println("postmaster: warning: " + Fatal.plain(line)));
    faults.addAll(configuration.faults());
    PostmasterOptions options = configuration.options();
    databases = new Databases(configuration.databases(), options.maxWorkerThreads());
    postmaster = Postmaster.create(vertx, options.setConnections(databases));
    faults.addAll(postmaster.faults());
    faults.addAll(register(configuration.workers()));
    if (!faults.isEmpty()) {
      throw new Fatal(Fatal.USAGE, faults, null);
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
    int loops = Math.max(LOOPS_MIN, VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE);
    Metered metered = new Metered();
    Vertx vertx = metered.vertx(options().setEventLoopPoolSize(loops), MetricsDomain.NAMED_POOLS);
    Program program = null;
    try {
      program = new Program(vertx, file, flags);
      return program.live(metered, demo);
    } catch (Fatal fatal) {
      return say(fatal);
    } catch (RuntimeException | Error bug) {
      System.err.println("postmaster: a bug of ours: " + bug);
      LOG.log(System.Logger.Level.ERROR, "the program failed", bug);
      return INTERNAL;
    } finally {
      if (program != null) {
        program.close();
      }
      metered.close();
    }
  }

  private static int say(Fatal fatal) {
    fatal.lines().forEach(line -> System.err.println("postmaster: " + line));
    return fatal.exitCode();
  }

  private int live(Metered into, boolean demo) throws Fatal {
    metered = into;
    metered.bind(postmaster);
    PostmasterOptions options = configuration.options();
    Ending.handleSignals(postmaster, options.shutdownTimeout());
    takeDirectory(options.name());
    probe();
    bind();
    if (demo) {
      List<String> faults = register(demoWorkers());
      if (!faults.isEmpty()) {
        throw new Fatal(Fatal.USAGE, faults, null);
      }
    }
    start();
    Banner.print(options, vertx, configuration, web);
    return Ending.say(await(postmaster.ended()));
  }

  /** Registers static workers, given by their paths; what is said against them. */
  private List<String> register(Map<String, WorkerSpec> specs) {
    List<String> faults = new ArrayList<>();
    specs.forEach(
        (path, spec) -> {
          Future<?> registered = postmaster.register(spec);
          if (registered.failed()) {
            PostmasterException refusal = (PostmasterException) registered.cause();
            // One of these begins with the field.
            String to = refusal.code() == ErrorCode.INVALID_SPEC ? "." : ": ";
            faults.add(path + to + refusal.getMessage());
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
        .collect(
            Collectors.toMap(
                spec -> "--demo: " + spec.name(),
                spec -> spec,
                (one, other) -> one,
                LinkedHashMap::new));
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
          "database "
              + withoutParameters(url)
              + " cannot be reached: "
              + oneLine(unreachable).replace(url, withoutParameters(url)),
          unreachable);
    }
  }

  /** One of them may be a password. */
  private static String withoutParameters(String url) {
    return url.split("[?;]", 2)[0];
  }

  private static String oneLine(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage()).lines().findFirst().orElse(root.toString());
  }

  private void bind() throws Fatal {
    if (!configuration.flag("http.enabled")) {
      return;
    }
    makeToken();
    try {
      WebOptions options = configuration.web().setRegistry(metered.registry());
      web = result(WebServer.bind(webVertx(), options));
    } catch (ExecutionException inUse) {
      if (inUse.getCause() instanceof IllegalArgumentException faulty) {
        throw new Fatal(Fatal.WORLD, faulty.getMessage(), inUse);
      }
      String address = configuration.web().host() + ':' + configuration.web().port();
      throw new Fatal(
          Fatal.WORLD, address + " cannot be bound: " + oneLine(inUse.getCause()), inUse);
    }
  }

  private void makeToken() throws Fatal {
    if (configuration.makesToken()) {
      try {
        TokenFile.make(configuration.tokenFile());
        madeToken = true;
      } catch (IOException unwritable) {
        throw new Fatal(
            Fatal.WORLD, configuration.tokenFile() + " cannot be made: " + unwritable, unwritable);
      }
    }
  }

  /** Its loop is its own: a worker that blocks one of the others leaves something to look at. */
  private Vertx webVertx() {
    return metered.vertx(options().setEventLoopPoolSize(1), MetricsDomain.HTTP_SERVER);
  }

  private static VertxOptions options() {
    return new VertxOptions()
        .setPreferNativeTransport(true)
        // The postmaster itself says, once, who blocks a loop.
        .setBlockedThreadCheckInterval(60)
        .setBlockedThreadCheckIntervalUnit(TimeUnit.SECONDS);
  }

  private void start() throws Fatal {
    try {
      result(postmaster.start());
      directory.keep();
      if (web != null) {
        web.serve(postmaster);
      }
    } catch (ExecutionException failure) {
      PostmasterException refused = (PostmasterException) failure.getCause();
      // A signal may have ended it before it began.
      if (refused.code() != ErrorCode.POSTMASTER_DIED) {
        boolean isFile = refused.code() == ErrorCode.INTERNAL; // of the journal
        throw new Fatal(isFile ? Fatal.WORLD : Fatal.USAGE, refused.getMessage(), refused);
      }
    }
  }

  /** Waits; whoever interrupts every thread that he finds does not end the program with that. */
  private static <T> T result(Future<T> future) throws ExecutionException {
    try {
      return future.toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException failed) {
      throw new ExecutionException(failed.getCause());
    }
  }

  private static <T> T await(Future<T> future) {
    try {
      return result(future);
    } catch (ExecutionException bug) {
      throw new IllegalStateException(bug.getCause());
    }
  }

  /** Gives back what was taken, in the reverse order; each as far as it came. */
  private void close() {
    try {
      if (web != null) {
        soon(web.close());
      }
      databases().close();
      if (madeToken) {
        TokenFile.remove(configuration.tokenFile());
      }
      Logs.close();
      if (directory != null) {
        directory.close();
      }
    } catch (IOException failure) {
      System.err.println("postmaster: at the end: " + failure);
    }
  }

  private Databases databases() {
    return databases == null ? new Databases(Map.of(), 1) : databases;
  }

  private static void soon(Future<?> future) {
    try {
      result(future.timeout(CLOSE_SECONDS, TimeUnit.SECONDS));
    } catch (ExecutionException late) {
      LOG.log(System.Logger.Level.WARNING, "the web server did not close in time", late);
    }
  }
}
