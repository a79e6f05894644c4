package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.Flag;
import dev.postmaster.PostmasterException;
import dev.postmaster.Signal;
import dev.postmaster.WaitResult;
import dev.postmaster.WorkerExit;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.support.Life;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Latch, signals and waits of a run that is busy, seen from the run. */
class SignalsTest {

  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
  private Life life;

  @BeforeEach
  void start() throws Exception {
    life = Life.started();
  }

  @AfterEach
  void end() {
    life.close();
  }

  private String said() throws Exception {
    return said.poll(20, TimeUnit.SECONDS);
  }

  private WorkerHandle started(WorkerSpec spec) throws Exception {
    WorkerHandle handle = get(life.postmaster.register(spec));
    get(handle.awaitStarted());
    return handle;
  }

  private WorkerStatus run(WorkerSpec spec) throws Exception {
    return get(get(life.postmaster.register(spec)).awaitGone());
  }

  @Test
  void reloadRunsItsHandlerOnTheRunsOwnThread() throws Exception {
    WorkerHandle handle =
        started(
            Workers.of(
                "w",
                context -> {
                  Thread own = Thread.currentThread();
                  context.onSignal(
                      Signal.HUP, () -> said.add("reload " + (own == Thread.currentThread())));
                  said.add("ready");
                  while (true) {
                    context.awaitLatch(Workers.LONG);
                    context.checkInterrupts();
                  }
                }));
    assertEquals("ready", said());

    get(handle.signal(Signal.HUP));

    assertEquals("reload true", said());
  }

  @Test
  void reloadIsIgnoredUnlessAskedFor() throws Exception {
    WorkerHandle handle =
        started(Workers.of("w", context -> said.add("" + context.awaitLatch(Workers.LONG))));
    get(handle.signal(Signal.HUP));

    get(handle.signal(Signal.USR1));
    get(handle.awaitGone());

    assertEquals("SET", said());
    assertEquals(Exit.COMPLETED, handle.status().last().exit());
  }

  @Test
  void aReloadThatNobodyAskedForDoesNotWake() throws Exception {
    WorkerHandle handle =
        started(
            Workers.of(
                "w",
                context -> {
                  said.add("waits");
                  said.add("" + context.awaitLatch(Duration.ofMillis(100)));
                }));
    assertEquals("waits", said());

    get(handle.signal(Signal.HUP));

    assertEquals("TIMEOUT", said());
  }

  @Test
  void userSignalsSetTheLatchAndRunTheirHandlerIfAny() throws Exception {
    WorkerHandle handle =
        started(
            Workers.of(
                "w",
                context -> {
                  said.add("waits");
                  said.add("" + context.awaitLatch(Workers.LONG));
                  context.onSignal(Signal.USR1, () -> said.add("handled"));
                  said.add("" + context.awaitLatch(Workers.LONG));
                }));
    assertEquals("waits", said());
    get(handle.signal(Signal.USR1));
    assertEquals("SET", said());

    get(handle.signal(Signal.USR1));

    // The handler ran before the wait returned.
    assertEquals("handled", said());
    assertEquals("SET", said());
  }

  @Test
  void signalsBeforeMainIsEnteredAreKept() throws Exception {
    CountDownLatch inFactory = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    WorkerHandle handle =
        get(
            life.postmaster.register(
                WorkerSpec.of(
                    "w",
                    () -> {
                      inFactory.countDown();
                      Workers.awaitDeaf(release);
                      return context -> {
                        context.onSignal(Signal.HUP, () -> said.add("reload"));
                        context.checkInterrupts();
                        said.add("" + context.awaitLatch(Duration.ofMillis(1)));
                      };
                    })));
    Workers.await(inFactory);

    get(handle.signal(Signal.HUP));
    get(handle.signal(Signal.USR1));
    release.countDown();

    assertEquals("reload", said());
    assertEquals("SET", said());
  }

  @Test
  void aWorkerThatLeavesAfterATermSignalHasFailedAndComesAgain() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    WorkerHandle handle =
        started(
            Workers.of(
                    "w",
                    context -> {
                      if (runs.incrementAndGet() == 1) {
                        while (true) {
                          context.awaitLatch(Workers.LONG);
                          context.checkInterrupts();
                        }
                      }
                    })
                .restartAfter(Duration.ZERO));

    get(handle.signal(Signal.TERM));

