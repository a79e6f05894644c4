package dev.postmaster.app;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import dev.postmaster.EntryPoint;
import dev.postmaster.Uncaught;
import dev.postmaster.WorkerLibrary;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Life;
import dev.postmaster.web.WebOptions;
import dev.postmaster.web.WebServer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Texts that want to be a line of their own, or move a terminal's cursor, in all that strangers can
 * say; through the program's own configuration of the log, into its files and to its console.
 */
class LogInjectionTest {

  private static final String TOKEN = "0123456789abcdef";

  private static final String FORGED = "2001-01-01T00:00:00.000Z INFO  [main] forged";

  /** As JSON and messages can hold them; for heads of requests their bytes are escaped first. */
  private static final List<String> CORPUS =
      List.of(
          "a\n" + FORGED,
          "a\r\n" + FORGED + "\r\n",
          "a\r" + FORGED,
          "a\u0085" + FORGED,
          "a\u2028" + FORGED + "\u2029" + FORGED,
          "a\u000b" + FORGED + "\f" + FORGED,
          "\u001b[2J\u001b[1;31m" + FORGED + "\u001b]0;title\u0007",
          "\u009b31m" + FORGED + "\u0090x\u009c",
          "\u0008\u0008\u0008" + FORGED,
          "\u202e\u2066" + FORGED + "\u2069\u200f\u200e\u061c",
          "\ufeff\u200b\u00ad" + FORGED,
          "\ud800 alone",
          "nul\u0000" + FORGED,
          "%n%d%msg%ex" + FORGED,
          "{} {0} {1,number} '{'",
          "${jndi:ldap://127.0.0.1:1/a} ${env:PATH} #{1}",
          "\" 200 1 \"-\" \"-\"",
          "x".repeat(20_000));

  /** What no line holds: control and format characters, and what ends a line or a paragraph. */
  private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");

  private static final Pattern RECORD =
      Pattern.compile(
          "20[2-9]\\d-\\d\\d-\\d\\dT[0-9:.]+(Z|[+-]\\d\\d:\\d\\d) (INFO |WARN |ERROR|DEBUG) \\[.*");

  private static final Pattern TRACE =
      Pattern.compile(
          "\\tat [\\w.$/<>@-]+\\([^()]*\\).*|Caused by: .*"
              + "|[a-z]+(?:\\.[\\w$]+)+(?:: .*)?|\\t\\.\\.\\. \\d+ .*");

