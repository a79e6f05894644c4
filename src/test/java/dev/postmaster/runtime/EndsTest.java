package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.PostmasterException;
import dev.postmaster.Transition;
import dev.postmaster.WorkerExit;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus.LastEnd;
import dev.postmaster.support.Life;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever comes out of a worker's code is seen once, and as what it is. */
class EndsTest {

  private Life life;

  @BeforeEach
  void start() throws Exception {
    life = Life.started();
  }

  @AfterEach
  void end() {
    life.close();
  }

  private LastEnd endOf(BackgroundWorker main) throws Exception {
    return endOf(Workers.of("w", main).neverRestart());
  }

  private LastEnd endOf(WorkerSpec spec) throws Exception {
    return get(get(life.postmaster.register(spec)).awaitGone()).last();
  }

  private static void assertEnd(Exit exit, int code, LastEnd end) {
    assertEquals(exit, end.exit());
    assertEquals(code, end.code());
  }

  /** A class whose own methods are hostile. */
  private static final class Hostile extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no message for you");
    }

    @Override
    public String toString() {
      throw new IllegalStateException("no text either");
    }
  }

  private static int deeper(int depth) {
    return depth < 0 ? 0 : 1 + deeper(depth + 1);
  }

  @Test
  void anExceptionIsAFailure() throws Exception {
    LastEnd end =
        endOf(
            context -> {
              throw new java.io.IOException("disk full");
            });

    assertEnd(Exit.FAILED, 1, end);
    assertEquals("java.io.IOException: disk full", end.message());
  }

  @Test
  void aStackOverflowIsACrash() throws Exception {
    assertEnd(Exit.CRASHED, 2, endOf(context -> deeper(0)));
  }

  @Test
  void anOutOfMemoryErrorIsACrash() throws Exception {
    LastEnd end =
        endOf(
            context -> {
              throw new OutOfMemoryError("thrown by a test");
            });

    assertEnd(Exit.CRASHED, 2, end);
  }

  @Test
  void anAssertionErrorIsACrash() throws Exception {
    LastEnd end =
        endOf(
            context -> {
              throw new AssertionError("torn page");
            });

    assertEnd(Exit.CRASHED, 2, end);
    assertEquals("java.lang.AssertionError: torn page", end.message());
  }

  @Test
  void anyOtherErrorIsAFailure() throws Exception {
    LastEnd end =
        endOf(
            context -> {
              throw new NoClassDefFoundError("a/B");
            });

    assertEnd(Exit.FAILED, 1, end);
  }

  @Test
  void aHostileExceptionIsAFailureLikeAnyOther() throws Exception {
    LastEnd end =
        endOf(
            context -> {
              throw new Hostile();
            });

    assertEnd(Exit.FAILED, 1, end);
    assertTrue(end.message().contains("Hostile"), end.message());
  }

  @Test
  void aMessageOfAMegabyteIsCutToAKilobyteAtACharacter() throws Exception {
    LastEnd end =
        endOf(
            context -> {
              throw new IllegalStateException("\u00e9\ud83d\ude00".repeat(250_000));
            });

    int bytes = end.message().getBytes(StandardCharsets.UTF_8).length;
    assertTrue(bytes > 1_000 && bytes <= 1_024, bytes + " bytes");
    assertEquals(-1, end.message().indexOf('\ufffd'));
    assertTrue(!Character.isHighSurrogate(end.message().charAt(end.message().length() - 1)));
  }

  @Test
  void aCauseThatIsItsOwnCauseHarmsNobody() throws Exception {
    LastEnd end =
        endOf(
            context -> {
              RuntimeException one = new RuntimeException("one");
              RuntimeException two = new RuntimeException("two", one);
              one.initCause(two);
              throw two;
            });

    assertEquals("java.lang.RuntimeException: two", end.message());
  }

  @Test
  void exitNamesTheEndOfTheRun() throws Exception {
    assertEnd(
        Exit.COMPLETED,
        0,
        endOf(
            context -> {
              throw context.exit(0);
            }));
    assertEnd(
        Exit.FAILED,
        1,
        endOf(
            context -> {
              throw context.exit(1, "not today");
            }));
    LastEnd crash =
        endOf(
            context -> {
              throw context.exit(42, "torn");
            });
    assertEnd(Exit.CRASHED, 42, crash);
    assertEquals("torn", crash.message());
  }

  @Test
  void anExitThatMainSwallowsIsKeptAndTheLadderRuns() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger again = new AtomicInteger();
    WorkerSpec spec =
        Workers.of(
                "w",
                context -> {
                  try {
                    context.exit(7, "seven");
                  } catch (WorkerExit swallowed) {
                    assertThrows(WorkerExit.class, context::checkInterrupts);
                    again.incrementAndGet();
                  }
                  try {
                    release.await();
                  } catch (InterruptedException ladder) {
                    again.incrementAndGet();
                  }
                })
            .neverRestart()
            .stop(Workers.SHORT, Workers.LONG);

    LastEnd end = endOf(spec);

    Transition stopping = life.watch.await(t -> t.to() == WorkerState.STOPPING);
    assertEquals(Cause.EXIT, stopping.cause());
    assertEquals(Exit.NONE, stopping.exit());
    assertEnd(Exit.CRASHED, 7, end);
    assertEquals("seven", end.message());
    assertEquals(2, again.get());
  }

  @Test
  void anExplicitExitAfterATellCounts() throws Exception {
    WorkerHandle handle =
        get(
            life.postmaster.register(
                Workers.of(
                    "w",
                    context -> {
                      while (!context.isTerminationRequested()) {
                        context.awaitLatch(Workers.LONG);
                      }
                      context.exit(3);
                    })));
    get(handle.awaitStarted());

    get(handle.terminate());

    assertEnd(Exit.CRASHED, 3, get(handle.awaitGone()).last());
  }

  @Test
  void aCrashInTheFactoryIsACrash() throws Exception {
    WorkerSpec spec =
        WorkerSpec.of(
                "w",
                () -> {
                  throw new AssertionError("in the factory");
                })
            .neverRestart();

    assertEnd(Exit.CRASHED, 2, endOf(spec));
  }

  @Test
  void aFactoryThatMakesNothingIsAFailedStart() throws Exception {
    assertEquals(Exit.START_FAILED, endOf(WorkerSpec.of("w", () -> null).neverRestart()).exit());
  }

  @Test
  void aLinkageErrorInTheFactoryIsAFailedStart() throws Exception {
    WorkerSpec spec =
        WorkerSpec.of(
                "w",
                () -> {
                  throw new NoClassDefFoundError("a/B");
                })
            .neverRestart();

    assertEquals(Exit.START_FAILED, endOf(spec).exit());
  }

  @Test
  void whatARunOpenedIsClosedLastFirstEachOnceAndErrorsStopNobody() throws Exception {
    StringBuffer closed = new StringBuffer();
    LastEnd end =
        endOf(
            context -> {
              context.closeAtEnd(() -> closed.append('a'));
              context.closeAtEnd(
                  () -> {
                    closed.append('b');
                    throw new IllegalStateException("will not close");
                  });
              context.closeAtEnd(() -> closed.append('c'));
            });

    assertEquals(Exit.COMPLETED, end.exit());
    assertEquals("cba", closed.toString());
  }

  @Test
  void whatIsOpenedAfterTheEndIsClosedAtOnce() throws Exception {
    AtomicInteger closed = new AtomicInteger();
    dev.postmaster.WorkerContext[] kept = new dev.postmaster.WorkerContext[1];
    endOf(context -> kept[0] = context);

    assertThrows(
        IllegalStateException.class, () -> kept[0].closeAtEnd(() -> closed.incrementAndGet()));

    assertEquals(1, closed.get());
  }

  @Test
  void aSlowCloseIsShownAsStopping() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    WorkerHandle handle =
        get(
            life.postmaster.register(
                Workers.of("w", context -> context.closeAtEnd(() -> Workers.await(release)))));

    Transition stopping = life.watch.await(t -> t.to() == WorkerState.STOPPING);
    release.countDown();

    assertEquals(Cause.EXIT, stopping.cause());
    assertEquals(Exit.COMPLETED, get(handle.awaitGone()).last().exit());
  }

  @Test
  void aFailedStartOfARestartableWorkerEndsNoWait() throws Exception {
    AtomicInteger made = new AtomicInteger();
    WorkerSpec spec =
        WorkerSpec.of(
                "w",
                () -> {
                  if (made.incrementAndGet() < 3) {
                    throw new IllegalStateException("not yet");
                  }
                  return context -> context.awaitLatch(Workers.LONG);
                })
            .restartAfter(Duration.ofMillis(5));

    WorkerHandle handle = get(life.postmaster.register(spec));

    assertEquals(3, get(handle.awaitStarted()).starts());
  }

  @Test
  void aNameThatIsNotKnownIsRefusedWithTheKnownOnes() {
    PostmasterException refusal =
        assertThrows(
            PostmasterException.class,
            () -> get(life.postmaster.register(WorkerSpec.of("w", "lib", "fn"))));

    assertEquals(ErrorCode.UNKNOWN_ENTRY_POINT, refusal.code());
  }
}
