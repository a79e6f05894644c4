package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.Signal;
import dev.postmaster.Transition;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Signals: those of verticles, and the addresses that all get theirs under. */
class VerticleSignalsTest {

  private Life life;

  @BeforeEach
  void start() throws Exception {
    life = Life.started();
  }

  @AfterEach
  void end() {
    life.close();
  }

  private static String address(WorkerHandle handle) {
    return "postmaster.default.worker."
        + handle.handle().slot()
        + '.'
        + handle.handle().generation();
  }

  private static DeliveryOptions signal(String signal) {
    return new DeliveryOptions().addHeader("signal", signal);
  }

  private WorkerHandle register(Deployable verticle) throws Exception {
    WorkerSpec spec = WorkerSpec.ofVerticle("v", () -> verticle).restartAfter(Duration.ZERO);
    WorkerHandle handle = get(life.postmaster.register(spec));
    get(handle.awaitStarted());
    return handle;
  }

  private ReplyException refused(Future<?> request) {
    return assertThrows(ReplyException.class, () -> get(request));
  }

  @Test
  void aVerticleHasAnAddressFromItsFirstHandlerUntilItIsGone() throws Exception {
    CountDownLatch reloaded = new CountDownLatch(1);
    AtomicReference<Vertx> on = new AtomicReference<>();
    WorkerHandle handle =
        register(
            context -> {
              WorkerContext.current(life.vertx)
                  .onSignal(
                      Signal.HUP,
                      () -> {
                        on.set(Vertx.currentContext().owner());
                        reloaded.countDown();
                      });
              return Future.succeededFuture();
            });
    // The start is over when its address was asked for: a turn of the postmaster makes it.
    get(life.postmaster.signalAll(Signal.USR1));

    life.vertx.eventBus().send(address(handle), "", signal("HUP"));
    Workers.await(reloaded);
    get(handle.terminate());
    get(handle.awaitGone());

    assertEquals(life.vertx, on.get());
    ReplyException nobody =
        refused(life.vertx.eventBus().request(address(handle), "", signal("HUP")));
    assertEquals(ReplyFailure.NO_HANDLERS, nobody.failureType());
  }

  @Test
  void aVerticleThatAskedForNoSignalHasNoAddress() throws Exception {
    WorkerHandle handle = register(context -> Future.succeededFuture());

    ReplyException nobody =
        refused(life.vertx.eventBus().request(address(handle), "", signal("HUP")));

    assertEquals(ReplyFailure.NO_HANDLERS, nobody.failureType());
  }

  @Test
  void termTakesAVerticleDownTheLadderAndItComesAgain() throws Exception {
    WorkerHandle handle = register(context -> Future.succeededFuture());

    get(handle.signal(Signal.TERM));

    Transition told = life.watch.await(t -> t.to() == WorkerState.STOPPING);
    assertEquals(Cause.SIGNAL, told.cause());
    life.watch.await(t -> t.cause() == Cause.STARTED, 2);
    assertEquals(Exit.FAILED, handle.status().last().exit());
  }

  @Test
  void aTermDuringTheStartIsKept() throws Exception {
    Promise<Void> start = Promise.promise();
    WorkerSpec spec = WorkerSpec.ofVerticle("v", () -> context -> start.future()).neverRestart();
    WorkerHandle handle = get(life.postmaster.register(spec));
    get(handle.signal(Signal.TERM));

    start.complete();

    assertEquals(Exit.FAILED, get(handle.awaitGone()).last().exit());
    assertEquals(Cause.SIGNAL, life.watch.await(t -> t.to() == WorkerState.STOPPING).cause());
  }

  @Test
  void aSignalBeforeItsHandlerIsKeptDuringTheStart() throws Exception {
    Promise<Void> ask = Promise.promise();
    CountDownLatch came = new CountDownLatch(1);
    WorkerSpec spec =
        WorkerSpec.ofVerticle(
            "v",
            () ->
                context ->
                    ask.future()
                        .map(
                            nothing -> {
                              context.runOnContext(
                                  on ->
                                      WorkerContext.current(life.vertx)
                                          .onSignal(Signal.USR1, came::countDown));
                              return nothing;
                            }));
    WorkerHandle handle = get(life.postmaster.register(spec));
    get(handle.signal(Signal.USR1));

    ask.complete();

    Workers.await(came);
  }

  @Test
  void aMainHasItsAddressFromItsLaunch() throws Exception {
    CountDownLatch set = new CountDownLatch(1);
    WorkerHandle handle =
        get(
            life.postmaster.register(
                Workers.of(
                    "m",
                    context -> {
                      context.awaitLatch(Workers.LONG);
                      set.countDown();
                    })));

    life.vertx.eventBus().send(address(handle), "", signal("USR1"));

    Workers.await(set);
    get(handle.awaitGone());
  }

  @Test
  void aTermThroughTheAddressIsTheBusWork() throws Exception {
    WorkerHandle handle =
        register(
            context -> {
              WorkerContext.current(life.vertx).onSignal(Signal.HUP, () -> {});
              return Future.succeededFuture();
            });
    get(life.postmaster.signalAll(Signal.USR1));

    life.vertx.eventBus().send(address(handle), "", signal("TERM"));

    assertEquals(By.BUS, life.watch.await(t -> t.cause() == Cause.SIGNAL).by());
  }

  @Test
  void whatIsNoSignalIsRefusedAndAFloodHurtsNobody() throws Exception {
    WorkerHandle handle = get(life.postmaster.register(Workers.idle("m")));
    ReplyException refusal =
        refused(life.vertx.eventBus().request(address(handle), "", signal("KILL")));

    for (int n = 0; n < 100_000; n++) {
      life.vertx.eventBus().send(address(handle), "", signal("USR1"));
      life.vertx.eventBus().send(address(handle), "", signal("x".repeat(n % 50)));
    }
    get(handle.terminate());

    assertEquals(ErrorCode.BAD_REQUEST.number(), refusal.failureCode());
    assertTrue(refusal.getMessage().contains("KILL"));
    assertEquals(Exit.TERMINATED, get(handle.awaitGone()).last().exit());
  }

  /** Its consumer has no lock of its own: what it is closed with must not meet what it is given. */
  @Test
  void signalsFromManyThreadsMeetTheEndOfARun() throws Exception {
    AtomicReference<String> target = new AtomicReference<>(address(mortal()));
    AtomicReference<Throwable> failure = new AtomicReference<>();
    AtomicBoolean over = new AtomicBoolean();
    Runnable sender =
        () -> {
          try {
            while (!over.get()) {
              life.vertx.eventBus().send(target.get(), "", signal("USR1"));
            }
          } catch (Throwable thrown) {
            failure.set(thrown);
          }
        };
    List<Thread> senders = List.of(new Thread(sender), new Thread(sender), new Thread(sender));
    senders.forEach(Thread::start);

    try {
      for (int n = 0; n < 2_000; n++) {
        WorkerHandle handle = mortal();
        target.set(address(handle));
        get(handle.awaitGone());
      }
    } finally {
      over.set(true);
    }
    for (Thread thread : senders) {
      thread.join();
    }

    assertNull(failure.get());
  }

  private WorkerHandle mortal() throws Exception {
    return get(
        life.postmaster.register(Workers.of("m", context -> context.awaitLatch(Workers.LONG))));
  }
}
