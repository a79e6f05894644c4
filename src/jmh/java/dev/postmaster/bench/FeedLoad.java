package dev.postmaster.bench;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.Readiness;
import dev.postmaster.StatusJson;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.runtime.PostmasterVerticle;
import dev.postmaster.web.WebOptions;
import dev.postmaster.web.WebServer;
import io.netty.util.internal.PlatformDependent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.LoggerFactory;

/**
 * The feed under load, in one process with its viewers: many viewers, many transitions, viewers
 * that do not read, connections that are refused, a hundred thousand workers in a snapshot.
 *
 * <p>Arguments: which of {@code calm crowd storm deaf refused snapshot}, all if none.
 */
public final class FeedLoad {

  private static final int VIEWERS_MAX = 2_000;

  private final Vertx vertx = Rounds.vertx();
  private final Context loop;
  private final Vertx web =
      Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
  private final Postmaster postmaster;
  private final WebServer server;
  private final Queue<WorkerContext> contexts = new ConcurrentLinkedQueue<>();

  private FeedLoad(int slots) throws Exception {
    PostmasterVerticle verticle =
        new PostmasterVerticle(
            new PostmasterOptions()
                .setMaxWorkers(slots)
                .setShutdownTimeout(Duration.ofSeconds(60)));
    Context[] taken = new Context[1];
    get(
        vertx.deployVerticle(
            context -> {
              taken[0] = context;
              return verticle.deploy(context);
            }));
    loop = taken[0];
    postmaster = verticle.postmaster();
    WebOptions options =
        new WebOptions()
            .setPort(0)
            .setMaxConnections(VIEWERS_MAX)
            .setMaxConnectionsPerAddress(VIEWERS_MAX);
    // As the program has it: on a loop of its own.
    server = get(WebServer.start(web, postmaster, options));
  }

  /** Prints the figures. */
  public static void main(String[] args) throws Exception {
    logAsTheProgram();
    List<String> all = List.of("calm", "crowd", "storm", "deaf", "refused", "snapshot");
    for (String which : args.length == 0 ? all : List.of(args)) {
      switch (which) {
        case "calm" -> viewers("calm", 64, 1_000, 60, false);
        case "crowd" -> viewers("crowd", 1_000, 50, 60, false);
        case "storm" -> viewers("storm", 1_000, 2_000, 30, true);
        case "deaf" -> deaf();
        case "refused" -> refused();
        case "snapshot" -> snapshot();
        default -> throw new IllegalArgumentException(which);
      }
    }
    System.exit(0);
  }

  static void logAsTheProgram() throws Exception {
    Path directory = Files.createTempDirectory("feed-load");
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    context.putProperty("log", directory.resolve("postmaster.log").toString());
    context.putProperty("access", directory.resolve("access.log").toString());
    context.putProperty("console", "OFF");
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(Path.of("conf", "logback.xml").toFile());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(120, TimeUnit.SECONDS);
  }

