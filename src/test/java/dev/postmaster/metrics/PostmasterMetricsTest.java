package dev.postmaster.metrics;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.Flag;
import dev.postmaster.Phase;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.Readiness;
import dev.postmaster.ShutdownMode;
import dev.postmaster.ShutdownReport;
import dev.postmaster.Transition;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.HeldLoop;
import dev.postmaster.support.Life;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/** The figures of a postmaster whose life the test has written. */
class PostmasterMetricsTest {

  private static final Duration LONG = Duration.ofHours(1);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private double gauge(String name, String... tags) {
    return registry.get("postmaster." + name).tags(tags).gauge().value();
  }

  private double count(String name, String... tags) {
    Meter meter = registry.get("postmaster." + name).tags(tags).meter();
    return meter instanceof FunctionCounter function ? function.count() : ((Counter) meter).count();
  }

  private Timer timer(String name) {
    return registry.get("postmaster." + name).timer();
  }

  private double heard() {
    return registry.get("postmaster.transitions").counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  /** Waits for something that nothing tells of. */
  private static void until(BooleanSupplier condition) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    for (int look = 0; !condition.getAsBoolean(); look++) {
      if (look == 4_000) {
        throw new TimeoutException("it never came to that");
      }
      assertTrue(!never.await(5, TimeUnit.MILLISECONDS));
    }
  }

  /** Until everything that is in the journal was heard. */
  private void settle(Life life) throws Exception {
    until(() -> heard() == life.postmaster.transitions().head());
  }

  private static long among(Life life, ToLongFunction<Transition> one) {
    return life.postmaster.transitionsAfter(0).transitions().stream().mapToLong(one).sum();
  }

  private static BackgroundWorker idle() {
    return context -> {
      while (true) {
        context.checkInterrupts();
        context.awaitLatch(LONG);
      }
    };
  }

  private WorkerHandle register(Life life, WorkerSpec spec) throws Exception {
    return get(life.postmaster.register(spec));
  }

  /** Fails twice, and then waits until it is told. */
  private WorkerHandle failTwice(Life life) throws Exception {
    AtomicInteger runs = new AtomicInteger();
    BackgroundWorker main =
        context -> {
          if (runs.incrementAndGet() < 3) {
            throw new IllegalStateException("run " + runs);
          }
          idle().run(context);
        };
    WorkerHandle handle =
        register(life, WorkerSpec.of("failing", () -> main).restartAfter(Duration.ofMillis(20)));
    life.watch.await(t -> t.name().equals("failing") && t.to() == WorkerState.RUNNING, 3);
    return handle;
  }

  /** One crash, whose memory another shares; both are there again after it. */
  private void crash(Life life) throws Exception {
    AtomicInteger runs = new AtomicInteger();
    BackgroundWorker main =
        context -> {
          if (runs.incrementAndGet() == 1) {
            context.exit(2);
          }
          idle().run(context);
        };
    WorkerHandle member =
        register(life, WorkerSpec.of("member", PostmasterMetricsTest::idle).flags(shared()));
    get(member.awaitStarted());
    register(life, WorkerSpec.of("crasher", () -> main).flags(shared()));
    life.watch.await(t -> t.cause() == Cause.CRASH_END);
    life.watch.await(t -> t.name().equals("member") && t.to() == WorkerState.RUNNING, 2);
    life.watch.await(t -> t.name().equals("crasher") && t.to() == WorkerState.RUNNING, 2);
  }

  private static Flag[] shared() {
    return new Flag[] {Flag.SHARED_MEMORY};
  }

  private static void refuse(Life life) throws Exception {
    try {
      get(life.postmaster.advance(Phase.STARTUP));
      throw new AssertionError("it was not refused");
    } catch (PostmasterException backwards) {
      assertEquals(ErrorCode.BAD_REQUEST, backwards.code());
    }
  }

