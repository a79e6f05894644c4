package dev.postmaster.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.StatusJson;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog.Gap;
import dev.postmaster.WorkerStatus;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A client of the feed that keeps what it is told, and what tests wait for. */
final class Followed {

  private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(20);

  private static final long CLOCK_MS = 20;

  /** How long a look at what no handler tells of may be late. */
  private static final long LOOK_MS = 20;

  final FeedClient client;
  final List<Transition> log = new ArrayList<>();
  final List<Gap> gaps = new ArrayList<>();
  final List<FeedPicture> pictures = new ArrayList<>();
  final List<FeedHello> hellos = new ArrayList<>();
  final List<FeedDisconnect> ends = new ArrayList<>();

  Followed(Vertx vertx, FeedClientOptions options) {
    client =
        FeedClient.create(vertx, options)
            .onTransition(transition -> keep(log, transition))
            .onGap(gap -> keep(gaps, gap))
            .onPicture(picture -> keep(pictures, picture))
            .onConnected(hello -> keep(hellos, hello))
            .onDisconnected(end -> keep(ends, end));
  }

  /** Options for that port, and waits that do not last. */
  static FeedClientOptions options(int port) {
    return new FeedClientOptions()
        .setPort(port)
        .setReconnect(Duration.ofMillis(5), Duration.ofMillis(50));
  }

  Followed started() {
    client.start();
    return this;
  }

  private synchronized <T> void keep(List<T> list, T what) {
    list.add(what);
    notifyAll();
  }

  synchronized void await(String what, BooleanSupplier done) throws Exception {
    long end = System.nanoTime() + DEADLINE_NS;
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new TimeoutException(what + ": never; " + this);
      }
      wait(LOOK_MS);
    }
  }

  void awaitSeq(long seq) throws Exception {
    await("seq " + seq, () -> told() >= seq);
  }

  /** The picture is drawn before the handlers are told. */
  private long told() {
    long ofLog = log.isEmpty() ? 0 : log.get(log.size() - 1).seq();
    long ofGaps = gaps.isEmpty() ? 0 : gaps.get(gaps.size() - 1).to();
    long ofPictures = pictures.isEmpty() ? 0 : pictures.get(pictures.size() - 1).seq();
    return Math.max(ofLog, Math.max(ofGaps, ofPictures));
  }

  /** Every record that the journal ever had came once, in order, or lies in a gap. */
  synchronized void assertComplete(List<Transition> journal, long after) {
    long last = after;
    for (Transition t : log) {
      assertTrue(t.seq() > last, () -> "record " + t.seq() + " came again; " + this);
      last = t.seq();
    }
    List<Transition> expected =
        journal.stream().filter(t -> t.seq() > after && !isMissing(t.seq())).toList();
    assertEquals(lines(expected), lines(log), toString());
  }

  private boolean isMissing(long seq) {
    return gaps.stream().anyMatch(gap -> gap.from() <= seq && seq <= gap.to());
  }

  private static List<String> lines(List<Transition> records) {
    return records.stream().map(StatusJson::transition).map(JsonObject::encode).toList();
  }

  /** Waits until it is where the postmaster is, and shows what that has published. */
  void assertShows(Postmaster postmaster) throws Exception {
    await(
        "the head",
        () ->
            client.picture().seq() == postmaster.transitions().head()
                && told() >= client.picture().seq()
                && postmaster.status().seq() == client.picture().seq()
                && workers(client.picture().workers().values()).equals(workers(postmaster.list())));
    FeedPicture picture = client.picture();
    PostmasterStatus status = postmaster.status();
    assertTrue(picture.whole());
    assertEquals(status.epoch(), picture.epoch());
    assertEquals(status.phase(), picture.phase());
    assertEquals(status.shutdown(), picture.shutdown());
    assertEquals(status.shutdownSince(), picture.shutdownSince());
    assertEquals(status.left(), picture.left());
    assertEquals(status.slotsTotal(), picture.slotsTotal());
    assertEquals(status.parallelActive(), picture.parallelActive());
    assertEquals(status.parallelLimit(), picture.parallelLimit());
    assertEquals(
        status.domains().stream().sorted(Comparator.comparing(DomainStatus::name)).toList(),
        picture.domains());
  }

  /**
   * The postmaster reckons times that are past anew whenever it looks at the wall clock, which may
   * move them by a millisecond or two.
   */
  private static boolean isSame(Collection<WorkerStatus> ours, Collection<WorkerStatus> theirs) {
    List<Long> our = ours.stream().flatMap(Followed::times).toList();
    List<Long> their = theirs.stream().flatMap(Followed::times).toList();
    return workers(ours).equals(workers(theirs))
        && IntStream.range(0, our.size())
            .allMatch(i -> Math.abs(our.get(i) - their.get(i)) <= CLOCK_MS);
  }

  private static Stream<Long> times(WorkerStatus w) {
    Stream<Long> own = Stream.of(w.registeredAt(), w.startedAt(), w.stateSince(), w.restartAt());
    return w.last() == null
        ? own
        : Stream.concat(own, Stream.of(w.last().at(), w.last().firstAt()));
  }

  /** What messages carry of workers, without the times. */
  static List<String> workers(Collection<WorkerStatus> workers) {
    return workers.stream().map(StatusJson::worker).map(Followed::line).toList();
  }

  private static String line(JsonObject worker) {
    List.of("registeredAt", "startedAt", "stateSince", "restartAt").forEach(worker::remove);
    List.of("waiting", "deadlineAt", "restartInMs").forEach(worker::remove);
    JsonObject last = worker.getJsonObject("last");
    if (last != null) {
      last.remove("at");
      last.remove("firstAt");
    }
    return worker.encode();
  }

  @Override
  public synchronized String toString() {
    return "at "
        + client.picture().position()
        + " gaps "
        + gaps
        + " ends "
        + ends
        + " shows "
        + workers(client.picture().workers().values());
  }
}
