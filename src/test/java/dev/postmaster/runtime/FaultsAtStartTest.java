package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Exit;
import dev.postmaster.Transition;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.support.Life;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever goes wrong while a worker starts is a failed start of that worker and of nobody else.
 */
class FaultsAtStartTest {

  private static final Duration INTERVAL = Duration.ofMillis(20);

  /** What is shown of a time is a whole number of milliseconds; so is where it is counted from. */
  private static final int ROUNDED_MS = 2;

  /** Where it is thrown. */
  private enum Place {
    FACTORY_OF_A_MAIN,
    FACTORY_OF_A_VERTICLE,
    START_THROWS,
    START_FAILS,
    START_FAILS_LATER
  }

  /** What is thrown. */
  private record Fault(String name, Exit exit, Callable<Throwable> thrown) {

    @Override
    public String toString() {
      return name;
    }
  }

  private Life life;

  @BeforeEach
  void start() throws Exception {
    life = Life.started();
  }

  @AfterEach
  void end() {
    life.close();
  }

  /** Its own methods are hostile. */
  private static final class Hostile extends Exception {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no message for you");
    }

    @Override
    public String toString() {
      throw new StackOverflowError("no text either");
    }

    @Override
    public synchronized Throwable getCause() {
      throw new IllegalStateException("no cause");
    }