  @Test
  void aScriptedLifeIsCountedExactly() throws Exception {
    try (Life life = Life.built(Life.options().setMaxWorkers(8))) {
      PostmasterMetrics.bind(life.postmaster, registry);
      get(life.postmaster.start());
      get(register(life, WorkerSpec.of("once", () -> context -> {})).awaitGone());
      WorkerHandle failing = failTwice(life);
      crash(life);
      get(failing.terminate());
      get(failing.awaitGone());
      settle(life);

      // once 1; failing 3; member and crasher 2 each
      assertEquals(8, count("launches"));
      assertEquals(2, count("restarts"));
      assertEquals(1, count("run.ends", "exit", "COMPLETED"));
      assertEquals(2, count("run.ends", "exit", "FAILED"));
      assertEquals(1, count("run.ends", "exit", "CRASHED"));
      // Failing's and member's: in a cycle the interrupt comes with the tell, and may come first.
      assertEquals(
          2, count("run.ends", "exit", "TERMINATED") + count("run.ends", "exit", "KILLED"));
      assertEquals(1, count("crash.cycles"));
      assertEquals(4, count("transitions", "cause", "registered"));
      assertEquals(1, count("transitions", "cause", "terminate"));
      assertEquals(8, timer("start").count());
      assertEquals(6, timer("run").count(), "two still run");
      assertEquals(2, timer("stop").count());
      assertEquals(2, timer("restart.late").count());
      assertEquals(2, gauge("workers", "state", "RUNNING"));
      assertEquals(0, gauge("workers", "state", "BACKOFF"));
      assertEquals(2, gauge("slots.used"));
      assertEquals(8, gauge("slots.limit"));
      for (Cause cause : Cause.values()) {
        assertEquals(
            among(life, t -> t.cause() == cause ? 1 : 0),
            count("transitions", "cause", cause.word()),
            cause::word);
      }
      for (Exit exit : Exit.values()) {
        if (exit != Exit.NONE) {
          assertEquals(
              among(life, t -> t.exit() == exit ? 1 : 0),
              count("run.ends", "exit", exit.name()),
              exit::name);
        }
      }
    }
  }

  @Test
  void eachRefusalIsCountedAlsoThoseThatTheJournalCountsTogether() throws Exception {
    try (Life life = Life.built(Life.options())) {
      PostmasterMetrics.bind(life.postmaster, registry);
      get(life.postmaster.start());
      System.gc(); // what Micrometer holds weakly is gone now
      for (int n = 0; n < 3; n++) {
        refuse(life);
      }
      for (int n = 0; n < 5; n++) {
        life.postmaster.refused(ErrorCode.FORBIDDEN, "somebody, times=1000", "no");
      }

      assertEquals(3, count("refusals", "code", "BAD_REQUEST"));
      assertEquals(5, count("refusals", "code", "FORBIDDEN"));
      assertEquals(0, count("refusals", "code", "RATE_LIMITED"));
      until(() -> count("transitions", "cause", "refused") == 2);
    }
  }

  @Test
  void durationsAreThoseBetweenTheRecords() throws Exception {
    try (Life life = Life.built(Life.options())) {
      PostmasterMetrics.bind(life.postmaster, registry);
      get(life.postmaster.start());
      WorkerHandle handle = failTwice(life);
      get(handle.terminate());
      get(handle.awaitGone());
      settle(life);

      List<Transition> edges =
          life.postmaster.transitionsAfter(0).transitions().stream()
              .filter(t -> t.name().equals("failing"))
              .toList();
      assertEquals(between(edges, WorkerState.STARTING, WorkerState.RUNNING), ms("start"));
      long failed = between(edges, WorkerState.RUNNING, WorkerState.BACKOFF);
      long told = between(edges, WorkerState.STOPPING, WorkerState.FREE);
      long ran = between(edges, WorkerState.RUNNING, WorkerState.STOPPING) + told;
      assertEquals(failed + ran, ms("run"));
      assertEquals(told, ms("stop"));
      long late = 0;
      for (int n = 1; n < edges.size(); n++) {
        if (edges.get(n).cause() == Cause.RESTART_TIMER) {
          late += Math.max(0, edges.get(n).at() - edges.get(n - 1).restartAt());
        }
      }
      assertEquals(late, ms("restart.late"));
    }
  }

