package dev.postmaster.client;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.ErrorCode;
import dev.postmaster.Flag;
import dev.postmaster.Phase;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.ShutdownMode;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.support.Life;
import dev.postmaster.web.QuickWeb;
import dev.postmaster.web.WebOptions;
import dev.postmaster.web.WebServer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client of the feed at a real server that shows a real postmaster. */
class FeedClientTest {

  private final AtomicBoolean storm = new AtomicBoolean(true);
  private final Semaphore calmed = new Semaphore(0);
  private Life life;
  private Postmaster postmaster;
  private WebServer server;

  @BeforeEach
  void start() throws Exception {
    start(Life.options());
  }

  private void start(PostmasterOptions options) throws Exception {
    life = Life.started(options);
    postmaster = life.postmaster;
    serve(new WebOptions(), 0);
  }

  /** Java's own transport closes a port a little after it says so. */
  private Future<WebServer> bound(WebOptions options) {
    return WebServer.start(life.vertx, postmaster, options)
        .recover(
            taken -> life.vertx.timer(20, TimeUnit.MILLISECONDS).compose(later -> bound(options)));
  }

  private void restart(PostmasterOptions options) throws Exception {
    life.close();
    start(options);
  }

  private void serve(WebOptions options, int port) throws Exception {
    server = get(bound(options.setPort(port)));
  }

  @AfterEach
  void end() {
    life.close();
  }

  private Followed followed() {
    return new Followed(life.vertx, Followed.options(server.port())).started();
  }

  private static void idle(dev.postmaster.WorkerContext context) throws Exception {
    while (true) {
      context.checkInterrupts();
      context.awaitLatch(Duration.ofHours(1));
    }
  }

  private WorkerHandle idle(String name) throws Exception {
    WorkerHandle handle = get(postmaster.register(WorkerSpec.of(name, () -> FeedClientTest::idle)));
    get(handle.awaitReady());
    return handle;
  }

  /** Workers that fail and are started again at once, for as long as the storm lasts. */
  private void storm(int workers) throws Exception {
    BackgroundWorker stormy =
        context -> {
          if (storm.get()) {
            throw new IllegalStateException("again");
          }
          calmed.release();
          idle(context);
        };
    for (int w = 0; w < workers; w++) {
      WorkerSpec spec = WorkerSpec.of("storm-" + w, () -> stormy);
      get(postmaster.register(spec.restartAfter(Duration.ZERO)));
    }
  }

  private void awaitHead(long seq) throws Exception {
    life.watch.await(t -> t.seq() >= seq);
  }

  private void calm(int workers) throws Exception {
    storm.set(false);
    assertTrue(calmed.tryAcquire(workers, 20, TimeUnit.SECONDS));
    for (int w = 0; w < workers; w++) {
      get(postmaster.find("storm-" + w).orElseThrow().awaitReady());
    }
  }

  @Test
  void thePictureIsWhatThePostmasterHasPublished() throws Exception {
    idle("early");
    Followed feed = followed();
    feed.await("picture", () -> !feed.pictures.isEmpty());

    WorkerHandle leaves = idle("leaves");
    idle("stays");
    WorkerSpec failing =
        WorkerSpec.of(
            "fails",
            () ->
                context -> {
                  throw new IllegalStateException("boom");
                });
    get(postmaster.register(failing.restartAfter(Duration.ofHours(1))));
    life.watch.await(t -> t.name().equals("fails") && t.to() == WorkerState.BACKOFF);
    get(postmaster.register(failing.neverRestart()));
    get(
        postmaster.register(
            WorkerSpec.of("parallel", () -> FeedClientTest::idle).flags(Flag.PARALLEL)));
    get(leaves.terminate());
    get(leaves.awaitGone());

    feed.assertShows(postmaster);
    assertEquals(4, feed.client.picture().workers().size());
    assertEquals(1, feed.client.picture().parallelActive());
    assertEquals(0, feed.client.picture().named("early").get(0).slot());
    assertEquals(List.of(), feed.gaps);
  }

  @Test
  void aWorkerThatFailsAgainIsCountedAsThePostmasterCounts() throws Exception {
    Followed feed = followed();
    feed.await("picture", () -> !feed.pictures.isEmpty());
    storm(1);
    awaitHead(60);
    calm(1);

    feed.assertShows(postmaster);

    WorkerStatus worker = feed.client.picture().named("storm-0").get(0);
    assertTrue(worker.last().times() > 5, worker::toString);
    assertEquals(worker.failures(), worker.last().times());
  }