  private static final Pattern ACCESS =
      Pattern.compile(
          "127\\.0\\.0\\.1 - - \\[[^\\]]+\\] \"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\" \\d{3} \\d+"
              + " \"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\" \"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"");

  @TempDir Path directory;

  private final PrintStream before = System.err;
  private final ByteArrayOutputStream console = new ByteArrayOutputStream();
  private Path log;
  private Path access;
  private Life life;
  private int port;
  private int asked;

  /** Fails with the message that is its argument, in each of the ways in which one can. */
  private static final WorkerLibrary LIBRARY =
      new WorkerLibrary() {
        @Override
        public String name() {
          return "t";
        }

        @Override
        public List<EntryPoint> entryPoints() {
          return List.of(
              EntryPoint.of(
                  "fails",
                  "fails",
                  new JsonObject(),
                  () ->
                      context -> {
                        String text = context.args().getString("text");
                        throw new IllegalStateException(text, new RuntimeException(text));
                      }));
        }
      };

  @BeforeEach
  void start() throws Exception {
    System.setErr(new PrintStream(console, true, StandardCharsets.UTF_8));
    log = directory.resolve("postmaster.log");
    access = directory.resolve("access.log");
    Logs.open(log, access, true);
    life = Life.started(Life.options().addLibrary(LIBRARY));
    port =
        get(WebServer.start(
                life.vertx, life.postmaster, new WebOptions().setPort(0).setToken(TOKEN)))
            .port();
  }

  @AfterEach
  void restore() throws Exception {
    System.setErr(before);
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    new ContextInitializer(context).autoConfig();
    context.start();
  }

  private String ask(String head, String body) throws Exception {
    asked++;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(15_000);
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      String whole = head + "Content-Length: " + bytes.length + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(whole.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().write(bytes);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String post(String path, JsonObject body) throws Exception {
    return ask(
        "POST "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Authorization: Bearer "
            + TOKEN
            + "\r\n",
        body.encode());
  }

  private static JsonObject spec(String name) {
    return new JsonObject()
        .put("name", name)
        .put("library", "t")
        .put("function", "fails")
        .put("restart", "never");
  }

  /** As bytes that may stand in a head: what ends a line there cannot come that far. */
  private static String inHead(String text) {
    String bytes = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    return bytes.substring(0, Math.min(bytes.length(), 3_000)).replaceAll("[\\x00\\r\\n]", "");
  }

  /** As it may stand in a target. */
  private static String inTarget(String text) {
    StringBuilder out = new StringBuilder();
    byte[] bytes = text.substring(0, Math.min(text.length(), 900)).getBytes(StandardCharsets.UTF_8);
    for (byte b : bytes) {
      boolean plain = b > 0x20 && b < 0x7f && b != '%' && b != '#' && b != '?';
      out.append(plain ? (char) b : String.format("%%%02x", b));
    }
    return out.toString();
  }

  private void say(String text) throws Exception {
    String target = inTarget(text);
    String head = inHead(text);
    ask("GET /" + target + " HTTP/1.1\r\nHost: localhost\r\n", "");
    ask("GET /api/v1/workers/" + target + " HTTP/1.1\r\nHost: localhost\r\n", "");
    ask(
        "GET /" + head.replaceAll("[ \\t\\x0b\\x0c]", "+") + " HTTP/1.1\r\nHost: localhost\r\n",
        "");
    for (String name : List.of("User-Agent", "Referer", "Origin", "Authorization", "Cookie")) {
      // Control characters in a header are refused by Netty: there is nothing to log then.
      String value = head.replaceAll("[\\x00-\\x1f\\x7f]", "");
      ask("GET / HTTP/1.1\r\nHost: localhost\r\n" + name + ": " + value + "\r\n", "");
    }
    for (String field : List.of("name", "type", "library", "function", "domain", "start", text)) {
      post("/api/v1/workers", spec("worker").put(field, text));
    }
    post("/api/v1/workers", spec("fails").put("args", new JsonObject().put("text", text)));
    post("/api/v1/pause", new JsonObject().put("type", text));
    post("/api/v1/drain", new JsonObject().put("group", text));
    post("/api/v1/workers/nobody/signal", new JsonObject().put("signal", text));
    String name = text.substring(0, Math.min(text.length(), 20));
    get(
        life.postmaster.register(
            WorkerSpec.ofVerticle(name, () -> context -> Future.failedFuture(text))
                .restartAfter(WorkerSpec.NEVER)));
    get(
        life.postmaster.register(
            WorkerSpec.ofVerticle(name, () -> context -> throwLater(context, text))
                .uncaught(Uncaught.LOG)));
  }

  private static Future<?> throwLater(Context context, String text) {
    context.runOnContext(
        on -> {
          throw new IllegalStateException(text);
        });
    return Future.succeededFuture();
  }

  private static void assertWhole(List<String> lines, Pattern record) {
    for (String line : lines) {
      String shown = line.replaceFirst("^\\t", "");
      assertFalse(UNSEEN.matcher(shown).find(), line);
      assertFalse(line.startsWith("2001-"), line);
      assertTrue(record.matcher(line).matches() || TRACE.matcher(line).matches(), line);
    }
  }

  @Test
  void everyRecordIsALineWithNothingUnseenInIt() throws Exception {
    for (String text : CORPUS) {
      say(text);
    }
    life.close();
    Logs.close();

    List<String> records = List.of(Files.readString(log).split("\n", -1));
    assertEquals("", records.get(records.size() - 1));
    assertWhole(records.subList(0, records.size() - 1), RECORD);
    for (String part : List.of("cause=launch", "cause=exit", "refused INVALID_SPEC", "{0}")) {
      assertTrue(records.stream().anyMatch(line -> line.contains(part)), part);
    }
    List<String> shown = List.of(console.toString(StandardCharsets.UTF_8).split("\n", -1));
    assertTrue(shown.size() > CORPUS.size(), "nothing on the console");
    assertWhole(
        shown.subList(0, shown.size() - 1), Pattern.compile("(INFO |WARN |ERROR) [\\w.-]+ .*"));
    List<String> accesses = List.of(Files.readString(access).split("\n", -1));
    assertEquals(asked, accesses.size() - 1);
    for (String line : accesses.subList(0, asked)) {
      assertTrue(ACCESS.matcher(line).matches(), line);
      assertTrue(line.chars().allMatch(c -> c >= 0x20 && c < 0x7f), line);
    }
  }
}
