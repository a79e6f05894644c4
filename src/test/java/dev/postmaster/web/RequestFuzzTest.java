package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.EntryPoint;
import dev.postmaster.ErrorCode;
import dev.postmaster.Transition;
import dev.postmaster.WorkerLibrary;
import dev.postmaster.support.Life;
import dev.postmaster.web.RawHttp.Answer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Requests that are nearly right, from somebody who may do everything but shut down. Each has its
 * own seed, its number; {@code -Dpostmaster.fuzz} says how many, half of them for the feed.
 */
class RequestFuzzTest {

  private static final int REQUESTS = Integer.getInteger("postmaster.fuzz") / 2;

  private static final int SLOTS = 64;

  /** Workers that are left alone. */
  private static final int LIVE_MAX = 40;

  private static final String HOST = "Host: localhost";

  private static final JsonObject SPEC =
      new JsonObject()
          .put("name", "worker")
          .put("type", "t")
          .put("library", "t")
          .put("function", "idle")
          .put("flags", new JsonArray())
          .put("start", "RECOVERY_FINISHED")
          .put("restart", "5s")
          .put("mainArg", 1)
          .put("args", new JsonObject().put("a", 1).put("b", new JsonObject().put("c", "d")))
          .put("notify", "")
          .put("domain", "main")
          .put("ready", "250ms")
          .put("startTimeout", "5s")
          .put("stop", new JsonObject().put("grace", "5s").put("force", "5s"))
          .put("uncaught", "fail")
          .put("critical", false)
          .put("requires", new JsonArray())
          .put("after", new JsonArray());

  private static final Set<Cause> ASKED =
      EnumSet.of(
          Cause.REGISTERED,
          Cause.TERMINATE,
          Cause.SIGNAL,
          Cause.PAUSE,
          Cause.DRAIN,
          Cause.RESUME,
          Cause.PHASE,
          Cause.REFUSED);

  /** Statuses of HTTP itself, for which the table has no code but {@code BAD_REQUEST}. */
  private static final Set<Integer> OF_HTTP = Set.of(404, 405, 415, 426);

  /** What is answered before there is a route. */
  private static final Set<Integer> BARE = Set.of(400, 413, 414, 431, 501);

  private static final List<String> PATHS =
      List.of(
          "/",
          "/feed",
          "/api/v1/status",
          "/api/v1/workers?after=-1&limit=10&state=RUNNING&type=t&name=worker",
          "/api/v1/workers/worker",
          "/api/v1/workers/%230",
          "/api/v1/workers/HANDLE",
          "/api/v1/workers/HANDLE?await=ready&timeoutMs=1",
          "/api/v1/transitions?after=EPOCH.1&limit=10&slot=0&type=t",
          "/api/v1/entry-points");

  /** What changes something, with a body that is right. */
  private static final Map<String, JsonObject> CHANGES =
      new TreeMap<>(
          Map.of(
              "/api/v1/workers", SPEC,
              "/api/v1/workers/worker/signal", new JsonObject().put("signal", "HUP"),
              "/api/v1/workers/HANDLE/signal", new JsonObject().put("signal", "TERM"),
              "/api/v1/pause", new JsonObject().put("type", "t").put("until", 1L),
              "/api/v1/drain", new JsonObject().put("handle", "HANDLE"),
              "/api/v1/resume", new JsonObject().put("all", true),
              "/api/v1/advance", new JsonObject().put("phase", "RUN"),
              "/api/v1/shutdown", new JsonObject().put("mode", "fast"),
              "/api/v1/session", new JsonObject().put("token", "0123456789abcdef")));

  private static final List<String> HEADERS =
      List.of(
          "Accept: application/json",
          "Content-Type: application/json; charset=utf-8",
          "Authorization: Bearer " + Web.TOKEN,
          "Idempotency-Key: key",
          "Cookie: a=b; c=d",
          "Origin: http://localhost",
          "X-Postmaster-Csrf: 1",
          "Accept-Encoding: gzip",
          "If-None-Match: \"x\"",
          "Range: bytes=0-1",
          "X-Forwarded-For: 10.0.0.1",
          "Upgrade: websocket",
          "Sec-WebSocket-Protocol: " + Feed.PROTOCOL,
          "Last-Event-ID: 1");

