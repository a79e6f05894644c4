package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.StatusJson;
import dev.postmaster.Target;
import dev.postmaster.Transition;
import dev.postmaster.support.Life;
import dev.postmaster.support.Viewer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Whatever viewers do, and the server: what they have is the journal, minus what they were told.
 */
class FeedRandomTest extends FeedSetup {

  private static final int WORKERS = 4;
  private static final int STEPS = 60;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  /** One who watches, over several connections. */
  private final class Track {

    final Set<String> types = new HashSet<>();
    final Set<String> states = new HashSet<>();
    final int window = random.nextBoolean() ? 0 : 8 + random.nextInt(100);
    final List<Long> log = new ArrayList<>();
    final List<Viewer> all = new ArrayList<>();
    long from = -1;
    boolean paused;

    Track() {
      if (random.nextBoolean()) {
        types.add("storm-0");
        types.add("storm-1");
      }
      if (random.nextBoolean()) {
        states.add("RUNNING");
        states.add("STOPPING");
      }
    }

    Viewer viewer() {
      return all.get(all.size() - 1);
    }

    boolean shows(String type, String state) {
      return (types.isEmpty() || types.contains(type))
          && (states.isEmpty() ? !state.equals("FREE") : states.contains(state));
    }

    boolean wants(Transition t) {
      return t.own() || shows(t.type(), t.from().word()) || shows(t.type(), t.to().word());
    }

    void connect() throws Exception {
      boolean any = types.isEmpty() && states.isEmpty();
      Viewer next = get(Viewer.connect(client, server.port()));
      next.filtered(any ? null : states).acknowledging(window == 0 ? 0 : window / 2);
      JsonObject subscribe = Viewer.subscribe();
      if (!all.isEmpty()) {
        next.after(viewer());
        subscribe = Viewer.resume(postmaster.epoch(), viewer().safe());
      }
      subscribe.put(
          "filter",
          new JsonObject()
              .put("types", new JsonArray(List.copyOf(types)))
              .put("states", new JsonArray(List.copyOf(states))));
      next.send(window == 0 ? subscribe : subscribe.put("window", window));
      if (all.isEmpty()) {
        from = next.await("snapshot", 1).getLong("seq");
      }
      all.add(next);
      paused = false;
    }

    void disconnect() throws Exception {
      viewer().socket().resume();
      get(viewer().socket().close().otherwiseEmpty());
      viewer().awaitClose();
      viewer().assertWhole();
    }

    void pause() {
      paused = !paused;
      if (paused) {
        viewer().socket().pause();
      } else {
        viewer().socket().resume();
      }
    }

    void check(long head) throws Exception {
      assertEquals(List.of(), viewer().all("bye"), () -> "seed " + seed);
      List<String> lines =
          postmaster.list().stream()
              .filter(w -> shows(w.type(), w.state().word()))
              .map(StatusJson::worker)
              .map(Viewer::line)
              .toList();
      viewer().awaitPicture(0, lines);
      while (viewer().safe() < head) {
        int beats = viewer().all("heartbeat").size();
        viewer().await("heartbeat", beats + 1);
      }
      Set<Long> had = new HashSet<>();
      for (Viewer viewer : all) {
        viewer.assertWhole();
        for (long seq : viewer.log()) {
          assertEquals(true, had.add(seq), () -> seq + " came twice, seed " + seed);
        }
      }
      List<Long> lost =
          life.watch.seen().stream()
              .filter(t -> t.seq() > from && t.seq() <= head && wants(t))
              .map(Transition::seq)
              .filter(seq -> !had.contains(seq) && all.stream().noneMatch(v -> v.missed(seq)))
              .toList();
      assertEquals(List.of(), lost, () -> "lost, seed " + seed);
    }
  }

  private void restartServer(List<Track> tracks) throws Exception {
    for (Track track : tracks) {
      track.viewer().socket().resume();
    }
    get(server.close());
    for (Track track : tracks) {
      track.disconnect();
    }
    server = get(WebServer.start(life.vertx, postmaster, options()));
    for (Track track : tracks) {
      track.connect();
    }
  }

  private static WebOptions options() {
    return new WebOptions()
        .setPort(0)
        .setHeartbeat(Duration.ofMillis(100))
        .setMaxConnectionsPerAddress(64);
  }

  private void step(List<Track> tracks) throws Exception {
    Track track = tracks.get(random.nextInt(tracks.size()));
    switch (random.nextInt(8)) {
      case 0, 1 -> {
        track.disconnect();
        track.connect();
      }
      case 2, 3 -> track.pause();
      case 4 -> get(postmaster.pause(Target.type("storm-" + random.nextInt(WORKERS)), until()));
      case 5 -> get(postmaster.resume(Target.all()));
      default -> awaitHead(postmaster.transitions().head() + random.nextInt(400));
    }
  }

  private Optional<Instant> until() {
    return Optional.of(Instant.now().plusMillis(random.nextInt(200)));
  }

  @Test
  void whatAViewerHasIsTheJournalMinusWhatItWasTold() throws Exception {
    restart(Life.options().setJournalCapacity(1_024), options());
    storm(WORKERS);
    List<Track> tracks = new ArrayList<>();
    for (int viewer = 0; viewer < 6; viewer++) {
      Track track = new Track();
      track.connect();
      tracks.add(track);
    }

    for (int step = 0; step < STEPS; step++) {
      step(tracks);
      if (step % 25 == 24) {
        restartServer(tracks);
      }
    }
    for (Track track : tracks) {
      track.viewer().socket().resume();
    }
    get(postmaster.resume(Target.all()));
    calm(WORKERS);

    long head = postmaster.transitions().head();
    for (Track track : tracks) {
      track.check(head);
    }
  }
}
