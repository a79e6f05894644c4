package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.postmaster.Flag;
import dev.postmaster.Postmaster;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Uncaught;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Life;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What somebody who embeds it reads in the log. */
class LogLinesTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.postmaster");
  private final Level before = logger.getLevel();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final List<Level> levels = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          levels.add(event.getLevel());
          lines.add(event.getFormattedMessage());
        }
      };

  @BeforeEach
  void listen() {
    appender.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(appender);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(appender);
    logger.setLevel(before);
  }

  private List<String> logged(String part) {
    return lines.stream().filter(line -> line.contains(part)).toList();
  }

  @Test
  void whoIsAbandonedIsLoggedWithItsStack() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    try (Life life = Life.started()) {
      WorkerHandle deaf = get(life.postmaster.register(Workers.deaf("deaf", release)));
      long run = get(deaf.awaitStarted()).runId();

      get(deaf.terminate());

      Workers.until(() -> !logged("is abandoned").isEmpty());
      release.countDown();
      String line = logged("is abandoned").get(0);
      assertTrue(line.startsWith("worker name=deaf slot=0 gen=1 run=" + run + " is"), line);
      assertTrue(line.contains("dev.postmaster.runtime.Workers.awaitDeaf("), line);
    } finally {
      release.countDown();
    }
  }

  @Test
  void anExceptionThatEndsNothingIsNotCalledAnExit() throws Exception {
    try (Life life = Life.started()) {
      WorkerSpec logs =
          WorkerSpec.ofVerticle(
                  "logs",
                  () ->
                      context -> {
                        context.runOnContext(
                            nothing -> {
                              throw new IllegalStateException("no luck");
                            });
                        return Future.succeededFuture();
                      })
              .uncaught(Uncaught.LOG);
      get(life.postmaster.register(logs));

      Workers.until(() -> !logged("no luck").isEmpty());
      String line = logged("no luck").get(0);
      assertTrue(
          line.startsWith("name=logs uncaught message=java.lang.IllegalStateException: no luck\n"),
          line);
    }
  }

  @Test
  void anEndThatNobodyAskedForIsAnError() throws Exception {
    Life life = Life.started(Life.options().setRestartAfterCrash(false));
    WorkerSpec crash =
        Workers.of(
                "crash",
                context -> {
                  throw new AssertionError("broken");
                })
            .flags(Flag.SHARED_MEMORY);

    get(life.postmaster.register(crash));

    assertTrue(get(life.postmaster.ended()).abnormal());
    for (String part : List.of("to=immediate cause=shutdown-begin", "cause=closed")) {
      assertEquals(1, logged(part).size(), lines::toString);
      assertEquals(Level.ERROR, levels.get(lines.indexOf(logged(part).get(0))));
    }
    life.close();
  }

  @Test
  void anEndThatSomebodyAskedForIsNone() throws Exception {
    Life life = Life.started();
    get(life.postmaster.shutdown(ShutdownMode.IMMEDIATE));

    assertEquals(1, logged("to=immediate cause=shutdown-begin").size(), lines::toString);
    assertFalse(levels.contains(Level.ERROR));
    life.close();
  }

  @Test
  void theLinesOfOneThatHasANameSayWhoseTheyAre() throws Exception {
    try (Life life = Life.started()) {
      Postmaster named = Postmaster.create(life.vertx, Life.options().setName("named"));
      get(named.start());
      get(get(life.postmaster.register(Workers.idle("one"))).awaitStarted());
      get(get(named.register(Workers.idle("two"))).awaitStarted());
      get(named.close());

      List<String> unnamed = logged("name=one");
      assertTrue(unnamed.stream().allMatch(line -> line.startsWith("seq=")), unnamed::toString);
      List<String> two = logged("postmaster=named seq=");
      assertTrue(two.get(0).endsWith("cause=opened message=vertx-postmaster"), two::toString);
      assertEquals(logged("name=two"), two.stream().filter(l -> l.contains("two")).toList());
    }
  }
}
