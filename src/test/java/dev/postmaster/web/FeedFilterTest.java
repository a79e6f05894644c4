package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.StatusJson;
import dev.postmaster.Transition;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Viewer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What a viewer with a filter gets, and what it does not. */
class FeedFilterTest extends FeedSetup {

  private static JsonObject filter(String part, Object... entries) {
    Object value = part.equals("name") ? entries[0] : new JsonArray(List.of(entries));
    return new JsonObject().put(part, value);
  }

  private static JsonObject subscribe(JsonObject filter) {
    return Viewer.subscribe().put("filter", filter);
  }

  private Viewer filtered(JsonObject filter) throws Exception {
    Set<String> states =
        Set.copyOf(
            filter.getJsonArray("states", new JsonArray()).stream().map(String::valueOf).toList());
    Viewer viewer = get(Viewer.connect(client, server.port())).filtered(states);
    viewer.send(subscribe(filter));
    viewer.await("snapshot", 1);
    return viewer;
  }

  private WorkerHandle register(String name, String type, BackgroundWorker main) throws Exception {
    WorkerSpec spec = WorkerSpec.of(name, () -> main).type(type);
    return get(postmaster.register(spec.restartAfter(Duration.ZERO)));
  }

  private static BackgroundWorker failsOnce() {
    AtomicBoolean first = new AtomicBoolean(true);
    return context -> {
      if (first.getAndSet(false)) {
        throw new IllegalStateException("once");
      }
      idle().run(context);
    };
  }

  /** Three workers come, fail, are started again and go. */
  private void life() throws Exception {
    WorkerHandle first = register("mail-1", "mailer", failsOnce());
    WorkerHandle second = register("mail-2", "mailer", idle());
    register("count", "counter", failsOnce());
    life.watch.await(t -> t.name().equals("mail-1") && t.starts() == 2 && t.ready());
    life.watch.await(t -> t.name().equals("count") && t.starts() == 2 && t.ready());
    get(second.terminate());
    get(second.awaitGone());
    get(first.terminate());
    get(first.awaitGone());
  }

  private static String word(dev.postmaster.Stage stage) {
    return stage == null ? "" : stage.word();
  }

  @Test
  void eachPartChoosesAndTogetherTheyAllMust() throws Exception {
    Map<JsonObject, Predicate<Transition>> filters = new LinkedHashMap<>();
    filters.put(new JsonObject(), t -> true);
    filters.put(filter("slots", 0, 2), t -> t.slot() != 1);
    filters.put(filter("types", "mailer"), t -> t.type().equals("mailer"));
    filters.put(filter("name", "mail*"), t -> t.name().startsWith("mail"));
    filters.put(filter("name", "*2"), t -> t.name().endsWith("2"));
    filters.put(filter("name", "m*1"), t -> t.name().equals("mail-1"));
    filters.put(filter("name", "count"), t -> t.name().equals("count"));
    filters.put(filter("types", "nobody"), t -> false);
    filters.put(
        filter("states", "RUNNING"),
        t -> word(t.to()).equals("RUNNING") || word(t.from()).equals("RUNNING"));
    filters.put(
        filter("causes", "exit"),
        t -> t.cause().word().equals("exit") || word(t.to()).equals("FREE"));
    filters.put(
        filter("types", "mailer").mergeIn(filter("states", "BACKOFF")),
        t ->
            t.type().equals("mailer")
                && (word(t.to()).equals("BACKOFF") || word(t.from()).equals("BACKOFF")));
    Map<JsonObject, Viewer> viewers = new LinkedHashMap<>();
    restart(new WebOptions().setMaxConnectionsPerAddress(64));
    for (JsonObject filter : filters.keySet()) {
      viewers.put(filter, filtered(filter));
    }
    long from = postmaster.transitions().head();

    life();

    long head = postmaster.transitions().head();
    for (JsonObject filter : filters.keySet()) {
      Viewer viewer = viewers.get(filter);
      viewer.send(new JsonObject().put("t", "ping"));
      int beats = 1;
      while (viewer.await("heartbeat", beats).getLong("sent") < head) {
        viewer.send(new JsonObject().put("t", "ping"));
        beats++;
      }
      List<Long> wanted =
          life.watch.seen().stream()
              .filter(t -> t.seq() > from && t.seq() <= head)
              .filter(t -> t.own() || filters.get(filter).test(t))
              .map(Transition::seq)
              .toList();
      assertEquals(wanted, viewer.log(), filter::encode);
      viewer.assertWhole();
    }
  }

  @Test
  void thePostmastersOwnRecordsPassEveryFilter() throws Exception {
    Viewer viewer = filtered(filter("types", "nobody").mergeIn(filter("causes", "exit")));

    get(postmaster.pause(dev.postmaster.Target.all(), java.util.Optional.empty()));

    assertEquals("pause", viewer.await("transition", 1).getString("cause"));
  }