  @Test
  void aCrashCycleIsInThePicture() throws Exception {
    Followed feed = followed();
    feed.await("picture", () -> !feed.pictures.isEmpty());
    Semaphore crash = new Semaphore(0);
    WorkerSpec bystander =
        WorkerSpec.of("bystander", () -> FeedClientTest::idle)
            .flags(Flag.SHARED_MEMORY)
            .domain("crew");
    get(get(postmaster.register(bystander)).awaitReady());
    WorkerSpec crashing =
        WorkerSpec.of(
                "crashes",
                () ->
                    context -> {
                      crash.acquire();
                      context.exit(7);
                    })
            .flags(Flag.SHARED_MEMORY)
            .domain("crew");
    get(get(postmaster.register(crashing)).awaitReady());
    feed.assertShows(postmaster);

    crash.release();
    life.watch.await(t -> t.name().equals("bystander") && t.starts() == 2 && t.ready());
    life.watch.await(t -> t.name().equals("crashes") && t.starts() == 2 && t.ready());

    feed.assertShows(postmaster);
    assertEquals(1, feed.client.picture().domains().get(0).cycles());
  }

  @Test
  void phaseAndShutdownAreInThePicture() throws Exception {
    restart(Life.options().setPhase(Phase.STARTUP));
    Followed feed = followed();
    feed.await("picture", () -> !feed.pictures.isEmpty());
    assertEquals(Phase.STARTUP, feed.client.picture().phase());

    get(postmaster.advance(Phase.RUN));
    get(postmaster.attach());
    idle("w");
    postmaster.shutdown(ShutdownMode.SMART);
    life.watch.await(t -> t.cause() == dev.postmaster.Cause.SHUTDOWN_BEGIN);

    feed.assertShows(postmaster);
    assertEquals(ShutdownMode.SMART, feed.client.picture().shutdown());
    assertEquals(1, feed.client.picture().left());
  }

  @Test
  void serversThatComeAndGoLoseNothingAndRepeatNothing() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int port = server.port();
    storm(2);
    Followed feed = followed();
    feed.await("picture", () -> !feed.pictures.isEmpty());
    long from = feed.pictures.get(0).seq();
    for (int turn = 0; turn < 12; turn++) {
      feed.awaitSeq(feed.client.picture().seq() + random.nextInt(300));
      get(server.close());
      awaitHead(postmaster.transitions().head() + random.nextInt(500));
      serve(new WebOptions(), port);
      int connected = turn + 2;
      feed.await("connection, seed " + seed, () -> feed.hellos.size() >= connected);
    }
    calm(2);