    @Override
    public StackTraceElement[] getStackTrace() {
      throw new IllegalStateException("no stack");
    }
  }

  private static Throwable circle() {
    RuntimeException one = new RuntimeException("one");
    RuntimeException two = new RuntimeException("two", one);
    one.initCause(two);
    return two;
  }

  private static int deeper(int depth) {
    return depth < 0 ? 0 : 1 + deeper(depth + 1);
  }

  private static Throwable overflow() {
    try {
      return new AssertionError("no overflow at " + deeper(0));
    } catch (StackOverflowError real) {
      return real;
    }
  }

  static List<Fault> faults() {
    Exit failed = Exit.START_FAILED;
    return List.of(
        new Fault("RuntimeException", failed, () -> new IllegalStateException("no")),
        new Fault("checked", failed, () -> new IOException("no")),
        new Fault("null message", failed, () -> new NullPointerException(null)),
        new Fault("1 MB message", failed, () -> new IOException("é".repeat(500_000))),
        new Fault("cyclic cause", failed, FaultsAtStartTest::circle),
        new Fault("hostile", failed, Hostile::new),
        new Fault("LinkageError", failed, () -> new NoClassDefFoundError("a/B")),
        new Fault("initializer", failed, () -> new ExceptionInInitializerError("static")),
        new Fault("ThreadDeath", failed, ThreadDeath::new),
        new Fault("StackOverflowError", Exit.CRASHED, FaultsAtStartTest::overflow),
        new Fault("OutOfMemoryError", Exit.CRASHED, () -> new OutOfMemoryError("thrown")),
        new Fault("AssertionError", Exit.CRASHED, () -> new AssertionError("torn")));
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }

  private static Throwable made(Fault fault) {
    try {
      return fault.thrown().call();
    } catch (Exception impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** One whose first two starts go wrong. */
  private WorkerSpec spec(Place place, Fault fault, AtomicInteger starts) {
    WorkerSpec spec =
        place == Place.FACTORY_OF_A_MAIN
            ? WorkerSpec.of(
                "w",
                () -> {
                  if (starts.incrementAndGet() < 3) {
                    throw FaultsAtStartTest.<RuntimeException>sneak(made(fault));
                  }
                  return context -> context.awaitLatch(Workers.LONG);
                })
            : WorkerSpec.ofVerticle("w", () -> verticle(place, fault, starts));
    return spec.restartAfter(INTERVAL);
  }

  private Deployable verticle(Place place, Fault fault, AtomicInteger starts) {
    boolean wrong = starts.incrementAndGet() < 3;
    if (wrong && place == Place.FACTORY_OF_A_VERTICLE) {
      throw FaultsAtStartTest.<RuntimeException>sneak(made(fault));
    }
    return context -> {
      if (!wrong) {
        return Future.succeededFuture();
      }
      if (place == Place.START_THROWS) {
        throw FaultsAtStartTest.<RuntimeException>sneak(made(fault));
      }
      if (place == Place.START_FAILS) {
        return Future.failedFuture(made(fault));
      }
      Promise<Void> later = Promise.promise();
      context.runOnContext(nothing -> later.fail(made(fault)));
      return later.future();
    };
  }

  @ParameterizedTest
  @MethodSource("faults")
  void whateverIsThrownIsAFailedStartThatIsTriedAgain(Fault fault) throws Exception {
    WorkerHandle bystander = get(life.postmaster.register(Workers.idle("bystander")));
    for (Place place : Place.values()) {
      WorkerHandle handle = get(life.postmaster.register(spec(place, fault, new AtomicInteger())));

      WorkerStatus begun = get(handle.awaitStarted());

      assertEquals(3, begun.starts(), place::name);
      assertEquals(2, begun.failures());
      assertEquals(2, begun.exits().get(fault.exit().ordinal() - 1), () -> place + " " + begun);
      int bytes = begun.last().message().getBytes(StandardCharsets.UTF_8).length;
      assertTrue(bytes > 0 && bytes <= 1_024, bytes + " bytes");
      get(handle.terminate());
      get(handle.awaitGone());
      assertIntervals(handle);
    }
    assertEquals(WorkerState.RUNNING, bystander.status().state());
    assertEquals(1, bystander.status().starts());
    assertEquals(1, life.vertx.deploymentIDs().size());
  }

  private void assertIntervals(WorkerHandle handle) {
    List<Transition> own =
        life.watch.seen().stream()
            .filter(t -> t.slot() == handle.handle().slot())
            .filter(t -> t.generation() == handle.handle().generation())
            .toList();
    for (int t = 1; t < own.size(); t++) {
      if (own.get(t).from() == WorkerState.BACKOFF) {
        long waitedMs = own.get(t).at() - own.get(t - 1).at();
        assertTrue(waitedMs >= INTERVAL.toMillis() - ROUNDED_MS, waitedMs + " ms");
      }
    }
  }

  /** What it does with the promise of its start. */
  private enum Misuse {
    COMPLETES_TWICE,
    FAILS_AFTER_SUCCESS,
    THROWS_AFTER_SUCCESS,
    SUCCEEDS_AFTER_FAILURE,
    THROWS_AFTER_FAILURE,
    FAILS_LATER_AFTER_SUCCESS
  }

  private static final class Misuser extends AbstractVerticle {
    private final Misuse misuse;

    Misuser(Misuse misuse) {
      this.misuse = misuse;
    }

    @Override
    public void start(Promise<Void> start) throws Exception {
      switch (misuse) {
        case COMPLETES_TWICE -> {
          start.complete();
          start.complete();
        }
        case FAILS_AFTER_SUCCESS -> {
          start.complete();
          start.fail("second");
        }
        case THROWS_AFTER_SUCCESS -> {
          start.complete();
          throw new IOException("second");
        }
        case SUCCEEDS_AFTER_FAILURE -> {
          start.fail("first");
          start.complete();
        }
        case THROWS_AFTER_FAILURE -> {
          start.fail("first");
          throw new IOException("second");
        }
        default -> {
          start.complete();
          start.tryFail("second");
          context.runOnContext(nothing -> start.tryFail("third"));
        }
      }
    }
  }

  /**
   * But to complete a promise twice is to throw, and a start that throws has failed in any case.
   */
  @ParameterizedTest
  @EnumSource(Misuse.class)
  void whatAStartSaysFirstCounts(Misuse misuse) throws Exception {
    boolean fails = misuse != Misuse.FAILS_LATER_AFTER_SUCCESS;
    WorkerSpec spec = WorkerSpec.ofVerticle("v", () -> new Misuser(misuse)).neverRestart();
    WorkerHandle handle = get(life.postmaster.register(spec));

    if (fails) {
      assertEquals(Exit.START_FAILED, get(handle.awaitGone()).last().exit());
    } else {
      get(handle.awaitStarted());
      // A later word would have come in by now.
      get(life.postmaster.signalAll(dev.postmaster.Signal.USR1));
      assertEquals(WorkerState.RUNNING, handle.status().state());
      get(handle.terminate());
      assertEquals(Exit.TERMINATED, get(handle.awaitGone()).last().exit());
    }
    assertEquals(java.util.Set.of(), life.vertx.deploymentIDs());
  }

  /** How it leaves while it is being started. */
  private static List<WorkerSpec> leavers() {
    List<WorkerSpec> all = new ArrayList<>();
    all.add(
        WorkerSpec.ofVerticle(
            "undeploys itself",
            () ->
                new VerticleBase() {
                  @Override
                  public Future<?> start() {
                    vertx.undeploy(context.deploymentID());
                    return Future.succeededFuture();
                  }
                }));
    all.add(
        WorkerSpec.ofVerticle(
            "undeploys itself and waits for that",
            () ->
                new VerticleBase() {
                  @Override
                  public Future<?> start() {
                    return vertx.undeploy(context.deploymentID());
                  }
                }));
    for (int code : new int[] {0, 1, 3}) {
      all.add(
          WorkerSpec.ofVerticle(
              "verticle says " + code,
              () ->
                  context -> {
                    throw dev.postmaster.WorkerContext.current(context.owner()).exit(code);
                  }));
      all.add(Workers.of("main says " + code, context -> context.exit(code)));
    }
    all.add(Workers.of("main returns", context -> {}));
    return all;
  }

  @Test
  void whoLeavesWhileItIsBeingStartedIsAnsweredForOnce() throws Exception {
    for (WorkerSpec leaver : leavers()) {
      String address = "told of " + leaver.name();
      List<String> told = new java.util.concurrent.CopyOnWriteArrayList<>();
      life.vertx
          .eventBus()
          .<io.vertx.core.json.JsonObject>localConsumer(
              address, m -> told.add(m.body().getString("state")));
      AtomicInteger answers = new AtomicInteger();
      WorkerHandle handle =
          get(
              life.postmaster.register(
                  leaver.notify(address).neverRestart().stop(Duration.ofMillis(200), INTERVAL)));
      for (Future<?> wait :
          List.of(
              handle.awaitStarted(),
              handle.awaitReady(),
              handle.awaitStopped(),
              handle.awaitGone())) {
        wait.onComplete(done -> answers.incrementAndGet());
      }

      WorkerStatus gone = get(handle.awaitGone());
      Workers.until(() -> answers.get() == 4 && told.contains("FREE"));

      assertEquals(1, told.stream().filter("FREE"::equals).count(), leaver.name());
      assertTrue(told.stream().filter("RUNNING"::equals).count() <= 1, told::toString);
      String code = leaver.name().replaceAll("\\D", "");
      Exit expected =
          switch (code) {
            case "1" -> Exit.FAILED;
            case "3" -> Exit.CRASHED;
            default -> Exit.COMPLETED;
          };
      boolean neverBegan = leaver.name().equals("verticle says 1");
      assertEquals(neverBegan ? Exit.START_FAILED : expected, gone.last().exit(), leaver.name());
      assertEquals(java.util.Set.of(), life.vertx.deploymentIDs());
    }
  }
}
