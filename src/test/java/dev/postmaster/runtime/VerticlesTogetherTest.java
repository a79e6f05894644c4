package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Readiness;
import dev.postmaster.Signal;
import dev.postmaster.Target;
import dev.postmaster.Transition;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import dev.postmaster.support.Watch;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Verticles that wait for each other, are held together, or undeploy their neighbours. */
class VerticlesTogetherTest {

  private static final Duration GRACE = Duration.ofMillis(400);

  private final List<String> calls = new CopyOnWriteArrayList<>();
  private Life life;

  @BeforeEach
  void start() throws Exception {
    life = Life.started();
  }

  @AfterEach
  void end() {
    life.close();
  }

  /** Says when it stops, and when it has stopped: a while and that future later. */
  private final class Slow extends VerticleBase {
    private final Future<?> stops;
    private final Runnable starts;

    Slow(Future<?> stops, Runnable starts) {
      this.stops = stops;
      this.starts = starts;
    }

    @Override
    public Future<?> start() {
      starts.run();
      return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
      String name = WorkerContext.current(vertx).name();
      calls.add(name + " stops");
      Promise<Void> slow = Promise.promise();
      vertx.setTimer(20, id -> slow.complete());
      return slow.future().compose(over -> stops).onSuccess(over -> calls.add(name + " stopped"));
    }
  }

  private WorkerSpec slow(String name) {
    return spec(name, () -> new Slow(Future.succeededFuture(), () -> {}));
  }

  private static WorkerSpec spec(String name, java.util.function.Supplier<Deployable> verticle) {
    return WorkerSpec.ofVerticle(name, verticle)
        .restartAfter(Duration.ZERO)
        .stop(Workers.LONG, Workers.LONG);
  }

  private static WorkerSpec plain(String name) {
    return spec(name, () -> context -> Future.succeededFuture());
  }

  private WorkerHandle register(WorkerSpec spec) throws Exception {
    return get(life.postmaster.register(spec));
  }

  private WorkerHandle running(WorkerSpec spec) throws Exception {
    WorkerHandle handle = register(spec);
    get(handle.awaitStarted());
    return handle;
  }

  private Transition edge(String name, String edge) throws Exception {
    return life.watch.await(t -> t.name().equals(name) && Watch.edge(t).equals(edge));
  }

  // ---- requires and after

  @Test
  void eachStartsWhenWhomItNeedsIsReadyAndIsToldWhenWhoNeedsItIsGone() throws Exception {
    AtomicReference<WorkerContext> db = new AtomicReference<>();
    register(slow("web").requires("app").stop(Duration.ofMinutes(1), Workers.SHORT));
    register(slow("app").requires("db").stop(Duration.ofMinutes(1), Workers.SHORT));
    WorkerHandle log = register(slow("log").after("web", "nobody"));
    Runnable starts = () -> db.set(WorkerContext.current(life.vertx));
    WorkerSpec base = spec("db", () -> new Slow(Future.succeededFuture(), starts));
    running(base.ready(Readiness.SAID).stop(Duration.ofMinutes(1), Workers.SHORT));
    assertEquals("after:web", log.status().waiting());

    db.get().ready();
    get(log.awaitStarted());

    long dbReady = edge("db", "RUNNING→RUNNING ready").seq();
    long appStarts = edge("app", "REGISTERED→STARTING launch").seq();
    long appReady = edge("app", "STARTING→RUNNING started").seq();
    long webStarts = edge("web", "REGISTERED→STARTING launch").seq();
    assertTrue(dbReady < appStarts && appReady < webStarts, life.watch.seen()::toString);

    get(life.postmaster.close());

    List<String> chain = calls.stream().filter(call -> !call.startsWith("log")).toList();
    assertEquals(
        List.of("web stops", "web stopped", "app stops", "app stopped", "db stops", "db stopped"),
        chain);
    // Nobody requires the log: it need not wait for anybody.
    assertTrue(calls.indexOf("log stops") < calls.indexOf("app stops"), calls::toString);
  }

