package dev.postmaster.app;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Target;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog.Gap;
import dev.postmaster.WorkerSpec;
import dev.postmaster.client.ClientOptions;
import dev.postmaster.client.FeedClient;
import dev.postmaster.client.FeedClientOptions;
import dev.postmaster.client.PostmasterClient;
import dev.postmaster.client.TransitionPage;
import dev.postmaster.client.TransitionQuery;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A viewer of a program that is killed and started again: its log is the journal. */
class FeedKillIT {

  private static final int KILLS = 4;
  private static final int CHANGES_MAX = 200;

  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final List<Transition> log = new ArrayList<>();
  private final List<Gap> gaps = new ArrayList<>();
  private int port;

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private Jar run() throws Exception {
    Jar jar = Jar.start(directory, "run", "--data", "data", "--port", Integer.toString(port));
    port = jar.awaitPort();
    return jar;
  }

  private synchronized void saw(Transition transition) {
    log.add(transition);
    notifyAll();
  }

  private synchronized void missed(Gap gap) {
    gaps.add(gap);
    notifyAll();
  }

  private synchronized void await(long seq) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (log.isEmpty() || log.get(log.size() - 1).seq() < seq) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      assertTrue(left > 0, () -> "at " + log.size() + ", gaps " + gaps + ", not at " + seq);
      wait(left);
    }
  }

  private PostmasterClient rest() {
    return PostmasterClient.create(
        vertx, new ClientOptions().setPort(port).setTokenFile(directory.resolve("data/token")));
  }

  private FeedClient feed() {
    return FeedClient.create(
            vertx,
            new FeedClientOptions()
                .setPort(port)
                .setReconnect(Duration.ofMillis(20), Duration.ofMillis(200)))
        .onTransition(this::saw)
        .onGap(this::missed);
  }

  /** Changes that are not waited for: the kill comes in the middle of them. */
  private static Future<?> changes(PostmasterClient rest, Random random) {
    Future<?> last = Future.succeededFuture();
    int most = 1 + random.nextInt(CHANGES_MAX);
    for (int n = 0; n < most; n++) {
      last =
          random.nextInt(3) == 0
              ? rest.register(sentinel("s" + n)).compose(rest::terminate)
              : rest.pause(Target.type("nobody"), Optional.empty());
    }
    return last;
  }

  private static WorkerSpec sentinel(String name) {
    return WorkerSpec.of(name, "postmaster", "sentinel")
        .args(new JsonObject().put("address", "nowhere"))
        .neverRestart();
  }

  private List<Transition> journal(PostmasterClient rest) throws Exception {
    List<Transition> all = new ArrayList<>();
    TransitionPage page = get(rest.transitions(TransitionQuery.all()));
    while (!page.transitions().isEmpty()) {
      all.addAll(page.transitions());
      page = get(rest.transitions(TransitionQuery.after(page.next())));
    }
    return all;
  }

  @Test
  void itsLogIsTheJournalWithoutWhatLiesInGaps() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    FeedClient feed = null;
    for (int kill = 0; kill < KILLS; kill++) {
      try (Jar jar = run()) {
        if (feed == null) {
          feed = feed();
          get(feed.start());
        }
        PostmasterClient rest = rest();
        Future<?> last = changes(rest, random);
        if (random.nextBoolean()) {
          last.otherwiseEmpty().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        jar.kill();
        jar.awaitExit();
        rest.close();
      }
    }
    try (Jar jar = run()) {
      PostmasterClient rest = rest();
      get(rest.pause(Target.all(), Optional.empty()));
      List<Transition> journal = journal(rest);
      await(journal.get(journal.size() - 1).seq());
      get(feed.close());

      assertEquals(told(journal), log, () -> "seed " + seed + ", gaps " + gaps);
      assertTrue(log.size() > journal.size() / 2, () -> log.size() + " of " + journal.size());
      jar.term();
      jar.awaitExit();
    }
  }

  /** Those after the first that it was told, and in no gap. */
  private List<Transition> told(List<Transition> journal) {
    long first = log.get(0).seq();
    return journal.stream()
        .filter(t -> t.seq() >= first)
        .filter(t -> gaps.stream().noneMatch(g -> g.from() <= t.seq() && t.seq() <= g.to()))
        .toList();
  }
}
