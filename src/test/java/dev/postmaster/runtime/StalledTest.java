package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.postmaster.Exit;
import dev.postmaster.Readiness;
import dev.postmaster.Signal;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The postmaster's loop, or the whole JVM, stood still: no worker is to blame for that. */
class StalledTest {

  private static final Duration JUDGED = Duration.ofMillis(150);
  private static final long STALL_MS = 600;

  /** Holds up a loop from before this returns until it is released, or for so long. */
  private static void hold(EventExecutor loop, CountDownLatch release, long ms) throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    loop.execute(
        () -> {
          held.countDown();
          try {
            release.await(ms, TimeUnit.MILLISECONDS);
          } catch (InterruptedException impossible) {
            throw new AssertionError(impossible);
          }
        });
    Workers.await(held);
  }

  private static EventExecutor own(Life life) {
    return ((EventLoopPostmaster) life.postmaster).context().nettyEventLoop();
  }

  /** Waits until a stall is over, and the postmaster has turned again. */
  private static void turned(Life life) throws Exception {
    get(life.postmaster.signalAll(Signal.USR1));
  }

  @ParameterizedTest(name = "verticle: {0}")
  @ValueSource(booleans = {true, false})
  void whoSaysItIsReadyDuringAStallWasInTime(boolean verticle) throws Exception {
    AtomicReference<WorkerContext> own = new AtomicReference<>();
    try (Life life = Life.started()) {
      WorkerSpec spec =
          verticle
              ? WorkerSpec.ofVerticle(
                  "w",
                  () ->
                      context -> {
                        own.set(WorkerContext.current(life.vertx));
                        return Future.succeededFuture();
                      })
              : Workers.of(
                  "w",
                  context -> {
                    own.set(context);
                    while (true) {
                      context.checkInterrupts();
                      context.awaitLatch(Workers.LONG);
                    }
                  });
      WorkerHandle handle =
          get(life.postmaster.register(spec.ready(Readiness.SAID).startTimeout(JUDGED)));
      get(handle.awaitStarted());
      Workers.until(() -> own.get() != null);

      hold(own(life), new CountDownLatch(1), STALL_MS);
      own.get().ready();
      turned(life);

      assertEquals(WorkerState.RUNNING, get(handle.awaitReady()).state());
      assertEquals("RUNNING→RUNNING ready", life.watch.edges("w").get(3));
    }
  }

  @Test
  void aGraceIsNotUsedUpByAStall() throws Exception {
    Promise<Void> stopped = Promise.promise();
    CountDownLatch told = new CountDownLatch(1);
    try (Life life = Life.started()) {
      WorkerSpec spec =
          WorkerSpec.ofVerticle(
                  "w",
                  () ->
                      new VerticleBase() {
                        @Override
                        public Future<?> stop() {
                          told.countDown();
                          return stopped.future();
                        }
                      })
              .stop(JUDGED, Workers.LONG);
      WorkerHandle handle = get(life.postmaster.register(spec));
      get(handle.awaitStarted());
      get(handle.terminate());
      Workers.await(told);

      hold(own(life), new CountDownLatch(1), STALL_MS);
      stopped.complete();
      turned(life);

      assertEquals(Exit.TERMINATED, get(handle.awaitGone()).last().exit());
    }
  }

  @Test
  void whenAllLoopsStoodStillNobodyIsBlamed() throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    AppenderBase<ILoggingEvent> appender =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
          }
        };
    Logger logger = (Logger) LoggerFactory.getLogger("dev.postmaster.runtime");
    appender.start();
    logger.addAppender(appender);
    try (Life life = Life.started()) {
      CountDownLatch first = new CountDownLatch(1);
      CountDownLatch others = new CountDownLatch(1);
      for (EventExecutor loop : ((VertxInternal) life.vertx).nettyEventLoopGroup()) {
        hold(loop, loop == own(life) ? first : others, 60_000);
      }
      // Long enough for the postmaster to miss several of its looks at the others.
      assertFalse(new CountDownLatch(1).await(4_200, TimeUnit.MILLISECONDS));

      first.countDown();
      CountDownLatch turned = new CountDownLatch(2);
      own(life).execute(() -> own(life).execute(turned::countDown));
      own(life).schedule(turned::countDown, 20, TimeUnit.MILLISECONDS);
      Workers.await(turned);
      others.countDown();
      turned(life);

      assertFalse(lines.stream().anyMatch(line -> line.contains("is blocked")), lines::toString);
    } finally {
      logger.detachAppender(appender);
    }
  }
}