  private long ms(String name) {
    return Math.round(timer(name).totalTime(TimeUnit.MILLISECONDS));
  }

  /** Milliseconds between neighbours that lead to these states, all together. */
  private static long between(List<Transition> edges, WorkerState to, WorkerState then) {
    long sum = 0;
    for (int n = 1; n < edges.size(); n++) {
      if (edges.get(n - 1).to() == to && edges.get(n).to() == then) {
        sum += edges.get(n).at() - edges.get(n - 1).at();
      }
    }
    return sum;
  }

  @Test
  void boundLaterItCountsFromThenOnAndSaysSince() throws Exception {
    try (Life life = Life.started()) {
      WorkerHandle early = register(life, WorkerSpec.of("early", PostmasterMetricsTest::idle));
      get(early.awaitStarted());
      life.watch.await(t -> t.to() == WorkerState.RUNNING);
      double before = System.currentTimeMillis() / 1_000.0;

      PostmasterMetrics.bind(life.postmaster, registry);

      assertTrue(gauge("metrics.since") >= before);
      get(early.terminate());
      get(early.awaitGone());
      get(register(life, WorkerSpec.of("late", () -> context -> {})).awaitGone());
      until(() -> count("run.ends", "exit", "COMPLETED") == 1);
      assertEquals(1, count("launches"));
      assertEquals(1, count("transitions", "cause", "registered"));
      assertEquals(1, timer("start").count());
      assertEquals(1, timer("run").count(), "of the early one the beginning was not heard");
      assertEquals(1, timer("stop").count());
    }
  }

  @Test
  void theGaugesShowWhatIsPublished() throws Exception {
    try (Life life = Life.started(Life.options().setMaxParallelWorkers(3))) {
      PostmasterMetrics.bind(life.postmaster, registry);
      get(life.postmaster.attach());
      WorkerSpec parallel =
          WorkerSpec.of("parallel", PostmasterMetricsTest::idle)
              .flags(Flag.PARALLEL)
              .neverRestart();
      get(register(life, parallel).awaitStarted());
      register(
          life,
          WorkerSpec.of("critical", PostmasterMetricsTest::idle)
              .critical(true)
              .ready(Readiness.SAID));
      until(() -> gauge("workers", "state", "RUNNING") == 2);

      assertEquals(1, gauge("clients"));
      assertEquals(1, gauge("parallel.active"));
      assertEquals(3, gauge("parallel.limit"));
      assertEquals(1, gauge("critical.unready"));
      assertEquals(0, gauge("ready"));
      assertEquals(1, gauge("phase", "phase", "RUN"));
      assertEquals(0, gauge("phase", "phase", "STARTUP"));
      assertEquals(1, gauge("shutdown", "mode", "none"));
      assertEquals(0, gauge("abandoned"));
      assertEquals(0, gauge("domains.resetting"));
      assertEquals(life.postmaster.transitions().head(), gauge("journal.head"));
      assertEquals(life.postmaster.transitions().capacity(), gauge("journal.capacity"));
      assertEquals(0, gauge("journal.faulted"));
      assertEquals(1, gauge("info"));
      assertTrue(gauge("uptime") > 0 && gauge("uptime") < 60, () -> "" + gauge("uptime"));
      assertTrue(gauge("loop.turned") < 5);
      assertTrue(gauge("loop.lag") < 5);
    }
  }

