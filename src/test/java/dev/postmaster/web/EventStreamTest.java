package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.StatusJson;
import dev.postmaster.Transition;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Life;
import dev.postmaster.support.Viewer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.parsetools.RecordParser;
import io.vertx.ext.web.client.WebClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The records as server-sent events. */
class EventStreamTest extends FeedSetup {

  private HttpClient http;
  private String cookie;

  /** An event as it came. */
  private record Event(String id, String type, JsonObject data) {}

  private static final class Listener {
    private final List<Event> events = new ArrayList<>();
    private HttpClientResponse response;
    private boolean ended;

    synchronized void lines(String block) {
      String id = null;
      String type = null;
      JsonObject data = null;
      for (String line : block.split("\n")) {
        String value = line.substring(line.indexOf(':') + 1).strip();
        id = line.startsWith("id:") ? value : id;
        type = line.startsWith("event:") ? value : type;
        data = line.startsWith("data:") ? new JsonObject(value) : data;
      }
      events.add(new Event(id, type, data));
      notifyAll();
    }

    synchronized void end() {
      ended = true;
      notifyAll();
    }

    synchronized List<Event> all(String type) {
      return events.stream().filter(event -> event.type().equals(type)).toList();
    }

    synchronized Event await(Predicate<Event> wanted) throws Exception {
      long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (true) {
        for (Event event : events) {
          if (wanted.test(event)) {
            return event;
          }
        }
        long leftMs = TimeUnit.NANOSECONDS.toMillis(endNs - System.nanoTime());
        if (leftMs <= 0 || ended) {
          throw new TimeoutException("never, of " + events.size() + " events");
        }
        wait(leftMs);
      }
    }

    Event awaitSeq(long seq) throws Exception {
      return await(event -> event.data().getLong("seq", -1L) >= seq);
    }

