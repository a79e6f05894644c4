package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.Client;
import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.HandleStatus;
import dev.postmaster.Phase;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.Target;
import dev.postmaster.Transition;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.support.Life;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.ContextInternal;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A postmaster inside somebody else's Vertx. */
class EmbeddingTest {

  private static <T> T in(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  /** The thread that completes a future. */
  private static CompletableFuture<Thread> completer(Future<?> future) {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    future.onComplete(done -> thread.complete(Thread.currentThread()));
    return thread;
  }

  /** The postmaster's own loop, as a worker verticle would see it: by what it deploys from. */
  private static Thread loopOf(Life life) throws Exception {
    CompletableFuture<Thread> loop = new CompletableFuture<>();
    EventLoopPostmaster postmaster = (EventLoopPostmaster) life.postmaster;
    postmaster.loop().turns().submit(now -> loop.complete(Thread.currentThread()));
    return in(loop);
  }

  @Test
  void anOutsideCallerIsAnsweredOnALoopThatIsNotThePostmasters() throws Exception {
    try (Life life = Life.started()) {
      Thread loop = loopOf(life);
      for (int call = 0; call < 20; call++) {
        Future<WorkerHandle> registered = life.postmaster.register(Workers.of("w", c -> {}));

        Thread answered = in(completer(registered));

        assertNotSame(loop, answered);
        assertTrue(answered.getName().contains("eventloop"), answered.getName());
        assertNotSame(loop, in(completer(get(registered).awaitGone())));
      }
      assertNotSame(loop, in(completer(life.postmaster.attach())));
    }
  }

  @Test
  void aCallerOnAnEventLoopIsAnsweredOnItsOwnContext() throws Exception {
    try (Life life = Life.started()) {
      CompletableFuture<Boolean> same = new CompletableFuture<>();
      Context caller = ((io.vertx.core.internal.VertxInternal) life.vertx).createEventLoopContext();
      caller.runOnContext(
          go ->
              life.postmaster
                  .register(Workers.of("w", c -> {}))
                  .compose(WorkerHandle::awaitGone)
                  .onComplete(done -> same.complete(ContextInternal.current() == caller)));

      assertTrue(in(same));
    }
  }

  @Test
  void aRunIsNeverAnsweredOnItsOwnThread() throws Exception {
    CompletableFuture<Thread> own = new CompletableFuture<>();
    CompletableFuture<Thread> answered = new CompletableFuture<>();
    try (Life life = Life.started()) {
      get(
          get(life.postmaster.register(
                  Workers.of(
                      "w",
                      context -> {
                        own.complete(Thread.currentThread());
                        context.await(
                            context
                                .postmaster()
                                .register(Workers.of("x", other -> {}))
                                .onComplete(done -> answered.complete(Thread.currentThread())));
                      })))
              .awaitGone());

      assertNotSame(in(own), in(answered));
      assertNotSame(loopOf(life), in(answered));
    }
  }

  @Test
  void callsOfVertxFromARunNeverLandOnThePostmastersLoop() throws Exception {
    try (Life life = Life.started()) {
      Thread loop = loopOf(life);
      for (int run = 0; run < 20; run++) {
        CompletableFuture<Thread> landed = new CompletableFuture<>();
        get(
            get(life.postmaster.register(
                    Workers.of(
                        "w",
                        context ->
                            context.await(
                                context
                                    .vertx()
                                    .timer(1, TimeUnit.MILLISECONDS)
                                    .onComplete(done -> landed.complete(Thread.currentThread()))))))
                .awaitGone());

        assertNotSame(loop, in(landed));
      }
    }
  }

  @Test
  void aTransitionIsHeardBeforeTheAnswerAndByAPatientListenerToo() throws Exception {
    try (Life life = Life.started()) {
      List<Transition> atOnce = new CopyOnWriteArrayList<>();
      List<Transition> patient = new CopyOnWriteArrayList<>();
      life.postmaster.onTransition(atOnce::add);
      life.postmaster.onTransition(patient::add, Duration.ofMillis(1));
      long seq = 0;
      for (int n = 0; n < 200; n++) {
        WorkerHandle handle = get(life.postmaster.register(Workers.of("w", c -> {})));
        seq = get(handle.awaitGone()).seq();
        assertEquals(seq, atOnce.get(atOnce.size() - 1).seq());
      }

      long last = seq;
      Workers.until(() -> !patient.isEmpty() && patient.get(patient.size() - 1).seq() == last);
      assertEquals(atOnce, patient);
    }
  }

  @Test
  void aListenerThatThrowsOrBlocksHarmsNobody() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (Life life = Life.started()) {
      AtomicInteger thrown = new AtomicInteger();
      life.postmaster.onTransition(
          t -> {
            thrown.incrementAndGet();
            throw new IllegalStateException("a listener");
          });
      List<Transition> heard = new CopyOnWriteArrayList<>();
      Context other = Vertx.vertx().getOrCreateContext();
      CountDownLatch listening = new CountDownLatch(1);
      other.runOnContext(
          go -> {
            life.postmaster.onTransition(t -> Workers.awaitDeaf(release));
            listening.countDown();
          });
      Workers.await(listening);
      Runnable stop = life.postmaster.onTransition(heard::add);

      WorkerStatus gone = get(get(life.postmaster.register(Workers.of("w", c -> {}))).awaitGone());
      life.watch.await(t -> t.seq() == gone.seq());
      stop.run();
      get(get(life.postmaster.register(Workers.of("unheard", c -> {}))).awaitGone());

      release.countDown();
      assertTrue(thrown.get() >= 4);
      assertFalse(heard.stream().anyMatch(t -> t.name().equals("unheard")));
      for (int n = 1; n < heard.size(); n++) {
        assertEquals(heard.get(n - 1).seq() + 1, heard.get(n).seq());
      }
      get(other.owner().close());

      get(get(life.postmaster.register(Workers.of("later", c -> {}))).awaitGone());
      assertFalse(get(life.postmaster.close()).abnormal());
    }
  }

