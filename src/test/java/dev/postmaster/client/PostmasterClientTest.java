package dev.postmaster.client;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.StatusJson;
import dev.postmaster.Target;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerQuery;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import dev.postmaster.web.WebOptions;
import dev.postmaster.web.WebServer;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be asked over HTTP, asked of a real server that shows a real postmaster. */
class PostmasterClientTest {

  private static final String TOKEN = "0123456789abcdef0123456789abcdef";

  private Life life;
  private Postmaster postmaster;
  private WebServer server;
  private PostmasterClient client;

  @BeforeEach
  void start() throws Exception {
    start(Life.options());
  }

  private void start(PostmasterOptions options) throws Exception {
    life = Life.started(options);
    postmaster = life.postmaster;
    WebOptions web = new WebOptions().setPort(0).setToken(TOKEN).setAllowShutdown(true);
    server = get(WebServer.start(life.vertx, postmaster, web));
    client = PostmasterClient.create(life.vertx, options().setToken(TOKEN));
  }

  private ClientOptions options() {
    return new ClientOptions().setPort(server.port());
  }

  @AfterEach
  void end() {
    client.close();
    life.close();
  }

  private static WorkerSpec sentinel(String name) {
    return WorkerSpec.of(name, "postmaster", "sentinel")
        .args(new JsonObject().put("address", "somewhere"))
        .neverRestart();
  }

  private WorkerHandle idle(String name) throws Exception {
    WorkerSpec spec =
        WorkerSpec.of(
            name,
            () ->
                context -> {
                  while (true) {
                    context.checkInterrupts();
                    context.awaitLatch(Duration.ofHours(1));
                  }
                });
    WorkerHandle handle = get(postmaster.register(spec));
    get(handle.awaitReady());
    return handle;
  }

  private static PostmasterException refused(ErrorCode code, Future<?> asked) {
    PostmasterException refusal = assertThrows(PostmasterException.class, () -> get(asked));
    assertEquals(code, refusal.code(), refusal::getMessage);
    return refusal;
  }

  @Test
  void theStatusIsThePostmasters() throws Exception {
    idle("w");

    PostmasterStatus status = get(client.status());

    PostmasterStatus ours = postmaster.status();
    assertEquals(ours.epoch(), status.epoch());
    assertEquals(ours.seq(), status.seq());
    assertEquals(ours.workers(), status.workers());
    assertEquals(ours.domains(), status.domains());
    assertEquals(ours.startedAt(), status.startedAt());
    assertEquals(ours.slotsTotal(), status.slotsTotal());
    assertEquals(ShutdownMode.NONE, status.shutdown());
    assertEquals("OPEN", get(client.statusJson()).getJsonObject("journal").getString("state"));
  }

  @Test
  void workersComeInPagesAndAllTogether() throws Exception {
    for (String name : List.of("a", "b", "c")) {
      idle(name);
    }

    WorkerPage page =
        get(
            client.workers(
                new WorkerQuery(
                    -1,
                    2,
                    Optional.of(WorkerState.RUNNING),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty())));

    assertEquals(OptionalInt.of(1), page.next());
    assertEquals(postmaster.epoch(), page.epoch());
    assertEquals(Followed.workers(postmaster.list()), Followed.workers(get(client.workers())));
    assertEquals(
        List.of("b"),
        get(client.workers(WorkerQuery.named("b", 5))).workers().stream()
            .map(worker -> worker.name())
            .toList());
  }

  @Test
  void aWorkerIsFoundByHandleSlotAndName() throws Exception {
    String name = "a/b #% ü?+&=";
    Handle handle = idle(name).handle();

    for (String id : List.of(handle.toString(), "#0", name)) {
      assertEquals(handle, get(client.worker(id)).handle(), id);
    }
    assertEquals(name, get(client.workerJson("#0")).getString("name"));
    refused(ErrorCode.UNKNOWN_WORKER, client.worker("nobody"));
    idle(name);
    PostmasterException twice = refused(ErrorCode.AMBIGUOUS_NAME, client.worker(name));
    assertEquals(handle, twice.holders().get(0).handle());
  }