    synchronized void awaitEnd() throws Exception {
      long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!ended) {
        long leftMs = TimeUnit.NANOSECONDS.toMillis(endNs - System.nanoTime());
        if (leftMs <= 0) {
          throw new TimeoutException("never ended");
        }
        wait(leftMs);
      }
    }
  }

  @BeforeEach
  void client() {
    http();
  }

  private void http() {
    http = life.vertx.createHttpClient(new HttpClientOptions().setReceiveBufferSize(16 * 1_024));
  }

  private Listener listen(String query, String lastEventId) throws Exception {
    Listener listener = new Listener();
    HttpClientResponse response = send(query, lastEventId, listener);
    assertEquals(200, response.statusCode());
    assertEquals("text/event-stream", response.getHeader("Content-Type"));
    assertEquals("no-store", response.getHeader("Cache-Control"));
    return listener;
  }

  private HttpClientResponse send(String query, String lastEventId, Listener listener)
      throws Exception {
    RequestOptions request =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setHost("127.0.0.1")
            .setPort(server.port())
            .setURI("/api/v1/transitions" + query)
            .putHeader("Accept", "text/event-stream");
    if (cookie != null) {
      request.putHeader("Cookie", cookie);
    }
    if (lastEventId != null) {
      request.putHeader("Last-Event-ID", lastEventId);
    }
    return get(
        http.request(request)
            .compose(sent -> sent.send())
            .onSuccess(
                response -> {
                  listener.response = response;
                  if (response.statusCode() == 200) {
                    response.handler(
                        RecordParser.newDelimited(
                            "\n\n", block -> listener.lines(block.toString())));
                  }
                  response.endHandler(done -> listener.end());
                  response.exceptionHandler(gone -> listener.end());
                }));
  }

  private String id(long seq) {
    return postmaster.epoch() + '.' + seq;
  }

  private List<String> journal(long after, Predicate<Transition> wanted) {
    return life.watch.seen().stream()
        .filter(t -> t.seq() > after && (t.own() || wanted.test(t)))
        .map(t -> StatusJson.transition(t).encode())
        .toList();
  }

  private static List<String> texts(Listener listener) {
    return listener.all("transition").stream().map(event -> event.data().encode()).toList();
  }

  @Test
  void itBeginsWithTheOldestRecordAndGoesOnLive() throws Exception {
    get(register("early").awaitReady());
    Listener listener = listen("", null);

    get(register("late").awaitReady());

    long head = postmaster.transitions().head();
    listener.awaitSeq(head);
    assertEquals(journal(0, t -> true), texts(listener));
    for (Event event : listener.all("transition")) {
      assertEquals(id(event.data().getLong("seq")), event.id());
    }
  }

  @Test
  void itGoesOnAfterTheLastEvent() throws Exception {
    get(register("w").awaitReady());

    Listener byHeader = listen("?after=" + id(1), id(3));
    Listener byQuery = listen("?after=" + id(2), null);

    long head = postmaster.transitions().head();
    byHeader.awaitSeq(head);
    byQuery.awaitSeq(head);
    assertEquals(journal(3, t -> true), texts(byHeader));
    assertEquals(journal(2, t -> true), texts(byQuery));
  }

  @Test
  void aSlotOrATypeCanBeChosen() throws Exception {
    restart(new WebOptions().setHeartbeat(Duration.ofMillis(50)));
    http();
    get(register("a").awaitReady());
    Listener slot = listen("?slot=1", null);
    Listener type = listen("?type=b", null);
    get(get(postmaster.register(WorkerSpec.of("x", FeedSetup::idle).type("b"))).awaitReady());
    get(register("c").awaitReady());
    long head = postmaster.transitions().head();

    for (Listener listener : List.of(slot, type)) {
      Event beat = listener.await(event -> id(head).equals(event.id()));
      assertEquals("heartbeat", beat.type());
      assertEquals(journal(0, t -> t.slot() == 1), texts(listener));
    }
  }

  @Test
  void whatIsGoneIsAGap() throws Exception {
    storm(8);
    awaitHead(postmaster.transitions().capacity() + 100);
    calm(8);

    Listener listener = listen("", id(3));

    Event gap = listener.await(event -> event.type().equals("gap"));
    assertEquals("overrun", gap.data().getString("reason"));
    assertEquals(4, gap.data().getLong("from"));
    long to = gap.data().getLong("to");
    assertEquals(id(to), gap.id());
    listener.awaitSeq(postmaster.transitions().head());
    assertEquals(journal(to, t -> true), texts(listener));
  }

  @Test
  void anotherEpochIsAGapAndEverythingThatThereIs() throws Exception {
    get(register("w").awaitReady());

    Listener listener = listen("", "01JDA3K5ZV7Q0000000000000A.7");

    listener.awaitSeq(postmaster.transitions().head());
    assertEquals("epoch", listener.all("gap").get(0).data().getString("reason"));
    assertEquals(journal(0, t -> true), texts(listener));
  }

  @Test
  void oneThatIsAheadIsToldAndGoesOnLive() throws Exception {
    get(register("w").awaitReady());
    long head = postmaster.transitions().head();
    Listener listener = listen("", id(1_000_000));
    Event error = listener.await(event -> event.type().equals("error"));
    assertEquals("RESUME_AHEAD", error.data().getString("code"));

    get(register("x").awaitReady());

    listener.awaitSeq(postmaster.transitions().head());
    assertEquals(journal(head, t -> true), texts(listener));
  }

  @Test
  void whatIsNoPositionOrSlotIsRefused() throws Exception {
    for (String query : List.of("?after=3", "?slot=-1", "?slot=a", "?type=a&type=b")) {
      assertEquals(400, send(query, null, new Listener()).statusCode(), query);
    }
    assertEquals(400, send("", "x", new Listener()).statusCode());
  }

  @Test
  void aSlowOneCostsWhatItsConnectionHolds() throws Exception {
    Listener listener = listen("", null);
    listener.awaitSeq(1);
    listener.response.pause();
    storm(8);
    awaitHead(postmaster.transitions().head() + 6_000);
    calm(8);

    listener.response.resume();

    Event gap = listener.await(event -> event.type().equals("gap"));
    get(register("after").awaitReady());
    listener.awaitSeq(postmaster.transitions().head());
    assertEquals("slow-consumer", gap.data().getString("reason"));
    List<Long> seqs =
        listener.all("transition").stream().map(event -> event.data().getLong("seq")).toList();
    assertEquals(seqs.stream().distinct().sorted().toList(), seqs);
    long missed =
        listener.all("gap").stream()
            .mapToLong(g -> g.data().getLong("to") - g.data().getLong("from") + 1)
            .sum();
    assertEquals(seqs.get(seqs.size() - 1), seqs.size() + missed);
  }

  @Test
  void itIsCountedWithTheFeedsAndGivesItsPlaceBack() throws Exception {
    restart(new WebOptions().setMaxConnections(1));
    http();
    Listener listener = listen("", null);
    assertThrows(Exception.class, () -> get(Viewer.connect(client, server.port())));
    assertEquals(429, send("", null, new Listener()).statusCode());

    listener.response.request().reset();

    long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    Viewer viewer = null;
    while (viewer == null && System.nanoTime() < endNs) {
      viewer = get(Viewer.connect(client, server.port()).otherwiseEmpty());
    }
    assertNotNull(viewer, "its place was not given back");
    viewer.send(Viewer.subscribe());
    viewer.await("snapshot", 1);
  }

  @Test
  void aLogoutEndsTheStreamsOfItsSession() throws Exception {
    restart(new WebOptions().setToken(Web.TOKEN).setHeartbeat(Duration.ofMillis(50)));
    http();
    WebClient web = WebClient.create(life.vertx);
    cookie =
        get(web.post(server.port(), "127.0.0.1", "/api/v1/session")
                .sendJsonObject(new JsonObject().put("token", Web.TOKEN)))
            .getHeader("Set-Cookie")
            .split(";")[0];
    Listener listener = listen("", null);
    listener.awaitSeq(1);

    get(
        web.delete(server.port(), "127.0.0.1", "/api/v1/session")
            .putHeader("Cookie", cookie)
            .putHeader("X-Postmaster-Csrf", "1")
            .send());

    listener.awaitEnd();
    assertEquals(4401, listener.all("bye").get(0).data().getInteger("code"));
  }

  @Test
  void aHeadRequestIsNoStream() throws Exception {
    RequestOptions request =
        new RequestOptions()
            .setMethod(HttpMethod.HEAD)
            .setHost("127.0.0.1")
            .setPort(server.port())
            .setURI("/api/v1/transitions")
            .putHeader("Accept", "text/event-stream");

    HttpClientResponse response = get(http.request(request).compose(sent -> sent.send()));

    assertEquals("application/json", response.getHeader("Content-Type"));
  }

  @Test
  void theEndOfThePostmasterEndsItAfterTheLastRecord() throws Exception {
    Listener listener = listen("", null);

    get(postmaster.close());

    listener.awaitEnd();
    List<Event> records = listener.all("transition");
    assertEquals("closed", records.get(records.size() - 1).data().getString("cause"));
    assertEquals(1001, listener.all("bye").get(0).data().getInteger("code"));
    assertTrue(Life.get(postmaster.ended()).abandoned().isEmpty());
  }
}