  @Test
  void twoPostmastersOfOneVertxKnowNothingOfEachOther() throws Exception {
    try (Life life = Life.started()) {
      Postmaster other =
          Postmaster.create(life.vertx, new PostmasterOptions().setName("other").setMaxWorkers(2));
      get(other.start());
      WorkerHandle here = get(life.postmaster.register(Workers.idle("w")));
      WorkerHandle there = get(other.register(Workers.idle("w")));
      get(here.awaitStarted());
      get(there.awaitStarted());

      get(other.close());

      assertEquals(WorkerState.RUNNING, here.status().state());
      assertEquals(1, life.postmaster.list().size());
    }
  }

  /** With time for whole ladders: a short one would begin with their interrupts. */
  private static PostmasterOptions patient() {
    return Life.options().setShutdownTimeout(Duration.ofSeconds(30));
  }

  @Test
  void closingTheVertxIsAFastShutdown() throws Exception {
    Life life = Life.started(patient());
    List<WorkerHandle> handles = new ArrayList<>();
    for (int w = 0; w < 8; w++) {
      handles.add(get(life.postmaster.register(Workers.idle("w" + w))));
    }
    for (WorkerHandle handle : handles) {
      get(handle.awaitStarted());
    }

    get(life.vertx.close());

    for (WorkerHandle handle : handles) {
      assertEquals(Exit.TERMINATED, handle.status().last().exit());
    }
    assertEquals(ShutdownMode.FAST, life.postmaster.status().shutdown());
  }

  @Test
  void whenTheVertxIsClosedEachRequestIsStillAnswered() throws Exception {
    Life life = Life.started(patient());
    Postmaster postmaster = life.postmaster;
    WorkerHandle handle = get(postmaster.register(Workers.idle("w")));
    Client client = get(postmaster.attach());
    get(life.vertx.close());

    for (Future<?> request :
        List.<Future<?>>of(
            postmaster.start(),
            postmaster.register(Workers.idle("x")),
            postmaster.pause(Target.all(), Optional.empty()),
            postmaster.drain(Target.all(), Optional.empty()),
            postmaster.resume(Target.all()),
            postmaster.advance(Phase.RUN),
            postmaster.signalAll(Signal.HUP),
            postmaster.attach(),
            client.detach(),
            handle.terminate(),
            handle.signal(Signal.HUP),
            handle.awaitStarted(),
            handle.awaitGone())) {
      PostmasterException failure = assertThrows(PostmasterException.class, () -> get(request));
      assertEquals(ErrorCode.POSTMASTER_DIED, failure.code());
    }
    assertEquals(List.of(), get(postmaster.ended()).abandoned());
    assertFalse(get(postmaster.close()).abnormal());
    assertFalse(get(postmaster.shutdown(ShutdownMode.IMMEDIATE)).abnormal());
    assertEquals(HandleStatus.STOPPED, handle.status().status());
  }

  @Test
  void whereTheVertxIsClosedBeforeTheStartNothingStarts() throws Exception {
    Life life = Life.built(patient());
    get(life.vertx.close());

    Future<Postmaster> start = life.postmaster.start();

    PostmasterException failure = assertThrows(PostmasterException.class, () -> get(start));
    assertEquals(ErrorCode.POSTMASTER_DIED, failure.code());
    assertFalse(get(life.postmaster.close()).abnormal());
  }

