package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.HandleStatus;
import dev.postmaster.PostmasterException;
import dev.postmaster.ShutdownReport;
import dev.postmaster.WaitResult;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.support.Life;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Real workers on real threads. */
class FirstLifeTest {

  private static final Duration LONG = Duration.ofHours(1);

  private static WorkerSpec idle(String name) {
    return WorkerSpec.of(
        name,
        () ->
            context -> {
              while (true) {
                context.checkInterrupts();
                context.awaitLatch(LONG);
              }
            });
  }

  @Test
  void aRunFindsItselfInTheTableAsSoonAsItIsLaunched() throws Exception {
    int runs = 500;
    List<Long> lost = new CopyOnWriteArrayList<>();
    CountDownLatch all = new CountDownLatch(runs);
    WorkerSpec spec =
        WorkerSpec.of(
            "w",
            () ->
                context -> {
                  WorkerStatus mine = context.postmaster().list(-1, 1).get(0);
                  if (mine.runId() != context.runId()) {
                    lost.add(context.runId());
                  }
                  all.countDown();
                  throw new IllegalStateException("again");
                });
    try (Life life = Life.started()) {
      get(life.postmaster.register(spec.restartAfter(Duration.ZERO)));

      assertTrue(all.await(20, TimeUnit.SECONDS));

      assertEquals(List.of(), lost);
    }
  }

  @Test
  void aWorkerThatReturnsIsForgotten() throws Exception {
    try (Life life = Life.started()) {
      WorkerHandle handle = get(life.postmaster.register(WorkerSpec.of("w", () -> context -> {})));

      WorkerStatus gone = get(handle.awaitGone());

      assertEquals(WorkerState.FREE, gone.state());
      assertEquals(Exit.COMPLETED, gone.last().exit());
      assertEquals(
          List.of(
              "FREE→REGISTERED registered",
              "REGISTERED→STARTING launch",
              "STARTING→RUNNING started",
              "RUNNING→FREE exit"),
          life.watch.edges("w"));
    }
  }