  /** Workers that only say whether they are ready: what is measured is the telling. */
  private void workers(int count) throws Exception {
    List<Future<WorkerHandle>> all = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      WorkerSpec spec =
          WorkerSpec.of(
                  "worker-" + n,
                  () ->
                      context -> {
                        contexts.add(context);
                        while (true) {
                          context.checkInterrupts();
                          context.awaitLatch(Duration.ofHours(1));
                        }
                      })
              .ready(Readiness.SAID)
              .startTimeout(Duration.ofMinutes(10));
      all.add(postmaster.register(spec).compose(WorkerHandle::awaitStarted).map(s -> null));
    }
    get(Future.all(all));
  }

  /** So many transitions a second, each a word of a worker; how many there were. */
  private long drive(int perSecond, int seconds) {
    List<WorkerContext> all = List.copyOf(contexts);
    boolean[] ready = new boolean[all.size()];
    long begin = System.nanoTime();
    long end = begin + TimeUnit.SECONDS.toNanos(seconds);
    long done = 0;
    for (long now = begin; now < end; now = System.nanoTime()) {
      long due = (now - begin) * perSecond / 1_000_000_000L;
      for (; done < due; done++) {
        int worker = (int) (done % all.size());
        ready[worker] = !ready[worker];
        if (ready[worker]) {
          all.get(worker).ready();
        } else {
          all.get(worker).notReady();
        }
      }
      LockSupport.parkNanos(500_000);
    }
    return done;
  }

  private static double usedMiB() {
    for (int n = 0; n < 3; n++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / 1_048_576.0;
  }

  private static void viewers(String name, int count, int perSecond, int seconds, boolean draws)
      throws Exception {
    FeedLoad load = new FeedLoad(64);
    load.workers(16);
    LoadViewers viewers = new LoadViewers(count);
    for (int n = 0; n < count; n++) {
      get(viewers.connect(load.server.port(), draws));
    }
    load.drive(perSecond, 5);
    double before = usedMiB();
    viewers.count();
    long done = load.drive(perSecond, seconds);
    long head = load.postmaster.transitions().head();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (viewers.at(head) < count && System.nanoTime() < end) {
      LockSupport.parkNanos(10_000_000);
    }
    long caughtUp = viewers.at(head);
    String figures = viewers.figures();
    System.out.printf(
        "%s: %,d viewers, %,d transitions a second for %d s: %,d made, %s; %d came to the head%n",
        name, count, perSecond, seconds, done, figures, caughtUp);
    if (draws) {
      List<String> is =
          load.postmaster.list().stream()
              .map(status -> LoadViewers.line(StatusJson.worker(status)))
              .toList();
      System.out.printf("%s: %,d of %,d pictures are right%n", name, viewers.alike(is), count);
    }
    viewers.close();
    System.out.printf("%s: heap %.1f MiB before, %.1f MiB after%n", name, before, usedMiB());
    load.close();
  }

  private static void deaf() throws Exception {
    int count = 50;
    FeedLoad load = new FeedLoad(64);
    load.workers(16);
    LoadViewers viewers = new LoadViewers(count);
    double heap = usedMiB();
    double direct = direct();
    long begin = System.nanoTime();
    for (int n = 0; n < count; n++) {
      get(viewers.connect(load.server.port(), false)).pause();
    }
    load.drive(10_000, 10);
    double heapEach = (usedMiB() - heap) / count;
    double directEach = (direct() - direct) / count;
    long left = count;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    long seconds = 0;
    while (left > 0 && System.nanoTime() < end) {
      load.drive(1_000, 1);
      left = load.open();
      seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
    }
    System.out.printf(
        "deaf: %d viewers that read nothing, 100,000 transitions: %.2f MiB of heap and %.2f MiB"
            + " beside it each; after %d s %d are left%n",
        count, heapEach, directEach, seconds, left);
    viewers.close();
    load.close();
  }

  /** Feeds that the server still has. */
  private long open() throws Exception {
    return ServerSockets.established(server.port());
  }

  private static double direct() {
    return PlatformDependent.usedDirectMemory() / 1_048_576.0;
  }

  private static void refused() throws Exception {
    FeedLoad load = new FeedLoad(64);
    load.workers(16);
    RefusedConnections refusals = new RefusedConnections(load.server.port());
    refusals.run(5);
    LoopProbe probe = LoopProbe.sparse(load.loop);
    double perSecond = refusals.run(20);
    System.out.printf(
        "refused: %,.0f connections a second, each opened, refused and closed; the postmaster's"
            + " loop: %s%n",
        perSecond, probe.end());
    load.close();
  }

  private static void snapshot() throws Exception {
    int count = 100_000;
    FeedLoad load = new FeedLoad(count);
    List<Future<WorkerHandle>> all = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      all.add(
          load.postmaster.register(
              WorkerSpec.of("worker-" + n, () -> c -> {})
                  .startAt(dev.postmaster.StartTime.RECOVERY_FINISHED)
                  .requires("nobody")));
    }
    get(Future.all(all));
    for (int round = 0; round < 5; round++) {
      SnapshotViewer viewer = new SnapshotViewer();
      LoopProbe probe = LoopProbe.sparse(load.loop);
      LoopProbe servers = LoopProbe.sparse(load.web.getOrCreateContext());
      double seconds = viewer.run(load.server.port());
      System.out.printf(
          "snapshot: %,d workers in %d parts, the largest %,d bytes, after %.2f s; the postmaster's"
              + " loop: %s; the server's: %s%n",
          viewer.workers(), viewer.parts(), viewer.largest(), seconds, probe.end(), servers.end());
    }
    load.close();
  }

  private void close() throws Exception {
    get(server.close());
    get(postmaster.close());
    get(vertx.close());
    get(web.close());
  }
}
