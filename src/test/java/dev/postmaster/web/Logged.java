package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** Keeps what is logged at some level or above while it is open; otherwise at INFO. */
final class Logged implements AutoCloseable {

  private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final Level before = root.getLevel();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          synchronized (events) {
            events.add(event);
            events.notifyAll();
          }
        }
      };

  Logged() {
    this(Level.INFO);
  }

  Logged(Level level) {
    appender.start();
    root.setLevel(level);
    root.addAppender(appender);
  }

  /** Waits until so many lines have that in them. */
  void await(String part, int times) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    synchronized (events) {
      while (lines().stream().filter(line -> line.contains(part)).count() < times) {
        long leftMs = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        assertTrue(leftMs > 0, () -> part + " is not in " + lines());
        events.wait(leftMs);
      }
    }
  }

  /** The names of the threads that logged lines with that in them. */
  List<String> threads(String part) {
    return events.stream()
        .filter(event -> event.getFormattedMessage().contains(part))
        .map(ILoggingEvent::getThreadName)
        .distinct()
        .toList();
  }

  List<String> lines() {
    return events.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  /** Nothing that a sender did was called a bug of ours, or came with a stack trace. */
  void assertNoBug() {
    assertEquals(
        List.of(),
        events.stream()
            .filter(
                e ->
                    e.getThrowableProxy() != null
                        || e.getLevel() == Level.ERROR
                            && !e.getLoggerName().equals(AccessLog.LOGGER))
            .map(e -> e.getFormattedMessage() + " " + e.getThrowableProxy())
            .toList());
  }

  @Override
  public void close() {
    root.detachAppender(appender);
    root.setLevel(before);
  }
}