  /** One worker, which takes any arguments and stops when it is told to. */
  private static final WorkerLibrary LIBRARY =
      new WorkerLibrary() {
        @Override
        public String name() {
          return "t";
        }

        @Override
        public List<EntryPoint> entryPoints() {
          return List.of(EntryPoint.of("idle", "waits", new JsonObject(), () -> Web::idle));
        }
      };

  private record Request(String method, String target, List<String> headers, String body) {

    String text() {
      StringBuilder out = new StringBuilder(method + ' ' + target + " HTTP/1.1\r\n");
      headers.forEach(header -> out.append(header).append("\r\n"));
      if (method.equals("POST")) {
        out.append("Content-Length: ").append(body.length()).append("\r\n");
      }
      return out.append("\r\n").append(method.equals("POST") ? body : "").toString();
    }
  }

  private final Logged logged = new Logged(Level.ERROR);
  private final Map<Cause, Integer> byHttp = new ConcurrentHashMap<>();
  private final Set<String> registered = new HashSet<>();
  private final Map<Integer, Integer> statuses = new TreeMap<>();
  private final Deque<String> live = new ArrayDeque<>();
  private int accepted;

  /** Changes that were perhaps accepted, after their sender had gone. */
  private int unheard;

  private String handle;
  private Life life;
  private int port;
  private RawHttp raw;

  @BeforeEach
  void start() throws Exception {
    life = Life.started(Life.options().addLibrary(LIBRARY));
    life.postmaster.onTransition(this::count);
    handle = life.postmaster.epoch() + ".0.1";
    var router =
        PostmasterRouter.create(
            life.vertx,
            life.postmaster,
            new WebOptions()
                .setAuthentication(
                    context -> {
                      ((io.vertx.ext.web.impl.UserContextInternal) context.userContext())
                          .setUser(User.fromName("somebody"));
                      context.next();
                    },
                    user -> Role.ADMIN));
    port =
        get(life.vertx
                .createHttpServer(PostmasterRouter.limits(new HttpServerOptions()))
                .requestHandler(router)
                .listen(0, "127.0.0.1"))
            .actualPort();
    raw = new RawHttp(port);
  }

  @AfterEach
  void end() throws Exception {
    logged.close();
    raw.close();
    life.close();
  }

  private void count(Transition record) {
    if (record.by() == By.ADMIN) {
      assertTrue(ASKED.contains(record.cause()), record::toString);
      byHttp.merge(record.cause(), 1, Integer::sum);
    }
  }

