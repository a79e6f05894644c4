package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.StatusJson;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerStatus;
import dev.postmaster.support.Life;
import dev.postmaster.support.Viewer;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A postmaster and its server, viewers, and a storm of transitions for them. */
abstract class FeedSetup {

  final AtomicBoolean storm = new AtomicBoolean(true);
  private final Semaphore calmed = new Semaphore(0);
  Life life;
  Postmaster postmaster;
  WebServer server;
  WebSocketClient client;

  @BeforeEach
  void start() throws Exception {
    start(new WebOptions());
  }

  private void start(WebOptions options) throws Exception {
    start(Life.options(), options);
  }

  void start(PostmasterOptions ofPostmaster, WebOptions options) throws Exception {
    life = Life.started(ofPostmaster);
    postmaster = life.postmaster;
    server = get(WebServer.start(life.vertx, postmaster, options.setPort(0)));
    client = Viewer.client(life.vertx);
  }

  void restart(WebOptions options) throws Exception {
    restart(Life.options(), options);
  }

  void restart(PostmasterOptions ofPostmaster, WebOptions options) throws Exception {
    life.close();
    start(ofPostmaster, options);
  }

  @AfterEach
  void end() {
    life.close();
  }

  Viewer subscribed(JsonObject subscribe) throws Exception {
    return Viewer.subscribed(client, server.port(), subscribe);
  }

  Viewer subscribed() throws Exception {
    return subscribed(Viewer.subscribe());
  }

  static BackgroundWorker idle() {
    return context -> {
      while (true) {
        context.checkInterrupts();
        context.awaitLatch(Duration.ofHours(1));
      }
    };
  }

  WorkerHandle register(String name) throws Exception {
    return get(postmaster.register(WorkerSpec.of(name, FeedTest::idle)));
  }

  /** Workers that fail and are started again at once, for as long as the storm lasts. */
  void storm(int workers) throws Exception {
    BackgroundWorker stormy =
        context -> {
          if (storm.get()) {
            throw new IllegalStateException("again");
          }
          calmed.release();
          idle().run(context);
        };
    for (int w = 0; w < workers; w++) {
      WorkerSpec spec = WorkerSpec.of("storm-" + w, () -> stormy);
      get(postmaster.register(spec.restartAfter(Duration.ZERO)));
    }
  }

  void awaitHead(long seq) throws Exception {
    life.watch.await(t -> t.seq() >= seq);
  }

  /** Ends the storm, and waits until every worker of it stays. */
  void calm(int workers) throws Exception {
    storm.set(false);
    assertTrue(calmed.tryAcquire(workers, 20, TimeUnit.SECONDS));
    long published = postmaster.status().seq();
    while (!postmaster.list().stream().allMatch(WorkerStatus::ready)) {
      awaitHead(published + 1);
      published = postmaster.status().seq();
    }
  }

  List<String> table() {
    return postmaster.list().stream().map(StatusJson::worker).map(Viewer::line).toList();
  }

  void assertSeesTheTable(Viewer viewer) throws Exception {
    viewer.awaitPicture(postmaster.transitions().head(), table());
    viewer.assertWhole();
  }

  /** Six thousand records: more than the sockets hold and a slow viewer may be behind. */
  long stormPast(Viewer slow) throws Exception {
    slow.await("snapshot", 1);
    slow.socket().pause();
    storm(8);
    long before = postmaster.transitions().head();
    awaitHead(before + 6_000);
    calm(8);
    return before;
  }

  static WebOptions quickToClose() {
    return new WebOptions()
        .setHeartbeat(Duration.ofMillis(50))
        .setSlowLimit(Duration.ofMillis(200));
  }
}
