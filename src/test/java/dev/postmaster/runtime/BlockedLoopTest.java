package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.postmaster.BackgroundWorker;
import dev.postmaster.Cause;
import dev.postmaster.Postmaster;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import io.netty.channel.EventLoop;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A worker's mistake blocks an event loop. */
class BlockedLoopTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.postmaster.runtime");
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final CountDownLatch release = new CountDownLatch(1);
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(event.getFormattedMessage());
        }
      };

  @BeforeEach
  void listen() {
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void stopListening() {
    release.countDown();
    logger.detachAppender(appender);
  }

  private void block() {
    Workers.awaitDeaf(release);
  }

  private WorkerSpec blocker() {
    return WorkerSpec.ofVerticle(
            "blocker",
            () ->
                context -> {
                  context.runOnContext(nothing -> block());
                  return Future.succeededFuture();
                })
        .neverRestart()
        .stop(Duration.ofMillis(30), Duration.ofMillis(30));
  }

  private boolean logged(String... parts) {
    return lines.stream().anyMatch(line -> List.of(parts).stream().allMatch(line::contains));
  }

  @Test
  void theBlameIsInTheLogAndTheOthersGoOn() throws Exception {
    try (Life life = Life.started()) {
      WorkerHandle handle = get(life.postmaster.register(blocker()));
      get(handle.awaitStarted());

      Workers.until(
          () -> logged("is blocked by worker name=blocker slot=0 gen=1", "BlockedLoopTest.block"));

      // Nobody is put beside it, on a machine with as few loops as this one.
      for (int n = 0; n < 20; n++) {
        WorkerSpec other = WorkerSpec.ofVerticle("o", () -> context -> Future.succeededFuture());
        get(get(life.postmaster.register(other)).awaitStarted());
      }
      release.countDown();
      Workers.until(() -> logged("turns again"));
    }
  }

  @Test
  void whoBlocksALoopIsAbandonedWithItsStackUntilItComesBack() throws Exception {
    try (Life life = Life.started()) {
      WorkerHandle handle = get(life.postmaster.register(blocker()));
      get(handle.awaitStarted());

      get(handle.terminate());

      life.watch.await(t -> t.to() == WorkerState.ABANDONED);
      release.countDown();
      get(handle.awaitGone());
      assertEquals(
          Cause.THREAD_RETURNED, life.watch.await(t -> t.to() == WorkerState.FREE).cause());
    }
  }

  @Test
  void whoBlocksALoopAtTheEndIsReportedWithItsStack() throws Exception {
    try (Life life = Life.started()) {
      get(get(life.postmaster.register(blocker())).awaitStarted());

      var report = get(life.postmaster.close());

      assertEquals(1, report.abandoned().size());
      assertTrue(
          report.abandoned().get(0).stack().stream()
              .anyMatch(frame -> frame.getMethodName().equals("block")));
      release.countDown();
    }
  }

  /** A run that leaves behind, on whatever context it is answered on, something that blocks. */
  private static WorkerSpec leaving(BackgroundWorker trap) {
    return Workers.of(
            "trap",
            context -> {
              trap.run(context);
              while (true) {
                context.checkInterrupts();
                context.awaitLatch(Workers.LONG);
              }
            })
        .stop(Duration.ofMillis(30), Duration.ofMillis(30));
  }

  private void assertOthersAreAnswered(BackgroundWorker trap) throws Exception {
    try (Life life = Life.started()) {
      CountDownLatch caught = new CountDownLatch(1);
      get(
          life.postmaster.register(
              leaving(
                  context -> {
                    trap.run(context);
                    caught.countDown();
                  })));
      Workers.await(caught);

      WorkerHandle other = get(life.postmaster.register(Workers.idle("other")));
      get(other.awaitStarted());
      get(other.terminate());

      get(life.postmaster.close());
      release.countDown();
    }
  }

  @Test
  void aCallbackThatBlocksKeepsNobodyElsesAnswers() throws Exception {
    assertOthersAreAnswered(
        context ->
            context.postmaster().register(Workers.idle("x")).onComplete(registered -> block()));
  }

  @Test
  void aListenerThatBlocksKeepsNobodyElsesAnswers() throws Exception {
    assertOthersAreAnswered(context -> context.postmaster().onTransition(heard -> block()));
  }

  @Test
  void whoeverWaitsForTheEndAndBlocksKeepsItFromNobodyElse() throws Exception {
    assertOthersAreAnswered(context -> context.postmaster().ended().onComplete(over -> block()));
  }

  @Test
  void verticlesThatBlockEveryLoopOfTheirsLeaveThatOfTheAnswers() throws Exception {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(4));
    Postmaster postmaster = Postmaster.create(vertx, Life.options());
    get(postmaster.start());
    for (int n = 0; n < 4; n++) {
      get(postmaster.register(blocker()));
    }
    Workers.until(() -> logged("is blocked by worker name=blocker"));

    assertEquals(4, get(postmaster.close()).abandoned().size());

    release.countDown();
    get(vertx.close());
  }

  @Test
  void looksThatATimerMakesUpForAreOne() throws Exception {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
    List<EventLoop> both = new ArrayList<>();
    ((VertxInternal) vertx).nettyEventLoopGroup().forEach(loop -> both.add((EventLoop) loop));
    both.forEach(loop -> loop.execute(this::block));
    Loops loops = new Loops((VertxInternal) vertx, both.get(0), both.get(0), context -> "nobody");

    for (int look = 0; look < 10; look++) {
      loops.look();
    }

    assertEquals(List.of(), lines);
    release.countDown();
    get(vertx.close());
  }
}
