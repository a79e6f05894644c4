package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The lines of the access log, as they reach the logger that the documentation names. */
class AccessLogTest {

  private static final Pattern COMBINED =
      Pattern.compile(
          "(\\S+) - - \\[(\\d\\d/[A-Z][a-z]{2}/\\d{4}(?::\\d\\d){3} [+-]\\d{4})\\]"
              + " \"(\\S+) (\\S+) (HTTP/1\\.[01])\" (\\d{3}) (\\d+)"
              + " \"((?:[^\"\\\\]|\\\\.)*)\" \"((?:[^\"\\\\]|\\\\.)*)\"");

  /** Keeps what the logger was given. */
  private static final class Lines extends AppenderBase<ILoggingEvent> {

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    @Override
    protected void append(ILoggingEvent event) {
      lines.add(event.getFormattedMessage());
    }
  }

  private final Logger logger = (Logger) LoggerFactory.getLogger(AccessLog.LOGGER);
  private final Lines lines = new Lines();
  private Vertx vertx;
  private WebServer server;

  @BeforeEach
  void listen() throws Exception {
    lines.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
    vertx = Vertx.vertx();
    server = get(WebServer.bind(vertx, new WebOptions().setPort(0)));
  }

  @AfterEach
  void close() throws Exception {
    logger.detachAppender(lines);
    logger.setLevel(null);
    get(vertx.close());
  }

  private Matcher logged(String head) throws Exception {
    NetClient net = vertx.createNetClient();
    net.connect(server.port(), "127.0.0.1")
        .onSuccess(socket -> socket.write(Buffer.buffer(head + "\r\nConnection: close\r\n\r\n")));
    String line = lines.lines.poll(10, TimeUnit.SECONDS);
    assertNotNull(line, "no line was logged");
    Matcher matcher = COMBINED.matcher(line);
    assertTrue(matcher.matches(), line);
    return matcher;
  }

  @Test
  void aRequestIsOneLineOfTheCombinedFormat() throws Exception {
    String length =
        Long.toString(
            Files.size(Path.of("src/main/resources/dev/postmaster/web/dashboard/theme.js")));
    Matcher line =
        logged(
            "GET /assets/theme.js?a=b HTTP/1.1\r\nHost: localhost\r\n"
                + "Referer: http://localhost/x\r\nUser-Agent: curl/8.5");

    assertEquals("127.0.0.1", line.group(1));
    assertEquals("GET", line.group(3));
    assertEquals("/assets/theme.js?a=b", line.group(4));
    assertEquals("HTTP/1.1", line.group(5));
    assertEquals("200", line.group(6));
    assertEquals(length, line.group(7));
    assertEquals("http://localhost/x", line.group(8));
    assertEquals("curl/8.5", line.group(9));
  }

  @Test
  void whatIsMissingIsADash() throws Exception {
    Matcher line = logged("GET /nowhere HTTP/1.0\r\nHost: localhost");

    assertEquals("404", line.group(6));
    assertEquals("-", line.group(8));
    assertEquals("-", line.group(9));
  }

  @Test
  void aQuoteAnEscapeAndForeignBytesCannotLeaveTheirField() throws Exception {
    Matcher line =
        logged(
            "GET /\"?x=\\ HTTP/1.1\r\nHost: localhost\r\nReferer: a\" 200 1 \"b\r\n"
                + "User-Agent: \u00fc\t\"");

    assertEquals("/\\\"?x=\\\\", line.group(4));
    assertEquals("a\\\" 200 1 \\\"b", line.group(8));
    assertTrue(line.group(9).endsWith("\\x09\\\""), line.group(9));
    assertTrue(line.group().chars().allMatch(c -> c >= 0x20 && c < 0x7f), line.group());
  }

  @Test
  void noFieldHoldsAControlCharacter() {
    assertEquals("a\\x0d\\x0ab\\xc3\\xbc\\\"\\\\", AccessLog.field("a\r\nbü\"\\"));
    assertEquals(2_048, AccessLog.field("x".repeat(10_000)).length());
  }
}