  @Test
  void aWorkerIsRegisteredOnceForEachKeyAwaitedAndTerminated() throws Exception {
    Handle handle = get(client.register(sentinel("s"), "key"));

    assertEquals(handle, get(client.register(sentinel("s"), "key")));
    AwaitResult started = get(client.await(handle, AwaitGoal.STARTED, Duration.ofSeconds(20)));
    assertEquals(WorkerState.RUNNING, started.state());
    assertEquals(handle, started.handle());
    assertEquals(Exit.NONE, started.exit());
    assertTrue(started.runId() > 0);
    assertTrue(get(client.terminate(handle)) != WorkerState.RUNNING);
    AwaitResult gone = get(client.await(handle, AwaitGoal.GONE, Duration.ofSeconds(20)));
    assertEquals(WorkerState.FREE, gone.state());
    assertEquals(Optional.of(dev.postmaster.Cause.TERMINATE), gone.reason());
    assertFalse(handle.equals(get(client.register(sentinel("s")))));
  }

  @Test
  void aWaitThatRunsOutFailsAsInJava() throws Exception {
    Handle handle = idle("w").handle();

    refused(ErrorCode.TIMEOUT, client.await(handle, AwaitGoal.GONE, Duration.ofMillis(30)));
    refused(ErrorCode.TIMEOUT, client.await(handle, AwaitGoal.GONE, Duration.ZERO));
  }

  @Test
  void refusalsComeWithTheirFacts() throws Exception {
    client.close();
    life.close();
    start(Life.options().setMaxWorkers(1));
    Handle first = get(client.register(sentinel("first")));

    PostmasterException full = refused(ErrorCode.NO_FREE_SLOT, client.register(sentinel("second")));

    assertEquals(1, full.limit());
    assertEquals(1, full.used());
    assertEquals(first, full.holders().get(0).handle());
    assertTrue(full.getMessage().contains("1"), full::getMessage);
    refused(ErrorCode.UNKNOWN_ENTRY_POINT, client.register(WorkerSpec.of("x", "postmaster", "no")));
    refused(ErrorCode.INVALID_SPEC, client.register(WorkerSpec.of("x", () -> c -> {})));
    refused(ErrorCode.INVALID_SPEC, client.register(WorkerSpec.of("", "postmaster", "sentinel")));
    Handle stale = new Handle(first.epoch(), 0, 7);
    refused(ErrorCode.STALE_HANDLE, client.terminate(stale));
    refused(ErrorCode.BAD_REQUEST, client.register(sentinel("x"), ""));
  }

  @Test
  void aSignalReachesItsRun() throws Exception {
    CountDownLatch heard = new CountDownLatch(1);
    WorkerSpec spec =
        WorkerSpec.of(
            "w",
            () ->
                context -> {
                  context.onSignal(Signal.HUP, heard::countDown);
                  context.ready();
                  while (true) {
                    context.checkInterrupts();
                    context.awaitLatch(Duration.ofHours(1));
                  }
                });
    WorkerHandle handle = get(postmaster.register(spec.ready(dev.postmaster.Readiness.SAID)));
    get(handle.awaitReady());

    get(client.signal(handle.handle(), Signal.HUP));

    assertTrue(heard.await(20, TimeUnit.SECONDS));
  }

  @Test
  void pauseDrainAndResumeSayHowManyTheyMeet() throws Exception {
    WorkerHandle handle = idle("w");
    idle("x");

    assertEquals(2, get(client.pause(Target.all(), Optional.empty())));
    assertTrue(get(client.worker("w")).paused());
    assertEquals(
        1,
        get(client.drain(Target.of(handle.handle()), Optional.of(Instant.now().plusSeconds(9)))));
    assertEquals(1, get(client.pause(Target.type("x"), Optional.empty())));
    assertEquals(2, get(client.resume(Target.all())));
    refused(
        ErrorCode.BAD_REQUEST,
        client.resume(new Target(Target.Kind.GROUP, "crew", Optional.empty())));
  }

  @Test
  void phaseAndShutdownAreAskedFor() throws Exception {
    client.close();
    life.close();
    start(Life.options().setPhase(Phase.STARTUP));

    get(client.advance(Phase.CONSISTENT));

    assertEquals(Phase.CONSISTENT, get(client.status()).phase());
    refused(ErrorCode.BAD_REQUEST, client.advance(Phase.STARTUP));
    assertEquals(ShutdownMode.FAST, get(client.shutdown(ShutdownMode.FAST)));
    assertFalse(get(postmaster.ended()).abnormal());
  }