  @Test
  void aTellWaitsForHalfTheGraceAtMost() throws Exception {
    Promise<Void> never = Promise.promise();
    running(slow("app").stop(GRACE, Workers.SHORT));
    running(
        spec("web", () -> new Slow(never.future(), () -> {}))
            .requires("app")
            .stop(GRACE, Workers.SHORT));
    long began = System.nanoTime();
    Future<?> closed = life.postmaster.close();

    Workers.until(() -> calls.contains("app stops"));
    long toldMs = (System.nanoTime() - began) / 1_000_000;
    assertTrue(toldMs >= GRACE.toMillis() / 2 - 1, () -> "told after " + toldMs + " ms");
    edge("web", "STOPPING→FREE exit");

    get(closed);
    assertEquals(0, life.postmaster.status().slotsUsed());
  }

  // ---- pause, drain, resume

  @Test
  void aDrainStopsAllOfItsTypeUntilItsEndTimeAndThoseWhoComeLaterWait() throws Exception {
    WorkerHandle one = running(slow("one").type("kind"));
    WorkerHandle two = running(slow("two").type("kind").restartAfter(Workers.LONG));
    WorkerHandle other = running(plain("other"));
    long toMs = System.currentTimeMillis() + 300;

    get(life.postmaster.drain(Target.type("kind"), Optional.of(Instant.ofEpochMilli(toMs))));
    WorkerHandle late = register(plain("late").type("kind"));
    assertEquals("paused", late.status().waiting());
    edge("one", "STOPPING→BACKOFF exit");
    edge("two", "STOPPING→BACKOFF exit");

    for (String name : List.of("one", "two", "late")) {
      int starts = name.equals("late") ? 1 : 2;
      Transition again =
          life.watch.await(t -> t.name().equals(name) && t.to() == WorkerState.STARTING, starts);
      assertTrue(again.at() >= toMs - 2, () -> again + " is before " + toMs);
    }
    get(late.awaitStarted());
    assertEquals(1, other.status().starts());
    assertEquals(Exit.TERMINATED, one.status().last().exit());
    assertEquals(Exit.TERMINATED, two.status().last().exit());
    assertTrue(calls.containsAll(List.of("one stops", "one stopped", "two stopped")));
  }

  @Test
  void aPauseHoldsWhoFailsUntilItIsResumed() throws Exception {
    WorkerHandle handle =
        running(
            spec(
                "w",
                () ->
                    context -> {
                      WorkerContext own = WorkerContext.current(life.vertx);
                      own.onSignal(Signal.USR1, () -> own.exit(1));
                      return Future.succeededFuture();
                    }));
    get(life.postmaster.pause(Target.of(handle.handle()), Optional.empty()));
    assertEquals(WorkerState.RUNNING, handle.status().state());
    assertTrue(handle.status().paused());

    get(handle.signal(Signal.USR1));
    edge("w", "STOPPING→BACKOFF exit");
    Workers.until(() -> handle.status().waiting().equals("paused"));
    get(life.postmaster.resume(Target.of(handle.handle())));

    life.watch.await(t -> t.cause() == Cause.STARTED, 2);
    assertEquals(2, handle.status().starts());
  }

  // ---- neighbours

  private String idOf(WorkerHandle neighbour) {
    return life.vertx.deploymentIDs().stream()
        .filter(
            id ->
                ((io.vertx.core.internal.VertxInternal) life.vertx)
                    .deploymentManager()
                    .deployment(id)
                    .deployment()
                    .identifier()
                    .equals("postmaster:" + neighbour.name()))
        .findFirst()
        .orElseThrow();
  }

  /** Undeploys that from within a verticle of its own. */
  private WorkerHandle vandal(String id) throws Exception {
    return register(
        WorkerSpec.ofVerticle(
            "vandal",
            () ->
                new VerticleBase() {
                  @Override
                  public Future<?> start() {
                    return vertx.undeploy(id);
                  }
                }));
  }

  @Test
  void aNeighbourThatIsUndeployedHasCompleted() throws Exception {
    WorkerHandle verticle = running(slow("verticle"));
    WorkerHandle main = running(Workers.idle("main").restartAfter(Duration.ZERO));
    for (WorkerHandle neighbour : List.of(verticle, main)) {
      WorkerHandle vandal = vandal(idOf(neighbour));
      get(vandal.awaitStarted());

      assertEquals(Exit.COMPLETED, get(neighbour.awaitGone()).last().exit());
      get(vandal.terminate());
      get(vandal.awaitGone());
    }
    assertEquals(List.of("verticle stops", "verticle stopped"), calls);
    assertEquals(Set.of(), life.vertx.deploymentIDs());
  }