  @Test
  void whatIsUnknownChangesNothingAndIsTold() throws Exception {
    Viewer viewer = filtered(filter("types", "mailer"));
    Map<JsonObject, String> bad = new LinkedHashMap<>();
    bad.put(filter("states", "RUNING"), "unknown state RUNING; did you mean RUNNING?");
    bad.put(filter("causes", "Exit"), "unknown cause Exit; did you mean exit?");
    bad.put(filter("name", "a*b*"), "name: more than one * in \"a*b*\"");
    bad.put(filter("slots", "3"), "an entry of slots is not a whole number from 0");
    bad.put(filter("slots", -1), "an entry of slots is not a whole number from 0");
    bad.put(new JsonObject().put("types", "mailer"), "types is not a list");

    int nth = 0;
    for (Map.Entry<JsonObject, String> entry : bad.entrySet()) {
      viewer.send(subscribe(entry.getKey()));
      JsonObject error = viewer.await("error", ++nth);
      assertEquals("BAD_FILTER", error.getString("code"));
      assertEquals(entry.getValue(), error.getString("message"));
      assertFalse(error.getBoolean("fatal"));
    }

    register("count", "counter", idle());
    register("mail", "mailer", idle());
    assertEquals("mail", viewer.await("transition", 1).getString("name"));
    assertEquals(1, viewer.all("snapshot").size());
  }

  @Test
  void aBadFilterAtFirstLeavesTimeForAGoodOne() throws Exception {
    Viewer viewer = subscribed(subscribe(filter("states", "GONE")));
    String message = viewer.await("error", 1).getString("message");
    assertTrue(message.startsWith("unknown state GONE; known are FREE, "), message);
    assertEquals(List.of(), viewer.all("snapshot"));

    viewer.send(subscribe(filter("states", "FREE")));

    viewer.await("snapshot", 1);
  }

  @Test
  void aListHasAtMostSoManyEntries() throws Exception {
    JsonArray slots = new JsonArray();
    for (int slot = 0; slot <= FeedFilter.ENTRIES_MAX; slot++) {
      slots.add(slot);
    }

    Viewer viewer = subscribed(subscribe(new JsonObject().put("slots", slots)));

    assertEquals(
        "slots has 1025 entries; 1024 is the most", viewer.await("error", 1).getString("message"));
    slots.remove(0);
    viewer.send(subscribe(new JsonObject().put("slots", slots)));
    viewer.await("snapshot", 1);
  }

  private List<String> table(Predicate<JsonObject> shown) {
    return postmaster.list().stream()
        .map(StatusJson::worker)
        .filter(shown)
        .map(Viewer::line)
        .toList();
  }

  @Test
  void aWorkerThatLeavesTheFilterIsToldForTheLastTime() throws Exception {
    List<Viewer> viewers =
        List.of(
            filtered(filter("states", "BACKOFF", "STARTING")),
            filtered(filter("states", "RUNNING")),
            filtered(filter("states", "RUNNING").mergeIn(filter("causes", "ready", "started"))));
    storm(4);
    awaitHead(postmaster.transitions().head() + 500);
    calm(4);

    viewers.get(0).awaitPicture(0, List.of());
    List<String> running = table(worker -> worker.getString("state").equals("RUNNING"));
    viewers.get(1).awaitPicture(0, running);
    viewers.get(2).awaitPicture(0, running);
    assertEquals(4, running.size());
    for (Viewer viewer : viewers) {
      viewer.assertWhole();
    }
  }

  @Test
  void aWorkerThatComesIntoTheFilterIsToldWhole() throws Exception {
    Viewer viewer = filtered(filter("states", "RUNNING"));

    get(register("w").awaitReady());

    JsonObject worker = viewer.await("worker", 1);
    assertEquals("RUNNING", worker.getJsonObject("worker").getString("state"));
    assertEquals(viewer.await("transition", 1).getLong("seq"), worker.getLong("seq"));
  }

  @Test
  void picturesShowOnlyWhatMatches() throws Exception {
    register("mail", "mailer", idle());
    register("count", "counter", idle());
    Viewer viewer = filtered(filter("types", "mailer"));
    assertEquals(1, viewer.picture().size());
    String[] shown = {"mailer", "storm-1", "storm-2", "storm-3", "storm-4", "storm-5", "storm-6"};
    Viewer slow = filtered(filter("types", (Object[]) shown));

    stormPast(slow);
    slow.socket().resume();

    slow.await("slots", 1);
    Set<String> types = Set.of(shown);
    slow.awaitPicture(0, table(worker -> types.contains(worker.getString("type"))));
    assertTrue(
        slow.all("slots").stream()
            .flatMap(part -> part.getJsonArray("workers").stream())
            .allMatch(worker -> types.contains(((JsonObject) worker).getString("type"))));
    assertEquals(List.of(), viewer.all("worker"));
  }

  @Test
  void aHeartbeatIsABookmarkBeyondWhatDoesNotMatch() throws Exception {
    restart(new WebOptions().setHeartbeat(Duration.ofMillis(50)));
    Viewer viewer = filtered(filter("types", "mailer"));
    get(register("w").awaitReady());
    long head = postmaster.transitions().head();
    int beats = viewer.all("heartbeat").size() + 2;
    assertEquals(head, viewer.await("heartbeat", beats).getLong("sent"));
    assertEquals(List.of(), viewer.log());

    Viewer next = get(Viewer.connect(client, server.port())).filtered(Set.of());
    JsonObject resume = Viewer.resume(postmaster.epoch(), head);
    next.send(resume.put("filter", filter("types", "mailer")));
    register("mail", "mailer", idle());

    assertEquals("mail", next.await("transition", 1).getString("name"));
    assertEquals(List.of(), next.all("gap"));
    assertEquals(List.of(), next.all("snapshot"));
  }
}
