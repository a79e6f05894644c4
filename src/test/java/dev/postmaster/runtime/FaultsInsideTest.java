package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.ShutdownMode;
import dev.postmaster.ShutdownReport;
import dev.postmaster.Threading;
import dev.postmaster.Transition;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Workers that block, spin, do not listen, or meddle with others from the inside. */
class FaultsInsideTest {

  private static final int MANY = 64;

  /** Where the code runs. */
  private enum Host {
    MAIN,
    WORKER_VERTICLE,
    EVENT_LOOP_VERTICLE;

    /** One that does this once it runs. */
    WorkerSpec doing(String name, Runnable what) {
      if (this == MAIN) {
        return Workers.of(name, context -> what.run()).neverRestart();
      }
      return WorkerSpec.ofVerticle(
              name,
              () ->
                  context -> {
                    context.runOnContext(nothing -> what.run());
                    return Future.succeededFuture();
                  })
          .neverRestart()
          .threading(this == WORKER_VERTICLE ? Threading.WORKER : Threading.EVENT_LOOP);
    }

    /** One that does this while it is being made or started. */
    WorkerSpec starting(String name, Runnable what) {
      WorkerSpec spec =
          this == MAIN
              ? WorkerSpec.of(
                  name,
                  () -> {
                    what.run();
                    return context -> {};
                  })
              : WorkerSpec.ofVerticle(
                      name,
                      () ->
                          context -> {
                            what.run();
                            return Future.succeededFuture();
                          })
                  .threading(this == WORKER_VERTICLE ? Threading.WORKER : Threading.EVENT_LOOP);
      return spec.neverRestart();
    }
  }

  private static WorkerHandle register(Life life, WorkerSpec spec) throws Exception {
    return get(life.postmaster.register(spec));
  }

  private static Transition into(Life life, WorkerHandle handle, WorkerState state)
      throws Exception {
    return life.watch.await(
        t ->
            t.slot() == handle.handle().slot()
                && t.generation() == handle.handle().generation()
                && t.to() == state
                && t.from() != state);
  }

  // ---- blocks for ever in its start