  @Test
  void closingTheVertxWaitsForTheLaddersOfThoseWhoDoNotListen() throws Exception {
    Life life = Life.started(patient());
    CountDownLatch interrupted = new CountDownLatch(1);
    WorkerHandle handle =
        get(
            life.postmaster.register(
                Workers.of(
                        "w",
                        context -> {
                          try {
                            new CountDownLatch(1).await();
                          } catch (InterruptedException asked) {
                            interrupted.countDown();
                          }
                        })
                    .stop(Duration.ofMillis(200), Duration.ofSeconds(5))));
    get(handle.awaitStarted());

    get(life.vertx.close());

    assertEquals(0, interrupted.getCount());
    WorkerStatus gone = handle.status();
    assertEquals(Exit.KILLED, gone.last().exit());
    Transition told = life.watch.await(t -> t.to() == WorkerState.STOPPING);
    assertTrue(
        gone.last().at() - told.at() >= 190, "the pool was closed before the grace was over");
  }

  @Test
  void aRunThatVertxUndeploysHasCompletedItself() throws Exception {
    try (Life life = Life.started()) {
      WorkerHandle handle = get(life.postmaster.register(Workers.idle("w")));
      get(handle.awaitStarted());
      assertEquals(1, life.vertx.deploymentIDs().size());

      get(life.vertx.undeploy(life.vertx.deploymentIDs().iterator().next()));

      WorkerStatus gone = get(handle.awaitGone());
      assertEquals(Exit.COMPLETED, gone.last().exit());
      assertEquals(1, gone.starts());
      Transition left = life.watch.await(t -> t.to() == WorkerState.STOPPING);
      assertEquals(Cause.EXIT, left.cause());
      assertEquals(Set.of(), life.vertx.deploymentIDs());
    }
  }

  @Test
  void thePostmasterIsAVerticleToo() throws Exception {
    Vertx vertx = Vertx.vertx();
    PostmasterVerticle verticle = new PostmasterVerticle(patient());
    String id = get(vertx.deployVerticle(verticle, new DeploymentOptions()));
    WorkerHandle handle = get(verticle.postmaster().register(Workers.idle("w")));
    get(handle.awaitStarted());

    get(vertx.undeploy(id));

    assertEquals(Exit.TERMINATED, handle.status().last().exit());
    assertFalse(get(verticle.postmaster().ended()).abnormal());
    get(vertx.close());
  }

  @Test
  void aVertxWithOneLoopIsEnough() throws Exception {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    Postmaster postmaster = get(Postmaster.create(vertx, Life.options()).start());

    assertEquals(
        Exit.COMPLETED,
        get(get(postmaster.register(Workers.of("w", c -> {}))).awaitGone()).last().exit());
    get(postmaster.close());
    get(vertx.close());
  }

  @Test
  void aWorkerVerticleMayUseThePostmaster() throws Exception {
    try (Life life = Life.started()) {
      CompletableFuture<WorkerState> state = new CompletableFuture<>();
      get(
          life.vertx.deployVerticle(
              new AbstractVerticle() {
                @Override
                public void start() {
                  life.postmaster
                      .register(Workers.of("w", c -> {}))
                      .compose(WorkerHandle::awaitGone)
                      .onSuccess(gone -> state.complete(gone.state()));
                }
              },
              new DeploymentOptions().setThreadingModel(ThreadingModel.WORKER)));

      assertSame(WorkerState.FREE, in(state));
    }
  }

