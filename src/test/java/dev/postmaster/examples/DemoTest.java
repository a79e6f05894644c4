package dev.postmaster.examples;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Flag;
import dev.postmaster.Readiness;
import dev.postmaster.ShutdownReport;
import dev.postmaster.Signal;
import dev.postmaster.Transition;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo's workers: what they are, and what each does. */
class DemoTest {

  @TempDir Path directory;

  private Tables tables;
  private Life life;

  @BeforeEach
  void start() throws Exception {
    tables = new Tables(directory);
    life = Life.started(tables.options());
  }

  @AfterEach
  void close() throws Exception {
    life.close();
    tables.close();
  }

  private WorkerHandle run(String function, JsonObject args, Flag... flags) throws Exception {
    WorkerSpec spec =
        WorkerSpec.of(function, "examples", function)
            .flags(flags)
            .restartAfter(Duration.ofMillis(50))
            .stop(Duration.ofMillis(50), Duration.ofMillis(50))
            .args(args);
    return get(life.postmaster.register(spec));
  }

  @Test
  void allOfThemAreAcceptedTogetherAndRun() throws Exception {
    Map<String, WorkerHandle> handles = new HashMap<>();
    for (WorkerSpec spec : Demo.workers("http://127.0.0.1:1/", directory.resolve("access.log"))) {
      // Its thread is to return some day: a Vertx waits for it before it closes.
      WorkerSpec mortal =
          spec.name().equals("stubborn") ? spec.args(new JsonObject().put("lasts", "2s")) : spec;
      handles.put(spec.name(), get(life.postmaster.register(mortal)));
    }

    for (WorkerHandle handle : handles.values()) {
      get(handle.awaitStarted());
    }
    get(handles.get("one-shot").awaitGone());

    assertEquals(9, handles.size());
    assertEquals(Exit.COMPLETED, handles.get("one-shot").status().last().exit());
    assertEquals("demo", handles.get("memory-holder").status().domain());
    assertEquals("demo", handles.get("memory-friend").status().domain());
    assertEquals(5_000, handles.get("crasher").status().restartMs());
    assertEquals(8, life.postmaster.list().size());
  }

  @Test
  void anUrlOfAnotherMachineIsNotRead() throws Exception {
    Stream.of("http://example.org/", "http://127.0.0.1.example.org/", "file:///etc/passwd", "")
        .forEach(url -> assertFalse(Ticker.isLoopback(url), url));
    Stream.of("http://127.0.0.1:7432/api", "http://localhost/", "http://[::1]:1/")
        .forEach(url -> assertTrue(Ticker.isLoopback(url), url));
    WorkerHandle handle =
        run(
            "ticker",
            new JsonObject().put("url", "http://example.org/"),
            Flag.SHARED_MEMORY,
            Flag.DATABASE_CONNECTION);

    get(handle.awaitStopped());

    assertTrue(handle.status().last().message().contains("is not an address of this machine"));
  }