  @Test
  void aWorkerThatThrowsIsStartedAgainAfterItsInterval() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    try (Life life = Life.started()) {
      WorkerSpec spec =
          WorkerSpec.of(
                  "w",
                  () ->
                      context -> {
                        if (runs.incrementAndGet() == 1) {
                          throw new IllegalArgumentException("boom");
                        }
                      })
              .restartAfter(Duration.ofMillis(50));
      WorkerHandle handle = get(life.postmaster.register(spec));

      WorkerStatus gone = get(handle.awaitGone());

      long failedAt = life.watch.await(t -> t.exit() == Exit.FAILED).at();
      long againAt = life.watch.await(t -> t.cause() == Cause.RESTART_TIMER).at();
      // Both times are shown in whole milliseconds of the wall clock.
      assertTrue(againAt - failedAt >= 49, "restarted after " + (againAt - failedAt) + " ms");
      assertEquals(2, gone.starts());
      assertEquals(
          "java.lang.IllegalArgumentException: boom",
          life.watch.await(t -> t.exit() == Exit.FAILED).message());
    }
  }

  @Test
  void aTerminatedWorkerLeavesAtItsNextCheckAndIsForgotten() throws Exception {
    try (Life life = Life.started()) {
      WorkerHandle handle = get(life.postmaster.register(idle("w")));
      get(handle.awaitStarted());

      WorkerState state = get(handle.terminate());
      WorkerStatus gone = get(handle.awaitGone());

      assertEquals(WorkerState.STOPPING, state);
      assertEquals(Exit.TERMINATED, gone.last().exit());
      assertEquals(HandleStatus.STOPPED, handle.status().status());
    }
  }

  @Test
  void aWorkerThatIgnoresInterruptsIsAbandonedAndReportedWithItsStack() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Life life = Life.started();
    WorkerSpec deaf =
        WorkerSpec.of(
                "deaf",
                () ->
                    context -> {
                      while (release.getCount() > 0) {
                        try {
                          release.await();
                        } catch (InterruptedException ignored) {
                          continue;
                        }
                      }
                    })
            .stop(Duration.ofMillis(20), Duration.ofMillis(20));
    WorkerHandle handle = get(life.postmaster.register(deaf));
    get(handle.awaitStarted());

    ShutdownReport report = get(life.postmaster.close());

    release.countDown();
    assertFalse(report.abnormal());
    assertEquals(1, report.abandoned().size());
    assertEquals("deaf", report.abandoned().get(0).name());
    assertTrue(
        report.abandoned().get(0).stack().stream()
            .anyMatch(frame -> frame.getClassName().contains("FirstLifeTest")));
    life.vertx.close();
  }

  @Test
  void anAbandonedWorkerWhoseThreadReturnsFreesItsSlot() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (Life life = Life.started()) {
      WorkerSpec deaf =
          WorkerSpec.of(
                  "deaf",
                  () ->
                      context -> {
                        while (release.getCount() > 0) {
                          try {
                            release.await();
                          } catch (InterruptedException ignored) {
                            continue;
                          }
                        }
                      })
              .stop(Duration.ofMillis(20), Duration.ofMillis(20));
      WorkerHandle handle = get(life.postmaster.register(deaf));
      get(handle.awaitStarted());
      get(handle.terminate());
      life.watch.await(t -> t.to() == WorkerState.ABANDONED);

      release.countDown();
      WorkerStatus gone = get(handle.awaitGone());

      assertEquals(Exit.KILLED, gone.last().exit());
      assertEquals(Cause.THREAD_RETURNED, gone.last().cause());
    }
  }

  @Test
  void aFactoryThatThrowsIsAFailedStart() throws Exception {
    try (Life life = Life.started()) {
      WorkerSpec spec =
          WorkerSpec.of(
                  "w",
                  () -> {
                    throw new IllegalStateException("no");
                  })
              .neverRestart();
      WorkerHandle handle = get(life.postmaster.register(spec));

      PostmasterException failure =
          assertThrows(PostmasterException.class, () -> get(handle.awaitStarted()));

      assertEquals(ErrorCode.NOT_STARTED, failure.code());
      assertEquals(Exit.START_FAILED, failure.status().orElseThrow().last().exit());
    }
  }

  @Test
  void aWorkerRegistersWorkersAndWaitsForThem() throws Exception {
    AtomicInteger done = new AtomicInteger();
    try (Life life = Life.started()) {
      WorkerSpec parent =
          WorkerSpec.of(
              "parent",
              () ->
                  context -> {
                    for (int child = 0; child < 3; child++) {
                      WorkerHandle handle =
                          context.await(
                              context
                                  .postmaster()
                                  .register(
                                      WorkerSpec.of(
                                          "child", () -> inner -> done.incrementAndGet())));
                      context.await(handle.awaitGone());
                    }
                  });
      WorkerHandle handle = get(life.postmaster.register(parent));

      assertEquals(Exit.COMPLETED, get(handle.awaitGone()).last().exit());
      assertEquals(3, done.get());
    }
  }

  @Test // T-026
  void aWorkerOutlivesTheRunThatRegisteredIt() throws Exception {
    try (Life life = Life.started()) {
      AtomicReference<WorkerHandle> registered = new AtomicReference<>();
      WorkerSpec parent =
          WorkerSpec.of(
              "parent",
              () ->
                  context -> {
                    WorkerHandle child =
                        context.await(context.postmaster().register(idle("child")));
                    context.await(child.awaitStarted());
                    registered.set(child);
                  });

      get(get(life.postmaster.register(parent)).awaitGone());

      WorkerHandle child = registered.get();
      assertEquals(WorkerState.RUNNING, child.status().state());
      assertEquals(1, child.status().starts());
      get(child.terminate());
      assertEquals(Exit.TERMINATED, get(child.awaitGone()).last().exit());
    }
  }

  @Test
  void aLatchSetBeforeTheWaitIsNotLostAndManySetsAreOneWake() throws Exception {
    List<WaitResult> results = new java.util.concurrent.CopyOnWriteArrayList<>();
    try (Life life = Life.started()) {
      WorkerSpec spec =
          WorkerSpec.of(
              "w",
              () ->
                  context -> {
                    context.setLatch();
                    context.setLatch();
                    results.add(context.awaitLatch(LONG));
                    results.add(context.awaitLatch(Duration.ofMillis(1)));
                  });

      get(get(life.postmaster.register(spec)).awaitGone());

      assertEquals(List.of(WaitResult.SET, WaitResult.TIMEOUT), results);
    }
  }

  @Test
  void staticWorkersGetTheirSlotsInOrderAndRunAfterTheStart() throws Exception {
    Life life = Life.built(Life.options());
    try (life) {
      var a = life.postmaster.register(idle("a"));
      var b = life.postmaster.register(idle("b"));
      get(life.postmaster.start());

      assertEquals(0, get(a).handle().slot());
      assertEquals(1, get(b).handle().slot());
      get(get(b).awaitStarted());
      assertEquals(List.of("a", "b"), life.postmaster.list().stream().map(s -> s.name()).toList());
    }
  }

  @Test
  void thousandsOfShortRunsOnAFewSlotsAreAllCounted() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    try (Life life = Life.started(Life.options().setMaxWorkers(8))) {
      for (int round = 0; round < 500; round++) {
        List<io.vertx.core.Future<WorkerStatus>> all = new java.util.ArrayList<>();
        for (int worker = 0; worker < 8; worker++) {
          all.add(
              life.postmaster
                  .register(WorkerSpec.of("w", () -> context -> runs.incrementAndGet()))
                  .compose(WorkerHandle::awaitGone));
        }
        get(io.vertx.core.Future.all(all));
        if (round % 100 == 0) {
          System.gc();
        }
      }
    }

    assertEquals(4_000, runs.get());
  }
}