    WorkerStatus gone = get(handle.awaitGone());
    assertEquals(2, gone.starts());
    assertEquals(1, gone.exits().get(Exit.FAILED.ordinal() - 1));
  }

  @Test
  void aTermSignalBeforeMainIsKeptAndMainIsEntered() throws Exception {
    CountDownLatch inFactory = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    WorkerHandle handle =
        get(
            life.postmaster.register(
                WorkerSpec.of(
                        "w",
                        () -> {
                          inFactory.countDown();
                          Workers.awaitDeaf(release);
                          return context -> {
                            said.add("entered");
                            context.checkInterrupts();
                          };
                        })
                    .neverRestart()));
    Workers.await(inFactory);
    get(handle.signal(Signal.TERM));

    release.countDown();

    assertEquals("entered", said());
    assertEquals(Exit.FAILED, get(handle.awaitGone()).last().exit());
  }

  @Test
  void cancelRunsOnAHelperThreadWhileTheRunIsBusy() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    WorkerHandle handle =
        started(
            Workers.of(
                    "w",
                    context -> {
                      Thread own = Thread.currentThread();
                      context.onCancel(
                          () -> {
                            boolean other = own != Thread.currentThread();
                            boolean loop = io.vertx.core.Context.isOnEventLoopThread();
                            said.add("other=" + other + " loop=" + loop);
                            cancelled.countDown();
                          });
                      said.add("busy");
                      Workers.awaitDeaf(cancelled);
                    })
                .flags(Flag.SHARED_MEMORY, Flag.DATABASE_CONNECTION));
    assertEquals("busy", said());

    get(handle.signal(Signal.INT));

    assertEquals("other=true loop=false", said());
    assertEquals(Exit.COMPLETED, get(handle.awaitGone()).last().exit());
  }

  @Test
  void cancelMeansNothingWithoutAConnection() throws Exception {
    WorkerHandle handle =
        started(
            Workers.of(
                "w",
                context -> {
                  context.onCancel(() -> said.add("cancelled"));
                  said.add("waits");
                  context.awaitLatch(Workers.LONG);
                }));
    assertEquals("waits", said());

    get(handle.signal(Signal.INT));
    get(handle.signal(Signal.USR1));

    get(handle.awaitGone());
    assertEquals(List.of(), List.copyOf(said));
  }

  @Test
  void aWorkerWithoutARunCannotBeSignalled() throws Exception {
    WorkerHandle handle = get(life.postmaster.register(Workers.of("w", context -> {})));
    get(handle.awaitGone());

    PostmasterException refusal =
        assertThrows(PostmasterException.class, () -> get(handle.signal(Signal.HUP)));

    assertEquals(ErrorCode.NOT_RUNNING, refusal.code());
  }

  @Test
  void aStopSetsTheLatchAndEachCheckThrows() throws Exception {
    WorkerHandle handle =
        started(
            Workers.of(
                "w",
                context -> {
                  WaitResult woken = context.awaitLatch(Workers.LONG);
                  for (int check = 0; check < 3; check++) {
                    assertThrows(WorkerExit.class, context::checkInterrupts);
                  }
                  said.add(woken + " " + context.isTerminationRequested());
                }));

    get(handle.terminate());

    assertEquals("SET true", said());
  }

  @Test
  void awaitGivesTheResultTheFailureOrTheTimeout() throws Exception {
    AtomicReference<Throwable> failed = new AtomicReference<>();
    WorkerStatus gone =
        run(
            Workers.of(
                "w",
                context -> {
                  said.add(context.await(Future.succeededFuture("result")));
                  failed.set(
                      assertThrows(
                          java.io.IOException.class,
                          () -> context.await(Future.failedFuture(new java.io.IOException("x")))));
                  PostmasterException late =
                      assertThrows(
                          PostmasterException.class,
                          () -> context.await(Promise.promise().future(), Workers.SHORT));
                  said.add(late.code().name());
                }));

    assertEquals(Exit.COMPLETED, gone.last().exit());
    assertEquals("result", said());
    assertEquals("TIMEOUT", said());
    assertEquals("x", failed.get().getMessage());
  }

  @Test
  void awaitServesWhateverVertxCompletes() throws Exception {
    life.vertx.eventBus().<String>consumer("echo", m -> m.reply(m.body()));

    WorkerStatus gone =
        run(
            Workers.of(
                "w",
                context -> {
                  Duration enough = Duration.ofSeconds(5);
                  context.await(context.vertx().timer(1, TimeUnit.MILLISECONDS), enough);
                  said.add("timer");
                  said.add(
                      context
                          .await(
                              context.vertx().eventBus().<String>request("echo", "reply"), enough)
                          .body());
                  said.add(
                      context.await(
                          context.vertx().executeBlocking(() -> "blocking", false), enough));
                  said.add(
                      context.await(
                          context.vertx().fileSystem().exists("/").map(yes -> "file " + yes),
                          enough));
                }));

    assertEquals(Exit.COMPLETED, gone.last().exit(), () -> gone.last().message());
    assertEquals("timer", said());
    assertEquals("reply", said());
    assertEquals("blocking", said());
    assertEquals("file true", said());
  }

  @Test
  void whatVertxWasGivenInARunIsTakenBackWhenItEnds() throws Exception {
    AtomicInteger received = new AtomicInteger();
    run(
        Workers.of(
            "w",
            context ->
                context.await(
                    context
                        .vertx()
                        .eventBus()
                        .consumer("left", m -> received.incrementAndGet())
                        .completion(),
                    Duration.ofSeconds(5))));

    assertThrows(
        io.vertx.core.eventbus.ReplyException.class,
        () -> get(life.vertx.eventBus().request("left", "anybody?")));
    assertEquals(0, received.get());
  }

  @Test
  void awaitEndsWhenTheRunIsTold() throws Exception {
    WorkerHandle handle =
        started(Workers.of("w", context -> context.await(Promise.promise().future())));

    get(handle.terminate());

    assertEquals(Exit.TERMINATED, get(handle.awaitGone()).last().exit());
  }

  @Test
  void awaitLeavesTheLatchAsItWas() throws Exception {
    run(
        Workers.of(
            "w",
            context -> {
              context.setLatch();
              context.await(context.postmaster().register(Workers.of("x", other -> {})));
              said.add("" + context.awaitLatch(Duration.ofMillis(1)));
            }));

    assertEquals("SET", said());
  }

  @Test
  void aLatchThatOthersSetWakesTheRun() throws Exception {
    AtomicReference<dev.postmaster.WorkerContext> shared = new AtomicReference<>();
    WorkerHandle handle =
        started(
            Workers.of(
                "w",
                context -> {
                  shared.set(context);
                  said.add("waits");
                  said.add("" + context.awaitLatch(Workers.LONG));
                }));
    assertEquals("waits", said());

    shared.get().setLatch();

    assertEquals("SET", said());
    assertEquals(Exit.COMPLETED, get(handle.awaitGone()).last().exit());
  }

  @Test
  void anAbandonedRunLearnsThatThePostmasterHasDied() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Life own = Life.started();
    List<WaitResult> results = new CopyOnWriteArrayList<>();
    CountDownLatch left = new CountDownLatch(1);
    WorkerHandle handle =
        get(
            own.postmaster.register(
                Workers.of(
                        "w",
                        context -> {
                          Workers.awaitDeaf(release);
                          results.add(context.awaitLatch(Workers.LONG));
                          results.add(context.awaitLatch(Workers.LONG));
                          left.countDown();
                        })
                    .stop(Workers.SHORT, Workers.SHORT)));
    get(handle.awaitStarted());
    get(own.postmaster.close());

    release.countDown();
    Workers.await(left);

    assertEquals(List.of(WaitResult.SET, WaitResult.POSTMASTER_DIED), results);
    get(own.vertx.close());
  }

  @Test
  void aGraceCanBeExtended() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    WorkerHandle handle =
        started(
            Workers.of(
                    "w",
                    context -> {
                      context.awaitLatch(Workers.LONG);
                      for (int more = 0; more < 9; more++) {
                        context.extendStop();
                      }
                      told.countDown();
                      context.awaitLatch(Duration.ofMillis(150));
                    })
                .stop(Duration.ofMillis(100), Workers.LONG));

    get(handle.terminate());

    assertEquals(Exit.TERMINATED, get(handle.awaitGone()).last().exit());
    assertTrue(told.getCount() == 0);
    assertFalse(life.watch.seen().stream().anyMatch(t -> t.to() == WorkerState.ABANDONED));
  }
}