  @Test
  void beforeTheStartItIsNotReadyAndHasNoJournal() throws Exception {
    try (Life life = Life.built(Life.options())) {
      PostmasterMetrics.bind(life.postmaster, registry);

      assertEquals(0, gauge("ready"));
      assertEquals(0, gauge("uptime"));
      assertTrue(Double.isNaN(gauge("journal.head")));
      get(life.postmaster.start());
      assertEquals(1, gauge("ready"));
      assertEquals(life.postmaster.transitions().head(), gauge("journal.head"));
    }
  }

  @Test
  void aShutdownAndTheAbandonedAreShownAndThenItLetsGo() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Life life = Life.started();
    PostmasterMetrics.bind(life.postmaster, registry);
    WorkerSpec deaf =
        WorkerSpec.of("deaf", () -> context -> awaitAlways(release))
            .stop(Duration.ofMillis(30), Duration.ofMillis(30));
    WorkerHandle handle = register(life, deaf);
    get(handle.awaitStarted());
    get(handle.terminate());
    until(() -> gauge("abandoned") == 1);
    assertEquals(1, gauge("workers", "state", "ABANDONED"));
    CountDownLatch slow = new CountDownLatch(1);
    WorkerSpec holds = WorkerSpec.of("holds", () -> context -> awaitAlways(slow));
    get(register(life, holds).awaitStarted());

    Future<ShutdownReport> ended = life.postmaster.shutdown(ShutdownMode.FAST);

    until(() -> gauge("shutdown", "mode", "fast") == 1);
    assertEquals(0, gauge("ready"));
    slow.countDown();
    assertEquals(1, get(ended).abandoned().size());
    release.countDown();
    until(() -> registry.getMeters().isEmpty());
    life.close();
  }

  private static void awaitAlways(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException ignored) {
        continue;
      }
    }
  }

  @Test
  void oneThatComesAfterItUnderTheSameNameHasTheMeters() throws Exception {
    Vertx vertx = Vertx.vertx();
    Postmaster first = get(Postmaster.create(vertx, Life.options()).start());
    PostmasterMetrics old = PostmasterMetrics.bind(first, registry);
    get(first.register(WorkerSpec.of("w", () -> context -> {})).compose(WorkerHandle::awaitGone));
    until(() -> count("launches") == 1);
    get(first.close());

    Postmaster second = Postmaster.create(vertx, Life.options());
    PostmasterMetrics.bind(second, registry);
    old.close();
    get(second.start());

    assertEquals(0, count("launches"));
    assertEquals(1, gauge("ready"));
    assertTrue(registry.scrape().contains("postmaster_ready{postmaster=\"default\"} 1.0\n"));
    get(second.close());
    until(() -> registry.getMeters().isEmpty());
    get(vertx.close());
  }

  @Test
  void twoPostmastersAreToldApart() throws Exception {
    Vertx vertx = Vertx.vertx();
    Postmaster one = get(Postmaster.create(vertx, Life.options().setName("one")).start());
    Postmaster two = get(Postmaster.create(vertx, Life.options().setName("two")).start());
    PostmasterMetrics.bind(one, registry);
    PostmasterMetrics.bind(two, registry);

    get(one.close());

    until(() -> registry.find("postmaster.ready").tag("postmaster", "one").gauge() == null);
    assertNotNull(registry.find("postmaster.ready").tag("postmaster", "two").gauge());
    get(two.close());
    get(vertx.close());
    until(() -> registry.getMeters().isEmpty());
  }

  @Test
  void aScrapeIsMadeWhileThePostmastersLoopIsHeld() throws Exception {
    try (Life life = Life.started()) {
      PostmasterMetrics.bind(life.postmaster, registry);
      get(register(life, WorkerSpec.of("w", PostmasterMetricsTest::idle)).awaitStarted());
      HeldLoop held = HeldLoop.of(life.vertx, life.postmaster);
      try {
        String scraped = registry.scrape();

        assertTrue(
            scraped.contains("postmaster_workers{postmaster=\"default\",state=\"RUNNING\"} 1.0"),
            scraped);
      } finally {
        held.letGo();
      }
    }
  }
}