  @Test
  void theJournalIsReadPageByPage() throws Exception {
    idle("a");
    idle("b");
    List<String> all =
        postmaster.transitionsAfter(0).transitions().stream()
            .map(t -> StatusJson.transition(t).encode())
            .toList();

    TransitionPage first =
        get(
            client.transitions(
                new TransitionQuery(Optional.empty(), 3, OptionalInt.empty(), Optional.empty())));
    TransitionPage rest = get(client.transitions(TransitionQuery.after(first.next())));

    assertEquals(3, first.transitions().size());
    assertEquals(new FeedPosition(postmaster.epoch(), 3), first.next());
    assertEquals(
        all,
        java.util.stream.Stream.of(first, rest)
            .flatMap(page -> page.transitions().stream())
            .map(t -> StatusJson.transition(t).encode())
            .toList());
    TransitionPage ofOne =
        get(
            client.transitions(
                new TransitionQuery(Optional.empty(), 1_000, OptionalInt.of(1), Optional.of("b"))));
    assertTrue(ofOne.transitions().stream().allMatch(t -> t.own() || t.slot() == 1));
    FeedPosition elsewhere = new FeedPosition(Messages.EPOCH, 1);
    assertEquals(
        "epoch",
        get(client.transitions(TransitionQuery.after(elsewhere))).gap().orElseThrow().reason());
  }

  @Test
  void entryPointsHaveTheirSchemas() throws Exception {
    RemoteEntryPoint sentinel =
        get(client.entryPoints()).stream()
            .filter(point -> point.function().equals("sentinel"))
            .findFirst()
            .orElseThrow();

    assertEquals("postmaster", sentinel.library());
    assertFalse(sentinel.description().isEmpty());
    assertFalse(sentinel.schema().isEmpty());
  }

  @Test
  void theTokenMayComeFromAFileWhichIsReadAgain(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("token");
    Files.writeString(file, "another-token-of-an-earlier-start\n");
    PostmasterClient byFile = PostmasterClient.create(life.vertx, options().setTokenFile(file));
    refused(ErrorCode.UNAUTHENTICATED, byFile.advance(Phase.RUN));

    Files.writeString(file, TOKEN + "\n");

    get(byFile.advance(Phase.RUN));
    Files.writeString(file, "two\nlines");
    refused(ErrorCode.UNAUTHENTICATED, byFile.status());
    Files.delete(file);
    assertThrows(io.vertx.core.file.FileSystemException.class, () -> get(byFile.status()));
    PostmasterClient without = PostmasterClient.create(life.vertx, options());
    get(without.status());
    refused(ErrorCode.UNAUTHENTICATED, without.advance(Phase.RUN));
  }

  @Test
  void whereNobodyListensTheFailureIsThatOfTheNetwork() throws Exception {
    get(server.close());

    assertThrows(ConnectException.class, () -> get(client.status()));
  }

  private PostmasterClient at(HttpServer odd) {
    return PostmasterClient.create(
        life.vertx,
        new ClientOptions().setPort(odd.actualPort()).setTimeout(Duration.ofSeconds(5)));
  }

  @Test
  void anAnswerThatIsNoneIsSaidSo() throws Exception {
    for (String body : List.of("", "[]", "null", "{", "{\"epoch\":7}", "<html>")) {
      HttpServer odd =
          get(
              life.vertx
                  .createHttpServer()
                  .requestHandler(request -> request.response().end(body))
                  .listen(0, "127.0.0.1"));
      PostmasterClient asked = at(odd);
      refused(ErrorCode.INTERNAL, asked.status());
      refused(ErrorCode.INTERNAL, asked.worker("w"));
      refused(ErrorCode.INTERNAL, asked.terminate(new Handle(Messages.EPOCH, 1, 1)));
      get(odd.close());
    }
    HttpServer proxy =
        get(
            life.vertx
                .createHttpServer()
                .requestHandler(request -> request.response().setStatusCode(502).end("<html>"))
                .listen(0, "127.0.0.1"));
    assertEquals(
        "the server answered with HTTP 502",
        refused(ErrorCode.INTERNAL, at(proxy).status()).getMessage());
  }

  @Test
  void aLongWaitIsAskedForInPollsOfThirtySeconds() throws Exception {
    AtomicInteger polls = new AtomicInteger();
    HttpServer hasty =
        get(
            life.vertx
                .createHttpServer()
                .requestHandler(
                    request -> {
                      polls.incrementAndGet();
                      String asked = request.getParam("timeoutMs");
                      request.response().end("{\"outcome\":\"timeout\",\"x\":" + asked + "}");
                    })
                .listen(0, "127.0.0.1"));
    Handle handle = new Handle(Messages.EPOCH, 1, 1);

    refused(ErrorCode.TIMEOUT, at(hasty).await(handle, AwaitGoal.READY, Duration.ofSeconds(100)));

    assertEquals(4, polls.get());
  }
}
