package dev.postmaster.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the log says of a worker's failure, whatever the worker threw. */
class FirstFailuresTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.postmaster.runtime");
  private final List<ILoggingEvent> events = new ArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          events.add(event);
        }
      };

  @BeforeEach
  void listen() {
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(appender);
  }

  private String logged(Throwable thrown) {
    new FirstFailures()
        .saw(
            new dev.postmaster.Handle("01JDA3AAAAAAAAAAAAAAAAAAAA", 0, 1),
            "w",
            Faults.end(thrown),
            thrown);
    assertEquals(1, events.size());
    // The logger is given no Throwable: it would run and write what is the worker's.
    assertEquals(null, events.get(0).getThrowableProxy());
    return events.get(0).getFormattedMessage();
  }

  @Test
  void theFirstOfItsKindIsLoggedWithItsStackAndItsCause() {
    String line = logged(new IllegalStateException("outer", new java.io.IOException("inner")));

    assertTrue(
        line.startsWith("name=w exit=FAILED message=java.lang.IllegalStateException: outer"));
    assertTrue(line.contains("\n\tat dev.postmaster.runtime.FirstFailuresTest."), line);
    assertTrue(line.contains("\nCaused by: java.io.IOException: inner\n\tat "), line);
  }

  @Test
  void aMessageOfAMegabyteIsCutAndCommandsNoTerminal() {
    String line = logged(new IllegalStateException("\u001b[2J\nfine\u202e".repeat(100_000)));

    assertTrue(line.length() < 20_000, "" + line.length());
    assertFalse(line.contains("\u001b") || line.contains("\u202e") || line.contains("\nfine"));
  }

  @Test
  void causesInACircleComeToAnEnd() {
    Exception one = new Exception("one");
    Exception other = new Exception("other", one);
    one.initCause(other);

    assertTrue(logged(one).length() < 60_000);
  }

  @Test
  void aThrowableWhoseMethodsThrowIsStillSeen() {
    Throwable hostile =
        new RuntimeException() {
          private static final long serialVersionUID = 1;

          @Override
          public String getMessage() {
            throw new AssertionError("no message");
          }

          @Override
          public StackTraceElement[] getStackTrace() {
            throw new AssertionError("no stack");
          }
        };

    assertTrue(logged(hostile).endsWith("(the rest could not be had)"));
  }
}