  @Test
  void theTickerInsertsRowsAndReadsTheUrl() throws Exception {
    CountDownLatch reads = new CountDownLatch(3);
    HttpServer server =
        get(
            life.vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      reads.countDown();
                      request.response().end("yes");
                    })
                .listen(0, "127.0.0.1"));
    run(
        "ticker",
        new JsonObject()
            .put("interval", "10ms")
            .put("getEvery", "20ms")
            .put("url", "http://127.0.0.1:" + server.actualPort() + "/"),
        Flag.SHARED_MEMORY,
        Flag.DATABASE_CONNECTION);

    assertTrue(reads.await(20, TimeUnit.SECONDS));
    tables.await(1, "select 1 from counter.counted where type = 'delta' having count(*) >= 5");
  }

  @Test
  void anUrlThatNobodyAnswersDoesNotStopTheTicker() throws Exception {
    WorkerHandle handle =
        run(
            "ticker",
            new JsonObject()
                .put("interval", "10ms")
                .put("getEvery", "10ms")
                .put("url", "http://127.0.0.1:1/"),
            Flag.SHARED_MEMORY,
            Flag.DATABASE_CONNECTION);

    tables.await(1, "select 1 from counter.counted where type = 'delta' having count(*) >= 10");

    assertEquals(0, handle.status().failures());
  }

  @Test
  void theCrasherFailsAndComesAgain() throws Exception {
    WorkerHandle handle = run("crasher", new JsonObject().put("after", "10ms"));

    life.watch.await(t -> t.to() == WorkerState.RUNNING, 3);

    assertTrue(handle.status().exits().get(Exit.FAILED.ordinal() - 1) >= 2);
  }

  @Test
  void theSlowStartIsReadyLaterThanItRuns() throws Exception {
    WorkerSpec spec =
        WorkerSpec.of("slow", "examples", "slow-start")
            .ready(Readiness.SAID)
            .args(new JsonObject().put("readyAfter", "30ms"));
    WorkerHandle handle = get(life.postmaster.register(spec));

    // Not by their times: a loop that is late records the start late, and only that.
    Transition started = life.watch.await(t -> t.cause() == Cause.STARTED);
    Transition ready = life.watch.await(t -> t.cause() == Cause.READY);

    assertFalse(started.ready());
    assertTrue(ready.seq() > started.seq());
    assertTrue(get(handle.awaitReady()).ready());
  }

  @Test
  void theStubbornIsAbandonedAndReportedWithItsStack() throws Exception {
    WorkerHandle handle = run("stubborn", new JsonObject().put("lasts", "2s"));
    get(handle.awaitStarted());

    ShutdownReport report = get(life.postmaster.close());

    assertEquals(
        List.of(handle.handle()), report.abandoned().stream().map(a -> a.handle()).toList());
    assertTrue(
        report.abandoned().get(0).stack().stream()
            .anyMatch(frame -> frame.getClassName().equals(Stubborn.class.getName())));
  }

  @Test
  void aCrashOfTheHolderRestartsItsFriendAndNobodyElse() throws Exception {
    WorkerHandle bystander =
        run("slow-start", new JsonObject().put("readyAfter", "1ms"), Flag.SHARED_MEMORY);
    WorkerHandle friend = domain("memory-friend", new JsonObject().put("beat", "5ms"));
    WorkerHandle holder =
        domain("memory-holder", new JsonObject().put("beat", "5ms").put("first", "1h"));
    get(bystander.awaitReady());
    get(friend.awaitReady());
    get(holder.awaitReady());

    get(holder.signal(Signal.USR1));
    life.watch.await(t -> t.cause() == Cause.CRASH_END);
    life.watch.await(t -> t.name().equals("memory-friend") && t.to() == WorkerState.RUNNING, 2);
    life.watch.await(t -> t.name().equals("memory-holder") && t.to() == WorkerState.RUNNING, 2);

    assertEquals(3, holder.status().last().code());
    assertEquals(2, friend.status().starts());
    assertEquals(1, bystander.status().starts());
  }

  private WorkerHandle domain(String function, JsonObject args) throws Exception {
    WorkerSpec spec =
        WorkerSpec.of(function, "examples", function)
            .flags(Flag.SHARED_MEMORY)
            .domain("demo")
            .args(args);
    return get(life.postmaster.register(spec));
  }

  @Test
  void theHolderCrashesAfterItsTimeAndLaterTheNext() throws Exception {
    WorkerHandle holder =
        domain(
            "memory-holder",
            new JsonObject().put("beat", "5ms").put("first", "20ms").put("every", "1h"));

    life.watch.await(t -> t.cause() == Cause.CRASH_END);
    life.watch.await(t -> t.to() == WorkerState.RUNNING, 2);

    assertEquals(Exit.CRASHED, holder.status().last().exit());
    assertEquals("crashed after 20 ms", holder.status().last().message());
  }
}