  @Test
  void aNeighbourThatIsUndeployedWhileItStartsHasCompleted() throws Exception {
    Promise<Void> starts = Promise.promise();
    WorkerHandle neighbour =
        register(
            spec(
                "starts",
                () ->
                    context -> {
                      calls.add("start");
                      return starts.future();
                    }));
    Workers.until(() -> calls.contains("start"));
    WorkerHandle vandal = vandal(idOf(neighbour));
    assertEquals(Cause.EXIT, edge("starts", "STARTING→STOPPING exit").cause());

    starts.complete();

    assertEquals(Exit.COMPLETED, get(neighbour.awaitGone()).last().exit());
    get(vandal.awaitStarted());
    assertEquals(1, life.vertx.deploymentIDs().size());
  }

  @Test
  void aNeighbourThatIsUndeployedWhileItStopsWasTerminated() throws Exception {
    Promise<Void> stops = Promise.promise();
    WorkerHandle neighbour = running(spec("stops", () -> new Slow(stops.future(), () -> {})));
    String id = idOf(neighbour);
    get(neighbour.terminate());
    Workers.until(() -> calls.contains("stops stops"));
    AtomicBoolean refused = new AtomicBoolean();
    life.vertx.undeploy(id).onFailure(twice -> refused.set(true));

    stops.complete();

    assertEquals(Exit.TERMINATED, get(neighbour.awaitGone()).last().exit());
    Workers.until(refused::get);
    assertEquals(List.of("stops stops", "stops stopped"), calls);
  }

  // ---- a late signal

  @Test
  void aSignalThatComesWhenAllIsClosedReachesNobody() throws Exception {
    AtomicReference<WorkerHandle> own = new AtomicReference<>();
    WorkerHandle handle =
        register(
            spec(
                "w",
                () ->
                    context -> {
                      WorkerContext worker = WorkerContext.current(life.vertx);
                      worker.onSignal(Signal.USR1, () -> calls.add("signal"));
                      // The last that is closed: the signal's turn comes before that of the end.
                      worker.closeAtEnd(() -> own.get().signal(Signal.USR1));
                      worker.closeAtEnd(() -> calls.add("closed"));
                      return Future.succeededFuture();
                    }));
    own.set(handle);
    get(handle.awaitStarted());
    get(handle.signal(Signal.USR1));
    Workers.until(() -> calls.contains("signal"));

    get(handle.terminate());
    get(handle.awaitGone());

    // Whatever was still to be served has been, on whichever loop.
    for (int loops = 0; loops < 8; loops++) {
      running(plain("other " + loops));
    }
    assertEquals(List.of("signal", "closed"), calls);
  }

  @Test
  void aSignalAfterTheEndIsNotRunningAndAHandlerAfterTheEndHasNoEffect() throws Exception {
    AtomicReference<WorkerContext> kept = new AtomicReference<>();
    WorkerHandle handle =
        running(
            spec(
                "w",
                () ->
                    context -> {
                      kept.set(WorkerContext.current(life.vertx));
                      return Future.succeededFuture();
                    }));
    get(handle.terminate());
    long gone = get(handle.awaitGone()).seq();

    kept.get().onSignal(Signal.HUP, () -> calls.add("late"));
    kept.get().ready();
    kept.get().notReady();
    kept.get().extendStart();
    kept.get().extendStop();
    get(life.postmaster.signalAll(Signal.HUP));
    WorkerHandle next = running(plain("next"));

    assertEquals(handle.handle().slot(), next.handle().slot());
    assertTrue(life.watch.seen().stream().allMatch(t -> t.seq() <= gone || t.generation() == 2));
    assertTrue(next.status().ready());
    assertEquals(List.of(), calls);
    assertEquals(
        dev.postmaster.ErrorCode.STALE_HANDLE,
        org.junit.jupiter.api.Assertions.assertThrows(
                dev.postmaster.PostmasterException.class, () -> get(handle.signal(Signal.HUP)))
            .code());
  }
}