  @ParameterizedTest
  @EnumSource(names = {"MAIN", "WORKER_VERTICLE"})
  void sixtyFourThatBlockInTheirStartHoldUpNobody(Host host) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (Life life =
        Life.started(Life.options().setMaxWorkers(2 * MANY).setMaxWorkerThreads(2 * MANY))) {
      List<WorkerHandle> blocked = new ArrayList<>();
      for (int n = 0; n < MANY; n++) {
        blocked.add(
            register(
                life,
                host.starting("blocked", () -> Workers.awaitDeaf(release))
                    .startTimeout(Workers.SHORT)
                    .stop(Workers.SHORT, Workers.SHORT)));
      }
      for (Host other : Host.values()) {
        CountDownLatch served = new CountDownLatch(1);
        WorkerHandle handle = register(life, other.doing("served", served::countDown));
        get(handle.awaitStarted());
        Workers.await(served);
        get(handle.terminate());
        get(handle.awaitGone());
      }

      for (WorkerHandle handle : blocked) {
        assertEquals(Cause.START_TIMEOUT, into(life, handle, WorkerState.STOPPING).cause());
        assertEquals(Cause.STOP_TIMEOUT, into(life, handle, WorkerState.ABANDONED).cause());
      }
      assertEquals(MANY, life.postmaster.status().workers().get(WorkerState.ABANDONED));
      release.countDown();
      for (WorkerHandle handle : blocked) {
        assertEquals(Exit.START_TIMEOUT, get(handle.awaitGone()).last().exit());
        assertEquals(Cause.THREAD_RETURNED, into(life, handle, WorkerState.FREE).cause());
      }
      assertEquals(0, life.postmaster.status().slotsUsed());
    }
  }

  // ---- blocks for ever in a handler, or in main

  private volatile boolean spins = true;

  private void spin() {
    while (spins) {
      Thread.onSpinWait();
    }
  }

  private static void read(Socket from) {
    try {
      from.getInputStream().read();
    } catch (java.io.IOException closed) {
      throw new IllegalStateException(closed);
    }
  }

  /** Its slot stays its own until its thread is gone. */
  private static void assertAbandonedUntil(Host host, Runnable blocks, Callable<?> release)
      throws Exception {
    try (Life life = Life.started()) {
      WorkerHandle handle =
          register(life, host.doing("w", blocks).stop(Workers.SHORT, Workers.SHORT));
      get(handle.awaitStarted());

      get(handle.terminate());
      into(life, handle, WorkerState.ABANDONED);
      WorkerHandle next = register(life, Workers.idle("next"));
      get(next.awaitStarted());
      release.call();

      get(handle.awaitGone());
      assertEquals(Cause.THREAD_RETURNED, into(life, handle, WorkerState.FREE).cause());
      assertEquals(0, handle.handle().slot());
      assertEquals(1, next.handle().slot());
      assertEquals(0, register(life, Workers.idle("reuses it")).handle().slot());
    }
  }

  @ParameterizedTest
  @EnumSource(Host.class)
  void whoSpinsIsAbandonedUntilItReturns(Host host) throws Exception {
    assertAbandonedUntil(host, this::spin, () -> spins = false);
  }

  @ParameterizedTest
  @EnumSource(Host.class)
  void whoReadsFromASocketIsAbandonedUntilThatEnds(Host host) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket silent = server.accept()) {
      assertAbandonedUntil(
          host,
          () -> read(client),
          () -> {
            silent.shutdownOutput();
            return null;
          });
    }
  }

  // ---- ignores all

  @ParameterizedTest
  @EnumSource(Host.class)
  void anImmediateShutdownWaitsForNobodyLongerThanItsForce(Host host) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Life life = Life.started(Life.options().setShutdownTimeout(Duration.ofHours(1)));
    CountDownLatch inside = new CountDownLatch(1);
    Runnable deaf =
        () -> {
          inside.countDown();
          Workers.awaitDeaf(release);
        };
    WorkerHandle handle =
        register(life, host.doing("deaf", deaf).stop(Workers.LONG, Duration.ofMillis(50)));
    Workers.await(inside);
    get(handle.awaitStarted());

    ShutdownReport report = get(life.postmaster.shutdown(ShutdownMode.IMMEDIATE));

    assertEquals(
        List.of(handle.handle()), report.abandoned().stream().map(a -> a.handle()).toList());
    assertTrue(
        report.abandoned().get(0).stack().stream()
            .anyMatch(frame -> frame.getMethodName().equals("awaitDeaf")));
    assertTrue(report.tookMs() >= 48, () -> "took " + report.tookMs() + " ms");
    release.countDown();
    get(life.vertx.close());
  }

  @ParameterizedTest
  @EnumSource(Host.class)
  void aFastShutdownIsOverInItsTimeWhoeverIsDeaf(Host host) throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    Life life = Life.started(Life.options().setShutdownTimeout(Duration.ofMillis(200)));
    CountDownLatch inside = new CountDownLatch(1);
    Runnable deaf =
        () -> {
          inside.countDown();
          Workers.awaitDeaf(release);
        };
    WorkerHandle handle = register(life, host.doing("deaf", deaf).stop(Workers.LONG, Workers.LONG));
    Workers.await(inside);
    get(handle.awaitStarted());

    ShutdownReport report = get(life.postmaster.close());

    assertEquals(1, report.abandoned().size());
    assertTrue(report.tookMs() < 1_200, () -> "took " + report.tookMs() + " ms");
    release.countDown();
    get(life.vertx.close());
  }

  // ---- what a stop does

  /** A verticle with that stop(). */
  private static WorkerSpec stopping(String name, Callable<Future<?>> stop) {
    return WorkerSpec.ofVerticle(
            name,
            () ->
                new VerticleBase() {
                  @Override
                  public Future<?> stop() throws Exception {
                    return stop.call();
                  }
                })
        .restartAfter(Duration.ZERO);
  }

  private static Future<?> thrown(Error error) {
    throw error;
  }

  @Test
  void howeverAStopGoesWrongTheWorkerHasStopped() throws Exception {
    Promise<Void> twice = Promise.promise();
    List<Callable<Future<?>>> stops =
        List.of(
            () -> null,
            () -> thrown(new AssertionError("torn")),
            () -> thrown(new StackOverflowError()),
            () -> {
              throw new java.io.IOException("no");
            },
            () -> {
              twice.complete();
              twice.tryFail("twice");
              return twice.future();
            });
    try (Life life = Life.started()) {
      WorkerHandle bystander = register(life, Workers.idle("bystander"));
      for (int stop = 0; stop < stops.size(); stop++) {
        WorkerHandle handle =
            register(life, stopping("s" + stop, stops.get(stop)).stop(Workers.LONG, Workers.LONG));
        get(handle.awaitStarted());

        get(handle.terminate());

        assertEquals(Exit.TERMINATED, get(handle.awaitGone()).last().exit(), "stop " + stop);
      }
      assertEquals(WorkerState.RUNNING, bystander.status().state());
      assertEquals(1, life.vertx.deploymentIDs().size());
    }
  }

  @Test
  void aStopThatUndeploysEverybodyElseStopsThemAndNobodyHangs() throws Exception {
    try (Life life = Life.started()) {
      WorkerHandle main = register(life, Workers.idle("main").restartAfter(Duration.ZERO));
      WorkerHandle verticle =
          register(
              life, stopping("verticle", Future::succeededFuture).stop(Workers.LONG, Workers.LONG));
      WorkerHandle vandal =
          register(
              life,
              WorkerSpec.ofVerticle(
                      "vandal",
                      () ->
                          new VerticleBase() {
                            @Override
                            public Future<?> stop() {
                              List<Future<?>> all = new ArrayList<>();
                              for (String id : vertx.deploymentIDs()) {
                                if (!id.equals(context.deploymentID())) {
                                  all.add(vertx.undeploy(id));
                                }
                              }
                              return Future.join(all);
                            }
                          })
                  .stop(Workers.LONG, Workers.LONG));
      for (WorkerHandle handle : List.of(main, verticle, vandal)) {
        get(handle.awaitStarted());
      }

      get(vandal.terminate());

      assertEquals(Exit.TERMINATED, get(vandal.awaitGone()).last().exit());
      // Vert.x undeployed them, and not at our wish: they have completed themselves.
      assertEquals(Exit.COMPLETED, get(verticle.awaitGone()).last().exit());
      assertEquals(Exit.COMPLETED, get(main.awaitGone()).last().exit());
      assertEquals(Set.of(), life.vertx.deploymentIDs());
    }
  }
}
