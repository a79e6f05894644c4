package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Threading;
import dev.postmaster.Uncaught;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.support.Life;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Verticles that know nothing of us. */
class HostedVerticleTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofMillis(30);

  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final Promise<Void> later = Promise.promise();
  private Life life;

  @BeforeEach
  void start() throws Exception {
    life = Life.started();
  }

  @AfterEach
  void end() {
    life.close();
  }

  /** What a test's verticle does when it starts. */
  private interface Start {
    Future<?> on(VerticleBase self, Context context) throws Exception;
  }

  /** What it does when it stops. */
  private interface Stop {
    Future<?> on() throws Exception;
  }

  private final class Verticle extends VerticleBase {
    private final Start start;
    private final Stop stop;

    Verticle(Start start, Stop stop) {
      this.start = start;
      this.stop = stop;
    }

    @Override
    public Future<?> start() throws Exception {
      calls.add("start");
      return start.on(this, context);
    }

    @Override
    public Future<?> stop() throws Exception {
      calls.add("stop");
      return stop.on();
    }
  }

  private WorkerSpec spec(Start start, Stop stop) {
    return WorkerSpec.ofVerticle("v", () -> new Verticle(start, stop)).neverRestart();
  }

  private WorkerSpec spec(Start start) {
    return spec(start, Future::succeededFuture);
  }

  private static Future<?> nothing(VerticleBase self, Context context) {
    return Future.succeededFuture();
  }

  private WorkerHandle register(WorkerSpec spec) throws Exception {
    return get(life.postmaster.register(spec));
  }

  private WorkerStatus gone(WorkerHandle handle) throws Exception {
    WorkerStatus status = get(handle.awaitGone());
    assertEquals(Set.of(), life.vertx.deploymentIDs());
    return status;
  }

  @Test
  void aVerticleIsStartedWithItsArgsAndStoppedWhenItIsTerminated() throws Exception {
    WorkerSpec spec =
        spec((self, context) -> {
              calls.add(self.config().getString("greeting"));
              return Future.succeededFuture();
            })
            .args(new JsonObject().put("greeting", "hi"));
    WorkerHandle handle = register(spec);
    get(handle.awaitStarted());
    assertEquals(1, life.vertx.deploymentIDs().size());

    get(handle.terminate());

    assertEquals(Exit.TERMINATED, gone(handle).last().exit());
    assertEquals(List.of("start", "hi", "stop"), calls);
  }

  @Test
  void aVerticleWhoseStopIsOverIsGoneWithoutWaitingForItsGrace() throws Exception {
    WorkerHandle handle = register(spec(HostedVerticleTest::nothing).stop(HOUR, HOUR));
    get(handle.awaitStarted());

    get(handle.terminate());

    assertEquals(Exit.TERMINATED, gone(handle).last().exit());
  }

  @Test
  void aStartThatFailsOrIsNullIsAFailedStartAndNeverStopped() throws Exception {
    List<Start> bad =
        List.of(
            (self, context) -> null,
            (self, context) -> Future.failedFuture("no"),
            (self, context) -> {
              throw new java.io.IOException("no");
            });
    for (Start start : bad) {
      assertEquals(Exit.START_FAILED, gone(register(spec(start))).last().exit());
    }

    assertEquals(List.of("start", "start", "start"), calls);
  }

  @Test
  void aStartThatNeverEndsIsGivenUpAndWhatItSaysLaterChangesNothing() throws Exception {
    AtomicReference<Context> on = new AtomicReference<>();
    WorkerHandle handle =
        register(
            spec((self, context) -> {
                  on.set(context);
                  return later.future();
                })
                .startTimeout(SHORT)
                .stop(SHORT, HOUR));

    WorkerStatus gone = gone(handle);
    later.complete();
    get(Future.future(served -> on.get().runOnContext(nothing -> served.complete())));

    assertEquals(Exit.START_TIMEOUT, gone.last().exit());
    assertEquals(gone.seq(), handle.status().seq());
    assertEquals(List.of("start"), calls);
  }

  @Test
  void aStopThatComesDuringTheStartIsServedWhenThatIsOver() throws Exception {
    WorkerHandle handle = register(spec((self, context) -> later.future()).stop(HOUR, HOUR));
    Workers.until(() -> calls.contains("start"));
    get(handle.terminate());

    later.complete();

    assertEquals(Exit.TERMINATED, gone(handle).last().exit());
    assertEquals(List.of("start", "stop"), calls);
    assertEquals(
        List.of(
            "FREE→REGISTERED registered",
            "REGISTERED→STARTING launch",
            "STARTING→STOPPING terminate",
            "STOPPING→FREE exit"),
        edges());
  }

  private List<String> edges() throws Exception {
    life.watch.await(t -> t.to() == WorkerState.FREE);
    return life.watch.edges("v");
  }

  @Test
  void anUncaughtExceptionEndsTheRunThroughItsStop() throws Exception {
    WorkerHandle handle =
        register(
            spec(
                (self, context) -> {
                  life.vertx.setTimer(
                      1,
                      id -> {
                        throw new IllegalStateException("torn");
                      });
                  return Future.succeededFuture();
                }));

    WorkerStatus gone = gone(handle);

    assertEquals(Exit.FAILED, gone.last().exit());
    assertTrue(gone.last().message().contains("torn"));
    assertEquals(List.of("start", "stop"), calls);
    assertEquals(
        List.of("STARTING→RUNNING started", "RUNNING→STOPPING exit", "STOPPING→FREE exit"),
        edges().subList(2, 5));
  }

  @Test
  void anUncaughtExceptionThatIsOnlyToBeLoggedEndsNothing() throws Exception {
    CountDownLatch twice = new CountDownLatch(2);
    WorkerHandle handle =
        register(
            spec((self, context) -> {
                  life.vertx.setPeriodic(
                      1,
                      id -> {
                        twice.countDown();
                        throw new IllegalStateException("again");
                      });
                  return Future.succeededFuture();
                })
                .uncaught(Uncaught.LOG));

    Workers.await(twice);

    assertEquals(WorkerState.RUNNING, handle.status().state());
    get(handle.terminate());
    gone(handle);
  }

  @Test
  void aGuardedConsumerThatThrowsEndsTheRun() throws Exception {
    WorkerHandle handle =
        register(
            spec(
                (self, context) -> {
                  WorkerContext own = WorkerContext.current(life.vertx);
                  life.vertx
                      .eventBus()
                      .consumer(
                          "guarded",
                          own.guard(
                              message -> {
                                throw new IllegalArgumentException("bad " + message.body());
                              }));
                  return Future.succeededFuture();
                }));
    get(handle.awaitStarted());

    life.vertx.eventBus().send("guarded", "egg");

    assertTrue(gone(handle).last().message().contains("bad egg"));
    assertEquals(Exit.FAILED, handle.status().last().exit());
  }

  @Test
  void anExplicitExitSaysHowItEnded() throws Exception {
    for (int code : new int[] {0, 1, 3}) {
      WorkerHandle handle =
          register(
              spec(
                  (self, context) -> {
                    WorkerContext own = WorkerContext.current(life.vertx);
                    context.runOnContext(nothing -> own.exit(code));
                    return Future.succeededFuture();
                  }));

      WorkerStatus gone = gone(handle);

      Exit expected = code == 0 ? Exit.COMPLETED : code == 1 ? Exit.FAILED : Exit.CRASHED;
      assertEquals(expected, gone.last().exit());
      assertEquals(code, gone.last().code());
    }
  }

  @Test
  void aVerticleThatUndeploysItselfHasCompleted() throws Exception {
    WorkerHandle handle =
        register(
            spec((self, context) -> {
                  context.runOnContext(nothing -> life.vertx.undeploy(context.deploymentID()));
                  return Future.succeededFuture();
                })
                .restartAfter(Duration.ZERO)
                .stop(HOUR, HOUR));

    assertEquals(Exit.COMPLETED, gone(handle).last().exit());
    assertEquals(List.of("start", "stop"), calls);
  }

  @Test
  void aStopThatFailsHasStoppedAllTheSame() throws Exception {
    WorkerSpec spec = spec(HostedVerticleTest::nothing, () -> Future.failedFuture("no"));
    WorkerHandle handle = register(spec.stop(HOUR, HOUR));
    get(handle.awaitStarted());

    get(handle.terminate());

    assertEquals(Exit.TERMINATED, gone(handle).last().exit());
  }

  @Test
  void aStopThatNeverEndsIsWaitedForUntilGraceIsOver() throws Exception {
    WorkerSpec spec = spec(HostedVerticleTest::nothing, later::future);
    WorkerHandle handle = register(spec.stop(SHORT, HOUR));
    get(handle.awaitStarted());

    get(handle.terminate());

    assertEquals(Exit.KILLED, gone(handle).last().exit());
  }

  @Test
  void aChildThatNeverStopsKeepsItsParentOnlyUntilGraceIsOver() throws Exception {
    WorkerHandle handle =
        register(
            spec((self, context) ->
                    life.vertx.deployVerticle(
                        () -> new Verticle(HostedVerticleTest::nothing, later::future),
                        new DeploymentOptions()))
                .stop(SHORT, HOUR));
    get(handle.awaitStarted());

    get(handle.terminate());

    assertEquals(Exit.KILLED, get(handle.awaitGone()).last().exit());
    later.complete();
    Workers.until(() -> life.vertx.deploymentIDs().isEmpty());
  }

  @Test
  void whatARunLeavesBehindIsClosedWithIt() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    AtomicLong timer = new AtomicLong();
    WorkerHandle handle =
        register(
            spec(
                (self, context) -> {
                  WorkerContext.current(life.vertx).closeAtEnd(closed::countDown);
                  timer.set(life.vertx.setPeriodic(1, id -> calls.add("tick")));
                  life.vertx.eventBus().consumer("left", message -> message.reply("here"));
                  return life.vertx.deployVerticle(
                      () -> new Verticle(HostedVerticleTest::nothing, Future::succeededFuture),
                      new DeploymentOptions());
                }));
    get(handle.awaitStarted());
    assertEquals("here", get(life.vertx.eventBus().request("left", "")).body());
    Workers.until(() -> calls.contains("tick"));

    get(handle.terminate());
    gone(handle);

    assertEquals(0, closed.getCount());
    assertThrows(Exception.class, () -> get(life.vertx.eventBus().request("left", "")));
    assertFalse(life.vertx.cancelTimer(timer.get()), "its timer still runs");
  }

  @Test
  void noVerticleIsPutOnThePostmastersLoop() throws Exception {
    Set<Object> loops = ConcurrentHashMap.newKeySet();
    for (int n = 0; n < 40; n++) {
      WorkerSpec spec =
          WorkerSpec.ofVerticle(
              "n",
              () ->
                  context -> {
                    loops.add(((ContextInternal) context).nettyEventLoop());
                    return Future.succeededFuture();
                  });
      get(register(spec).awaitStarted());
    }

    Object own = ((EventLoopPostmaster) life.postmaster).context().nettyEventLoop();
    assertFalse(loops.contains(own));
    assertTrue(loops.size() > 1, "all on one loop");
  }

  @Test
  void aVerticleOfThreadsThatIsBusyIsInterruptedAndNobodyElse() throws Exception {
    WorkerHandle bystander = register(Workers.idle("bystander"));
    WorkerHandle handle =
        register(
            spec((self, context) -> {
                  context.runOnContext(
                      nothing -> {
                        calls.add("busy");
                        try {
                          new CountDownLatch(1).await();
                        } catch (InterruptedException asked) {
                          calls.add("interrupted");
                        }
                      });
                  return Future.succeededFuture();
                })
                .threading(Threading.WORKER)
                .stop(SHORT, HOUR));
    Workers.until(() -> calls.contains("busy"));

    get(handle.terminate());

    assertEquals(Exit.KILLED, get(handle.awaitGone()).last().exit());
    assertTrue(calls.contains("interrupted"));
    assertEquals(WorkerState.RUNNING, bystander.status().state());
  }

  @Test
  void whatARunExecutesElsewhereIsInsideItsCodeToo() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    WorkerHandle handle =
        register(
            spec((self, context) -> {
                  life.vertx.executeBlocking(
                      () -> {
                        calls.add("elsewhere");
                        Workers.awaitDeaf(release);
                        return null;
                      },
                      false);
                  return Future.succeededFuture();
                })
                .stop(SHORT, SHORT));
    Workers.until(() -> calls.contains("elsewhere"));

    get(handle.terminate());
    life.watch.await(t -> t.to() == WorkerState.ABANDONED);
    release.countDown();

    gone(handle);
    assertEquals(Cause.THREAD_RETURNED, life.watch.await(t -> t.to() == WorkerState.FREE).cause());
  }

  /** What looks for its deployment while Vert.x moves that finds none, now and then. */
  @Test
  void aRunIsListedBeforeItsCodeIsEntered() throws Exception {
    for (int n = 0; n < 2_000; n++) {
      WorkerSpec spec =
          spec(
              (self, context) -> {
                assertTrue(life.vertx.deploymentIDs().contains(context.deploymentID()));
                WorkerContext.current(life.vertx).exit(0);
                return Future.succeededFuture();
              });

      assertEquals(Exit.COMPLETED, get(register(spec).awaitGone()).last().exit());
    }
  }

  @Test
  void codeThatBelongsToNoRunHasNoContext() {
    assertThrows(IllegalStateException.class, () -> WorkerContext.current(life.vertx));
  }

  @Test
  void onAnEventLoopNobodyMayWait() throws Exception {
    WorkerHandle handle =
        register(
            spec(
                (self, context) -> {
                  WorkerContext.current(life.vertx).awaitLatch(HOUR);
                  return Future.succeededFuture();
                }));

    WorkerStatus gone = gone(handle);

    assertEquals(Exit.START_FAILED, gone.last().exit());
    assertTrue(gone.last().message().contains("event loop"), gone.last().message());
  }
}
