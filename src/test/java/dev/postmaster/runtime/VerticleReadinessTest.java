package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Readiness;
import dev.postmaster.Signal;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import dev.postmaster.support.Watch;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a verticle is ready, and how long it may take. */
class VerticleReadinessTest {

  private static final List<String> BEGAN =
      List.of(
          "FREE→REGISTERED registered", "REGISTERED→STARTING launch", "STARTING→RUNNING started");

  private Life life;

  @BeforeEach
  void start() throws Exception {
    life = Life.started();
  }

  @AfterEach
  void end() {
    life.close();
  }

  private WorkerContext current() {
    return WorkerContext.current(life.vertx);
  }

  private WorkerSpec spec(Function<Context, Future<?>> start) {
    return WorkerSpec.ofVerticle("v", () -> start::apply)
        .ready(Readiness.SAID)
        .startTimeout(Duration.ofSeconds(10))
        .stop(Workers.LONG, Workers.LONG);
  }

  private WorkerHandle register(WorkerSpec spec) throws Exception {
    return get(life.postmaster.register(spec));
  }

  private List<String> edgesAfterItBegan() {
    List<String> edges = life.watch.edges("v");
    assertEquals(BEGAN, edges.subList(0, 3));
    return edges.subList(3, edges.size());
  }

  @Test
  void readinessIsSaidLostAndRegained() throws Exception {
    AtomicReference<WorkerContext> own = new AtomicReference<>();
    WorkerHandle handle =
        register(
            spec(
                context -> {
                  own.set(current());
                  return Future.succeededFuture();
                }));
    assertFalse(get(handle.awaitStarted()).ready());
    Future<?> waits = handle.awaitReady();

    own.get().ready();
    get(waits);
    own.get().ready();
    own.get().notReady();
    own.get().notReady();
    own.get().ready();
    life.watch.await(t -> t.cause() == Cause.READY, 2);

    assertEquals(
        List.of("RUNNING→RUNNING ready", "RUNNING→RUNNING not-ready", "RUNNING→RUNNING ready"),
        edgesAfterItBegan());
    assertTrue(handle.status().ready());
  }

  @Test
  void whatItSaysInItsStartCountsFromWhenThatIsOver() throws Exception {
    Promise<Void> started = Promise.promise();
    CountDownLatch said = new CountDownLatch(1);
    WorkerHandle handle =
        register(
            spec(
                context -> {
                  current().ready();
                  said.countDown();
                  return started.future();
                }));
    Workers.await(said);
    // By now that was heard.
    get(life.postmaster.signalAll(Signal.USR1));
    assertEquals(WorkerState.STARTING, handle.status().state());

    started.complete();

    assertTrue(get(handle.awaitReady()).ready());
    assertEquals(List.of("RUNNING→RUNNING ready"), edgesAfterItBegan());
  }

  @Test
  void whatItSaidInItsStartLastCounts() throws Exception {
    WorkerHandle handle =
        register(
            spec(context -> {
                  current().ready();
                  current().notReady();
                  return Future.succeededFuture();
                })
                .ready(Readiness.AT_ONCE));

    life.watch.await(t -> t.cause() == Cause.NOT_READY);

    assertFalse(handle.status().ready());
    assertEquals(List.of("RUNNING→RUNNING not-ready"), edgesAfterItBegan());
  }

  @Test
  void itIsReadyWhenItHasBeenUpForLongEnough() throws Exception {
    WorkerHandle handle =
        register(
            spec(context -> Future.succeededFuture())
                .ready(Readiness.after(Duration.ofMillis(20))));

    get(handle.awaitReady());

    assertEquals(List.of("RUNNING→RUNNING ready"), edgesAfterItBegan());
  }

  @Test
  void whoIsNotReadyInTimeIsStoppedThroughItsStop() throws Exception {
    WorkerHandle handle =
        register(
            spec(context -> Future.succeededFuture()).startTimeout(Workers.SHORT).neverRestart());

    assertEquals(Exit.START_TIMEOUT, get(handle.awaitGone()).last().exit());
    assertEquals(
        List.of("RUNNING→STOPPING start-timeout", "STOPPING→FREE exit"), edgesAfterItBegan());
  }

  @Test
  void aStartMayAskForMoreTime() throws Exception {
    long startTimeoutMs = 100;
    WorkerHandle handle =
        register(
            spec(context -> {
                  for (int more = 0; more < 9; more++) {
                    current().extendStart();
                  }
                  Promise<Void> slow = Promise.promise();
                  context.owner().setTimer(3 * startTimeoutMs, id -> slow.complete());
                  return slow.future();
                })
                .ready(Readiness.AT_ONCE)
                .startTimeout(Duration.ofMillis(startTimeoutMs)));

    get(handle.awaitReady());

    assertEquals(List.of(), edgesAfterItBegan());
    List<Long> times =
        life.watch.seen().stream()
            .filter(t -> Watch.edge(t).startsWith("REGISTERED→") || t.cause() == Cause.STARTED)
            .map(t -> t.at())
            .toList();
    assertTrue(times.get(1) - times.get(0) > 2 * startTimeoutMs, times::toString);
  }
}