    feed.assertShows(postmaster);
    feed.assertComplete(life.watch.seen(), from);
    assertTrue(feed.ends.size() >= 12);
    assertTrue(feed.ends.stream().anyMatch(end -> end.code() == 1001));
  }

  @Test
  void whatAJournalHasForgottenMeanwhileIsAGapAndAPicture() throws Exception {
    restart(Life.options().setJournalCapacity(256));
    int port = server.port();
    storm(4);
    Followed feed = followed();
    feed.await("picture", () -> !feed.pictures.isEmpty());
    long from = feed.pictures.get(0).seq();
    for (int turn = 0; turn < 4; turn++) {
      get(server.close());
      awaitHead(postmaster.transitions().head() + 1_000);
      serve(new WebOptions(), port);
      int pictures = turn + 2;
      feed.await("another picture", () -> feed.pictures.size() >= pictures);
    }
    calm(4);

    feed.assertShows(postmaster);
    feed.assertComplete(life.watch.seen(), from);
    assertTrue(feed.gaps.stream().anyMatch(gap -> gap.reason().equals("overrun")));
  }

  @Test
  void anotherPostmasterIsAGapAndItsPicture() throws Exception {
    int port = server.port();
    try (Life elsewhere = Life.started()) {
      Followed feed = new Followed(elsewhere.vertx, Followed.options(port)).started();
      idle("old");
      feed.assertShows(postmaster);
      String epoch = postmaster.epoch();

      get(server.close());
      life.close();
      life = Life.started();
      postmaster = life.postmaster;
      idle("new");
      serve(new WebOptions(), port);

      feed.assertShows(postmaster);
      assertFalse(epoch.equals(feed.client.picture().epoch()));
      assertEquals("epoch", feed.gaps.get(feed.gaps.size() - 1).reason());
      get(feed.client.close());
    }
  }

  @Test
  void withoutASnapshotItIsALogOnlyAndAGapIsAGap() throws Exception {
    restart(Life.options().setJournalCapacity(256));
    int port = server.port();
    Followed feed = new Followed(life.vertx, Followed.options(port).setSnapshot(false));
    FeedPicture empty = get(feed.client.start());
    assertFalse(empty.whole());
    assertEquals(Set.of(), empty.workers().keySet());
    storm(4);
    feed.awaitSeq(empty.seq() + 50);

    get(server.close());
    awaitHead(postmaster.transitions().head() + 1_000);
    serve(new WebOptions(), port);
    feed.await("4410", () -> feed.ends.stream().anyMatch(end -> end.code() == 4410));
    feed.await("a gap", () -> !feed.gaps.isEmpty());
    calm(4);

    feed.awaitSeq(postmaster.transitions().head());
    feed.assertComplete(life.watch.seen(), empty.seq());
    assertEquals(List.of(), feed.pictures);
  }

  @Test
  void handlersAreCalledOnTheContextOfTheStartAndMayThrow() throws Exception {
    Vertx vertx = life.vertx;
    Context mine = vertx.getOrCreateContext();
    Set<Context> seen = ConcurrentHashMap.newKeySet();
    Semaphore told = new Semaphore(0);
    FeedClient client = FeedClient.create(vertx, Followed.options(server.port()));
    client.onTransition(
        t -> {
          seen.add(Vertx.currentContext());
          told.release();
          throw new IllegalStateException("a handler's bug");
        });
    client.onPicture(
        p -> {
          seen.add(Vertx.currentContext());
          throw new AssertionError("another's");
        });
    Promise<FeedPicture> started = Promise.promise();
    mine.runOnContext(on -> client.start().onComplete(started));
    get(started.future());

    idle("w");

    assertTrue(told.tryAcquire(3, 20, TimeUnit.SECONDS));
    assertEquals(Set.of(mine), seen);
    get(client.close());
    get(client.ended());
  }

  @Test
  void whoNeverGetsThroughIsToldSoAndCanEndIt() throws Exception {
    get(server.close());
    Followed feed = followed();

    feed.await("attempts", () -> feed.ends.size() >= 5);
    get(feed.client.close());

    get(feed.client.ended());
    PostmasterException unmet =
        assertThrows(PostmasterException.class, () -> get(feed.client.start()));
    assertEquals(ErrorCode.POSTMASTER_DIED, unmet.code());
    assertEquals(0, feed.ends.get(0).code());
  }

  @Test
  void aFilterThatTheServerRefusesEndsIt() throws Exception {
    FeedClientOptions options =
        Followed.options(server.port()).setFilter(FeedFilter.ALL.name("two*stars*")).setWindow(8);
    Followed feed = new Followed(life.vertx, options).started();

    PostmasterException refusal =
        assertThrows(PostmasterException.class, () -> get(feed.client.ended()));

    assertEquals(ErrorCode.BAD_REQUEST, refusal.code());
  }

  @Test
  void aRefusedUpgradeIsRetriedOnlyWhereThatHelps() throws Exception {
    get(server.close());
    serve(new WebOptions().setMaxConnections(1), server.port());
    Followed first = followed();
    first.await("picture", () -> !first.pictures.isEmpty());
    Followed second = followed();
    second.await("refusals", () -> second.ends.size() >= 3);

    get(first.client.close());

    second.assertShows(postmaster);
  }

  @Test
  void aLinkThatSwallowsEverythingIsFoundDeadAndReplaced() throws Exception {
    int port = server.port();
    get(server.close());
    serve(QuickWeb.heartbeat(Duration.ofMillis(100)), port);
    try (Swallower proxy = Swallower.before(life.vertx, port)) {
      Followed feed = new Followed(life.vertx, Followed.options(proxy.port())).started();
      feed.assertShows(postmaster);
      long from = feed.pictures.get(0).seq();

      proxy.swallow();
      idle("unseen");
      feed.await("its end", () -> !feed.ends.isEmpty());

      assertEquals("two heartbeats are missing", feed.ends.get(0).reason());
      proxy.pass();
      feed.assertShows(postmaster);
      feed.assertComplete(life.watch.seen(), from);
      get(feed.client.close());
    }
  }

  @Test
  void whoIsTooSlowIsToldTheGapAndSeesTheSlotsThatChanged() throws Exception {
    idle("untouched");
    Semaphore block = new Semaphore(0);
    Vertx own = Vertx.vertx();
    Followed feed = new Followed(own, Followed.options(server.port()));
    feed.client.onConnected(hello -> own.runOnContext(on -> block.acquireUninterruptibly()));
    storm(4);
    feed.started();
    long before = postmaster.transitions().head();
    awaitHead(before + 8_000);
    calm(4);

    block.release();

    feed.assertShows(postmaster);
    long from = feed.pictures.get(0).seq();
    feed.assertComplete(life.watch.seen(), from);
    get(own.close());
  }

  @Test
  void withItsVerticleItEnds() throws Exception {
    Followed feed = new Followed(life.vertx, Followed.options(server.port()));
    String id =
        get(
            life.vertx.deployVerticle(
                new VerticleBase() {
                  @Override
                  public Future<?> start() {
                    return feed.client.start();
                  }
                }));
    feed.assertShows(postmaster);

    get(life.vertx.undeploy(id));
    get(feed.client.ended());
  }
}
