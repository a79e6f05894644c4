package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.HandleStatus;
import dev.postmaster.PostmasterException;
import dev.postmaster.Readiness;
import dev.postmaster.ShutdownMode;
import dev.postmaster.ShutdownReport;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The stop ladder on real threads: nobody hangs, and nobody else is hit. */
class StopTest {

  @Test
  void aDeafWorkerHoldsNeitherTheOthersNorTheShutdown() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Life life = Life.started();
    WorkerHandle deaf = get(life.postmaster.register(Workers.deaf("deaf", release)));
    WorkerHandle idle = get(life.postmaster.register(Workers.idle("idle")));
    get(deaf.awaitStarted());
    get(idle.awaitStarted());
    get(deaf.terminate());
    life.watch.await(t -> t.to() == WorkerState.ABANDONED);

    assertEquals(WorkerState.FREE, get(idle.terminate().compose(s -> idle.awaitGone())).state());
    assertEquals(WorkerState.ABANDONED, deaf.status().state());
    ShutdownReport report = get(life.postmaster.close());

    assertFalse(report.abnormal());
    assertEquals(List.of(deaf.handle()), report.abandoned().stream().map(a -> a.handle()).toList());
    assertTrue(
        report.abandoned().get(0).stack().stream()
            .anyMatch(frame -> frame.getMethodName().equals("awaitDeaf")));
    assertEquals(HandleStatus.POSTMASTER_DIED, deaf.status().status());
    release.countDown();
    get(life.vertx.close());
  }

  @Test
  void anInterruptedRunLeavesNoInterruptToTheNext() throws Exception {
    List<Boolean> flags = new CopyOnWriteArrayList<>();
    try (Life life = Life.started(Life.options().setMaxWorkerThreads(1))) {
      WorkerSpec stubborn =
          Workers.of(
                  "stubborn",
                  context -> {
                    try {
                      new CountDownLatch(1).await();
                    } catch (InterruptedException asked) {
                      Thread.currentThread().interrupt();
                    }
                  })
              .stop(Workers.SHORT, Workers.LONG);
      for (int round = 0; round < 20; round++) {
        WorkerHandle first = get(life.postmaster.register(stubborn));
        get(first.awaitStarted());
        WorkerHandle second =
            get(
                life.postmaster.register(
                    Workers.of(
                        "next", context -> flags.add(Thread.currentThread().isInterrupted()))));
        get(first.terminate());
        assertEquals(Exit.KILLED, get(first.awaitGone()).last().exit());
        assertEquals(Exit.COMPLETED, get(second.awaitGone()).last().exit());
      }
    }

    assertEquals(20, flags.size());
    assertFalse(flags.contains(true));
  }

  @Test
  void whatARunClosesIsNotDisturbedByTheInterruptThatEndedIt() throws Exception {
    AtomicReference<Boolean> interrupted = new AtomicReference<>();
    try (Life life = Life.started()) {
      WorkerHandle handle =
          get(
              life.postmaster.register(
                  Workers.of(
                          "w",
                          context -> {
                            context.closeAtEnd(
                                () -> interrupted.set(Thread.currentThread().isInterrupted()));
                            while (!Thread.currentThread().isInterrupted()) {
                              Thread.onSpinWait();
                            }
                          })
                      .stop(Workers.SHORT, Workers.LONG)));
      get(handle.awaitStarted());
      get(handle.terminate());
      get(handle.awaitGone());
    }

    assertEquals(false, interrupted.get());
  }

  @Test
  void nameAndClassLoaderOfAThreadAreResetBetweenRuns() throws Exception {
    try (Life life = Life.started(Life.options().setMaxWorkerThreads(1));
        URLClassLoader own = new URLClassLoader(new URL[0])) {
      List<Thread> threads = new CopyOnWriteArrayList<>();
      List<String> names = new CopyOnWriteArrayList<>();
      List<ClassLoader> loaders = new CopyOnWriteArrayList<>();
      WorkerSpec spec =
          Workers.of(
              "w",
              context -> {
                threads.add(Thread.currentThread());
                names.add(Thread.currentThread().getName());
                loaders.add(Thread.currentThread().getContextClassLoader());
                Thread.currentThread().setContextClassLoader(own);
                Thread.currentThread().setName("mine");
              });

      get(get(life.postmaster.register(spec)).awaitGone());
      get(get(life.postmaster.register(spec)).awaitGone());

      assertSame(threads.get(0), threads.get(1));
      assertEquals(List.of("pm-0-1 w", "pm-0-2 w"), names);
      assertNotSame(own, loaders.get(1));
      Workers.until(() -> !threads.get(0).getName().equals("mine"));
      assertFalse(threads.get(0).getName().startsWith("pm-0"), threads.get(0).getName());
    }
  }

  @Test
  void aWorkerThatIsNotReadyInTimeIsStopped() throws Exception {
    try (Life life = Life.started()) {
      WorkerHandle handle =
          get(
              life.postmaster.register(
                  Workers.idle("w")
                      .ready(Readiness.SAID)
                      .startTimeout(Duration.ofMillis(40))
                      .neverRestart()));

      assertEquals(Exit.START_TIMEOUT, get(handle.awaitGone()).last().exit());
      assertEquals(
          Cause.START_TIMEOUT, life.watch.await(t -> t.to() == WorkerState.STOPPING).cause());
    }
  }

  @Test
  void readinessIsSaidLostAndRegained() throws Exception {
    try (Life life = Life.started()) {
      WorkerHandle handle =
          get(
              life.postmaster.register(
                  Workers.of(
                          "w",
                          context -> {
                            context.ready();
                            context.notReady();
                            context.ready();
                            context.awaitLatch(Workers.LONG);
                          })
                      .ready(Readiness.SAID)
                      .startTimeout(Duration.ofSeconds(10))));
      get(handle.awaitReady());
      life.watch.await(t -> t.cause() == Cause.READY, 2);

      assertEquals(
          List.of(
              "FREE→REGISTERED registered",
              "REGISTERED→STARTING launch",
              "STARTING→RUNNING started",
              "RUNNING→RUNNING ready",
              "RUNNING→RUNNING not-ready",
              "RUNNING→RUNNING ready"),
          life.watch.edges("w"));
    }
  }

  @Test
  void aWorkerThatIsToldBeforeMainIsNotEntered() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch inside = new CountDownLatch(1);
    AtomicBoolean entered = new AtomicBoolean();
    try (Life life = Life.started(Life.options().setMaxWorkerThreads(2))) {
      WorkerHandle slow =
          get(
              life.postmaster.register(
                  WorkerSpec.of(
                      "slow",
                      () -> {
                        inside.countDown();
                        Workers.awaitDeaf(release);
                        return context -> {
                          entered.set(true);
                          context.checkInterrupts();
                        };
                      })));
      Workers.await(inside);

      assertEquals(WorkerState.STOPPING, get(slow.terminate()));
      release.countDown();

      assertEquals(Exit.TERMINATED, get(slow.awaitGone()).last().exit());
      assertFalse(entered.get());
    }
  }

  @Test
  void aWorkerInBackoffIsForgottenAtOnce() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    try (Life life = Life.started()) {
      WorkerHandle handle =
          get(
              life.postmaster.register(
                  Workers.of(
                          "w",
                          context -> {
                            runs.incrementAndGet();
                            throw new IllegalStateException("again");
                          })
                      .restartAfter(Workers.LONG)));
      life.watch.await(t -> t.to() == WorkerState.BACKOFF);

      assertEquals(WorkerState.FREE, get(handle.terminate()));
      assertEquals(WorkerState.FREE, get(handle.awaitGone()).state());
      assertEquals(1, runs.get());
    }
  }

  @Test
  void anAnswerThatComesAfterTheEndChangesNothing() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch said = new CountDownLatch(1);
    Life life = Life.started();
    WorkerHandle handle =
        get(
            life.postmaster.register(
                Workers.of(
                        "late",
                        context -> {
                          Workers.awaitDeaf(release);
                          context.ready();
                          context.extendStop();
                          context.setLatch();
                          said.countDown();
                        })
                    .stop(Workers.SHORT, Workers.SHORT)));
    get(handle.awaitStarted());
    get(life.postmaster.close());
    long head = life.postmaster.transitions().head();

    release.countDown();
    Workers.await(said);
    get(life.vertx.close());

    assertEquals(head, life.postmaster.transitions().head());
    assertEquals(HandleStatus.POSTMASTER_DIED, handle.status().status());
  }

  @Test
  void afterTheEndRequestsFailAndSayWhy() throws Exception {
    Life life = Life.started();
    WorkerHandle handle = get(life.postmaster.register(Workers.idle("w")));
    get(life.postmaster.close());

    for (var request :
        List.of(
            life.postmaster.register(Workers.idle("x")),
            handle.terminate(),
            life.postmaster.attach(),
            life.postmaster.signalAll(dev.postmaster.Signal.HUP))) {
      PostmasterException failure = assertThrows(PostmasterException.class, () -> get(request));
      assertEquals(dev.postmaster.ErrorCode.POSTMASTER_DIED, failure.code());
    }
    assertEquals(ShutdownMode.FAST, life.postmaster.status().shutdown());
    life.close();
  }

  @Test
  void anImmediateShutdownInterruptsAtOnce() throws Exception {
    Life life = Life.started();
    WorkerHandle handle =
        get(
            life.postmaster.register(
                Workers.of("w", context -> new CountDownLatch(1).await())
                    .stop(Duration.ofMinutes(10), Workers.LONG)));
    get(handle.awaitStarted());

    ShutdownReport report = get(life.postmaster.shutdown(ShutdownMode.IMMEDIATE));

    assertEquals(List.of(), report.abandoned());
    assertEquals(Exit.KILLED, handle.status().last().exit());
    life.close();
  }

  @Test
  void aWorkerMayShutThePostmasterDown() throws Exception {
    Life life = Life.started();
    get(
        life.postmaster.register(
            Workers.of("last", context -> context.await(context.postmaster().close()))));

    assertFalse(get(life.postmaster.ended()).abnormal());
    life.close();
  }
}