  @Test
  void fiveHundredRestartsLeaveNothingBehind() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    try (Life life = Life.started(Life.options().setMaxWorkers(4))) {
      WorkerHandle handle =
          get(
              life.postmaster.register(
                  Workers.of(
                          "w",
                          context -> {
                            context.vertx().eventBus().consumer("a", m -> {});
                            context.vertx().setPeriodic(1_000_000, id -> {});
                            if (runs.incrementAndGet() < 500) {
                              throw new IllegalStateException("again");
                            }
                          })
                      .restartAfter(Duration.ZERO)));

      WorkerStatus gone = get(handle.awaitGone());

      assertEquals(500, gone.starts());
      assertEquals(Set.of(), life.vertx.deploymentIDs());
      long threads =
          Thread.getAllStackTraces().keySet().stream()
              .filter(t -> t.getName().startsWith("postmaster-default") && t.isAlive())
              .count();
      assertTrue(threads <= 4, threads + " threads of the pool");
    }
  }

  @Test
  void fiveHundredCrashCyclesLeaveNothingBehind() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    PostmasterOptions options =
        Life.options().setMaxWorkers(4).setCrashLimit(1_000, Duration.ofSeconds(1));
    try (Life life = Life.started(options)) {
      WorkerHandle bystander =
          get(
              life.postmaster.register(
                  Workers.idle("bystander").flags(dev.postmaster.Flag.SHARED_MEMORY)));
      WorkerHandle handle =
          get(
              life.postmaster.register(
                  Workers.of(
                          "w",
                          context -> {
                            if (runs.incrementAndGet() <= 500) {
                              throw new AssertionError("torn");
                            }
                          })
                      .flags(dev.postmaster.Flag.SHARED_MEMORY)));

      assertEquals(501, get(handle.awaitGone()).starts());
      get(bystander.awaitReady());
      assertEquals(1, life.vertx.deploymentIDs().size());
    }
  }

  @Test
  void aWorkerRegistersAThousandWorkers() throws Exception {
    AtomicInteger done = new AtomicInteger();
    try (Life life = Life.started(Life.options().setMaxWorkers(1_100).setMaxWorkerThreads(16))) {
      WorkerHandle parent =
          get(
              life.postmaster.register(
                  Workers.of(
                      "parent",
                      context -> {
                        List<Future<WorkerStatus>> children = new ArrayList<>();
                        for (int child = 0; child < 1_000; child++) {
                          children.add(
                              context
                                  .postmaster()
                                  .register(Workers.of("c" + child, c -> done.incrementAndGet()))
                                  .compose(WorkerHandle::awaitGone));
                        }
                        context.await(Future.all(children));
                      })));

      assertEquals(Exit.COMPLETED, get(parent.awaitGone()).last().exit());
      assertEquals(1_000, done.get());
    }
  }

  @Test
  void aFullTableRefusesAndGoesOn() throws Exception {
    try (Life life = Life.started(Life.options().setMaxWorkers(2))) {
      get(life.postmaster.register(Workers.idle("a")));
      WorkerHandle b = get(life.postmaster.register(Workers.idle("b")));

      var refusal =
          org.junit.jupiter.api.Assertions.assertThrows(
              dev.postmaster.PostmasterException.class,
              () -> get(life.postmaster.register(Workers.idle("c"))));
      get(b.terminate().compose(s -> b.awaitGone()));
      WorkerHandle again = get(life.postmaster.register(Workers.idle("c")));

      assertEquals(dev.postmaster.ErrorCode.NO_FREE_SLOT, refusal.code());
      assertEquals(2, refusal.limit());
      assertEquals(List.of("a", "b"), refusal.holders().stream().map(h -> h.name()).toList());
      assertEquals(1, again.handle().slot());
      assertEquals(2, again.handle().generation());
      assertEquals(HandleOfB.GONE, b.status().state() == WorkerState.FREE ? HandleOfB.GONE : null);
    }
  }

  private enum HandleOfB {
    GONE
  }

  @Test
  void notifyTellsOfStartAndExit() throws Exception {
    try (Life life = Life.started()) {
      List<String> told = new CopyOnWriteArrayList<>();
      life.vertx
          .eventBus()
          .<io.vertx.core.json.JsonObject>localConsumer(
              "me", m -> told.add(m.body().getString("state") + ' ' + m.body().getBoolean("gone")));

      get(get(life.postmaster.register(Workers.of("w", c -> {}).notify("me"))).awaitGone());

      Workers.until(() -> told.size() == 2);
      assertEquals(List.of("RUNNING false", "FREE true"), told);
    }
  }

  @Test
  void aSmartShutdownWaitsForItsClients() throws Exception {
    Life life = Life.started();
    var client = get(life.postmaster.attach());
    WorkerHandle handle = get(life.postmaster.register(Workers.idle("w")));
    get(handle.awaitStarted());
    var ended = life.postmaster.shutdown(ShutdownMode.SMART);
    life.watch.await(t -> t.to() == ShutdownMode.SMART);
    get(get(life.postmaster.register(Workers.of("late", c -> {}))).awaitGone());
    assertFalse(ended.isComplete());

    get(client.detach());

    assertFalse(get(ended).abnormal());
    life.close();
  }

  @Test
  void anAttachmentRenewsItselfUntilItIsDetached() throws Exception {
    try (Life life = Life.started()) {
      AtomicInteger renewals = new AtomicInteger();
      Postmaster counting =
          (Postmaster)
              Proxy.newProxyInstance(
                  getClass().getClassLoader(),
                  new Class<?>[] {Postmaster.class},
                  (proxy, method, args) -> {
                    renewals.addAndGet(method.getName().equals("attach") ? 1 : 0);
                    return method.invoke(life.postmaster, args);
                  });
      AttachedClient client = new AttachedClient(life.vertx, counting, "c", 1);

      get(client.attach());
      Workers.until(() -> renewals.get() > 3);
      Workers.until(() -> life.postmaster.status().clients() == 1);
      get(client.detach());

      Workers.until(() -> life.postmaster.status().clients() == 0);
    }
  }
}