  @Test
  void nearlyRightRequestsAreAnsweredAndDoOnlyWhatIsAccepted() throws Exception {
    for (int n = 0; n < REQUESTS; n++) {
      Mutations mutations = new Mutations(n);
      Request request = request(mutations);
      try {
        if (n % 50 == 49) {
          broken(mutations, request);
        } else {
          check(request, send(request));
        }
        while (live.size() > LIVE_MAX) {
          Request delete =
              new Request("DELETE", "/api/v1/workers/" + live.remove(), List.of(HOST), "");
          check(delete, send(delete));
        }
      } catch (Throwable fault) {
        throw new AssertionError("request " + n + ": " + request.text(), fault);
      }
    }

    assertEquals(200, RawHttp.ask(port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status());
    life.watch.await(t -> t.seq() >= life.postmaster.transitions().head());
    int made = byHttp.getOrDefault(Cause.REGISTERED, 0);
    assertTrue(registered.size() <= made && made <= registered.size() + unheard, byHttp::toString);
    int all = byHttp.values().stream().mapToInt(Integer::intValue).sum();
    int other = all - made - byHttp.getOrDefault(Cause.REFUSED, 0);
    assertTrue(other <= (accepted + unheard) * SLOTS, byHttp::toString);
    assertEquals("RUN", life.postmaster.status().phase().word());
    assertTrue(registered.size() > REQUESTS / 200, () -> "hardly any was right: " + statuses);
    logged.assertNoBug();
  }

  private String filled(String text) {
    return text.replace("HANDLE", handle).replace("EPOCH", life.postmaster.epoch());
  }

  private Request request(Mutations mutations) {
    List<String> headers = new ArrayList<>(List.of(HOST));
    if (mutations.oneIn(3)) {
      String header = mutations.any(HEADERS);
      headers.add(mutations.inline(mutations.oneIn(2) ? mutations.text(header) : header, "\0"));
    }
    if (mutations.oneIn(2)) {
      return new Request("GET", target(mutations, mutations.any(PATHS)), headers, "");
    }
    if (mutations.oneIn(6)) {
      String any = mutations.any(List.of("DELETE", "HEAD", "PUT", "TRACE", "OPTIONS", "FOO"));
      return new Request(any, target(mutations, "/api/v1/workers/HANDLE"), headers, "");
    }
    String path =
        mutations.oneIn(3) ? "/api/v1/workers" : mutations.any(List.copyOf(CHANGES.keySet()));
    JsonObject right = new JsonObject(filled(CHANGES.get(path).encode()));
    String body = mutations.oneIn(4) ? right.encode() : mutations.json(right);
    String bytes = new String(body.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    headers.add("Content-Type: application/json");
    String to = mutations.oneIn(5) ? target(mutations, path) : filled(path);
    return new Request("POST", to, headers, bytes);
  }

  private String target(Mutations mutations, String template) {
    String target = filled(template);
    if (mutations.oneIn(4)) {
      return target;
    }
    String changed = mutations.inline(mutations.text(target), " \t");
    boolean isLong = changed.contains("await") && !changed.matches(".*&timeoutMs=\\d{1,2}");
    return isLong || !changed.startsWith("/") ? target : changed;
  }

  /** On the connection that is there; on another if that has ended meanwhile. */
  private Answer send(Request request) throws Exception {
    boolean hasBody = !request.method().equals("HEAD");
    Answer answer;
    try {
      raw.send(request.text());
      answer = raw.answer(hasBody);
    } catch (IOException | AssertionError ended) {
      again();
      raw.send(request.text());
      answer = raw.answer(hasBody);
    }
    boolean ends =
        answer.header("Connection").filter("close"::equals).isPresent()
            || answer.status() >= 400 && answer.header("Content-Type").isEmpty();
    if (ends) {
      again();
    }
    return answer;
  }

  private void again() throws IOException {
    raw.close();
    raw = new RawHttp(port);
  }

  private void check(Request request, Answer answer) {
    int status = answer.status();
    statuses.merge(status, 1, Integer::sum);
    answer.assertSaysNothing("");
    if (status < 400) {
      assertTrue(Set.of(200, 201, 202, 204).contains(status), answer::toString);
      if (status == 201) {
        handle = new JsonObject(answer.body()).getString("handle");
        if (registered.add(handle)) {
          live.add(handle);
        }
      }
      accepted += status == 202 ? 1 : 0;
    } else if (answer.header("Content-Type").isEmpty()) {
      assertTrue(BARE.contains(status), answer::toString);
      answer.assertBare("", status);
    } else if (!request.method().equals("HEAD")) {
      ErrorCode code =
          ErrorCode.valueOf(new JsonObject(RawHttp.utf8(answer.body())).getString("code"));
      answer.assertProblem("", status, code);
      boolean ofHttp = code == ErrorCode.BAD_REQUEST && OF_HTTP.contains(status);
      assertTrue(code.http() == status || ofHttp, answer::toString);
      assertTrue(code != ErrorCode.INTERNAL, answer::toString);
    }
  }

  /** Bytes that are changed anywhere, at the end of which nothing more comes. */
  private void broken(Mutations mutations, Request request) throws Exception {
    String text = mutations.text(request.text());
    unheard += text.startsWith("POST") ? 1 : 0;
    try (RawHttp once = new RawHttp(port)) {
      once.sendUntilCut(text, 1);
      once.finish();
      StringBuilder all = new StringBuilder();
      for (int next = once.read(); next >= 0; next = once.read()) {
        all.append((char) next);
      }
      assertTrue(!all.toString().contains(" 500 "), all::toString);
      assertTrue(!all.toString().contains("Exception"), all::toString);
    }
  }
}
