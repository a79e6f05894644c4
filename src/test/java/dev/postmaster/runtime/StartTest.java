package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.EntryPoint;
import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.Flag;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.Registrar;
import dev.postmaster.ShutdownReport;
import dev.postmaster.Target;
import dev.postmaster.Threading;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerLibrary;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Life;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.core.shareddata.Shareable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Before the start, the start itself, and what a caller may get wrong. */
class StartTest {

  private record Library(String name, List<EntryPoint> entryPoints, Consumer<Registrar> atPreload)
      implements WorkerLibrary {

    @Override
    public void preload(Registrar registrar) {
      atPreload.accept(registrar);
    }
  }

  private static EntryPoint point(String name, Supplier<? extends BackgroundWorker> factory) {
    return EntryPoint.of(name, "for a test", new JsonObject(), factory);
  }

  private Vertx vertx;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private Postmaster create(PostmasterOptions options) {
    return Postmaster.create(vertx, options);
  }

  private static PostmasterException refused(Future<?> request) {
    return assertThrows(PostmasterException.class, () -> get(request));
  }

  @Test
  void allFaultsStopTheStartAtOnce() throws Exception {
    Postmaster postmaster =
        create(
            Life.options().setMaxWorkers(1).setName("Bad Name").setLibraries(List.of("missing")));
    Future<WorkerHandle> wrong =
        postmaster.register(Workers.idle("x").flags(Flag.DATABASE_CONNECTION));
    Future<WorkerHandle> right = postmaster.register(Workers.idle("y"));

    PostmasterException refusal = refused(postmaster.start());

    assertEquals(ErrorCode.INVALID_SPEC, refusal.code());
    for (String fault : List.of("Bad Name", "missing", "SHARED_MEMORY")) {
      assertTrue(refusal.getMessage().contains(fault), refusal.getMessage());
    }
    assertEquals(ErrorCode.INVALID_SPEC, refused(wrong).code());
    assertEquals(ErrorCode.INVALID_SPEC, refused(right).code());
  }

  @Test
  void aFaultOfTheOptionsHidesNoneOfTheWorkers() {
    Postmaster limited = create(Life.options().setMaxWorkers(1).setName("Bad Name"));
    limited.register(Workers.idle("a").requires("b"));
    limited.register(Workers.idle("b").requires("a"));
    limited.register(Workers.idle("c").notify("somebody"));
    Future<WorkerHandle> second = limited.register(Workers.idle("d"));
    Postmaster wrongLimit = create(Life.options().setMaxWorkers(-1));
    wrongLimit.register(Workers.idle("a"));
    wrongLimit.register(Workers.idle("b").notify("somebody"));

    String all = refused(limited.start()).getMessage();
    String other = refused(wrongLimit.start()).getMessage();

    assertEquals(ErrorCode.NO_FREE_SLOT, refused(second).code());
    for (String fault : List.of("Bad Name", "a cycle", "somebody", "maxWorkers is 1")) {
      assertTrue(all.contains(fault), all);
    }
    assertTrue(other.startsWith("maxWorkers: -1 is not between"), other);
    assertTrue(other.contains("somebody"), other);
    assertFalse(other.contains("slots are taken"), other);
  }

  @Test
  void aSingleFaultKeepsItsCode() {
    Postmaster postmaster = create(Life.options().setMaxWorkers(1));
    postmaster.register(Workers.idle("a"));
    postmaster.register(Workers.idle("b"));

    assertEquals(ErrorCode.NO_FREE_SLOT, refused(postmaster.start()).code());
  }

  @Test
  void aMainMayNotBeOnAnEventLoop() throws Exception {
    Postmaster postmaster = get(create(Life.options()).start());

    PostmasterException refusal =
        refused(postmaster.register(Workers.idle("w").threading(Threading.EVENT_LOOP)));

    assertEquals(ErrorCode.INVALID_SPEC, refusal.code());
    assertTrue(refusal.getMessage().startsWith("threading: \"EVENT_LOOP\""), refusal.getMessage());
    get(postmaster.close());
  }

  @Test
  void aStaticWorkerMayNotNotify() {
    Postmaster postmaster = create(Life.options());

    PostmasterException refusal = refused(postmaster.register(Workers.idle("w").notify("a")));

    assertEquals(ErrorCode.NOTIFY_NOT_ALLOWED, refusal.code());
  }

  @Test
  void aLibraryPreloadsItsWorkersBeforeAllOthers() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    Library library =
        new Library(
            "lib",
            List.of(point("fn", () -> context -> ran.countDown())),
            registrar -> registrar.register(WorkerSpec.of("preloaded", "lib", "fn")));
    Postmaster postmaster = create(Life.options().addLibrary(library));
    Future<WorkerHandle> own = postmaster.register(Workers.idle("own"));

    get(postmaster.start());

    assertEquals(1, get(own).handle().slot());
    Workers.await(ran);
    assertTrue(postmaster.entryPoints().containsKey("lib/fn"));
    PostmasterException refusal = refused(postmaster.register(WorkerSpec.of("w", "lib", "other")));
    assertTrue(refusal.getMessage().contains("lib/fn"), refusal.getMessage());
    get(postmaster.close());
  }

  @Test
  void aLibraryWhosePreloadThrowsIsAFaultOfTheStart() {
    Library library =
        new Library(
            "lib",
            List.of(),
            registrar -> {
              throw new IllegalStateException("no licence");
            });

    PostmasterException refusal = refused(create(Life.options().addLibrary(library)).start());

    assertTrue(refusal.getMessage().contains("no licence"), refusal.getMessage());
  }

  @Test
  void aSecondPostmasterOfTheSameNameIsRefusedUntilTheFirstHasEnded() throws Exception {
    Postmaster first = get(create(Life.options()).start());
    WorkerHandle worker = get(first.register(Workers.idle("w")));
    get(worker.awaitStarted());

    PostmasterException refusal = refused(create(Life.options()).start());

    assertTrue(refusal.getMessage().contains("default"), refusal.getMessage());
    assertEquals(1, first.list().size());
    get(first.close());
    get(get(create(Life.options()).start()).close());
  }

  @Test
  void startedTwiceItGoesOnAsItIs() throws Exception {
    Postmaster postmaster = create(Life.options());
    Future<Postmaster> once = postmaster.start();
    Future<Postmaster> twice = postmaster.start();
    get(once);

    assertEquals(ErrorCode.BAD_REQUEST, refused(twice).code());
    assertEquals(
        Exit.COMPLETED,
        get(get(postmaster.register(Workers.of("w", c -> {}))).awaitGone()).last().exit());
    get(postmaster.close());
  }

  @Test
  void closedBeforeTheStartItNeverStarts() throws Exception {
    Postmaster postmaster = create(Life.options());
    ShutdownReport report = get(postmaster.close());

    assertFalse(report.abnormal());
    assertEquals(ErrorCode.POSTMASTER_DIED, refused(postmaster.start()).code());
    assertEquals(ErrorCode.POSTMASTER_DIED, refused(postmaster.register(Workers.idle("w"))).code());
  }

  @Test
  void beforeTheStartThereIsNothingToAskFor() {
    Postmaster postmaster = create(Life.options());

    assertEquals(ErrorCode.BAD_REQUEST, refused(postmaster.attach()).code());
    assertEquals("", postmaster.epoch());
    assertEquals(List.of(), postmaster.list());
    assertEquals(64, postmaster.status().slotsTotal());
  }

  @Test
  void registrationsDuringTheStartAreEitherStaticOrDynamicButNeverLostOrDoubled() throws Exception {
    for (int round = 0; round < 20; round++) {
      Postmaster postmaster = create(Life.options().setName("r" + round).setMaxWorkers(500));
      List<Future<WorkerHandle>> all = new ArrayList<>();
      CountDownLatch half = new CountDownLatch(1);
      Thread registrant =
          new Thread(
              () -> {
                for (int w = 0; w < 200; w++) {
                  all.add(postmaster.register(Workers.idle("w" + w).neverRestart()));
                  if (w == 20) {
                    half.countDown();
                  }
                }
              });
      registrant.start();
      Workers.await(half);
      get(postmaster.start());
      registrant.join();
      get(Future.all(all));

      assertEquals(200, postmaster.list().size());
      assertEquals(200, postmaster.status().slotsUsed());
      get(postmaster.close());
    }
  }

  @Test
  void nonsenseIsRefusedAndHarmsNobody() throws Exception {
    Postmaster postmaster = get(create(Life.options()).start());
    WorkerHandle worker = get(postmaster.register(Workers.idle("w")));
    List<Future<?>> nonsense =
        List.of(
            postmaster.register(null),
            postmaster.register(Workers.idle(null)),
            postmaster.register(Workers.idle("x").type(null)),
            postmaster.register(Workers.idle("x").domain(null)),
            postmaster.register(Workers.idle("x").ready(null)),
            postmaster.register(Workers.idle("x").startTimeout(null)),
            postmaster.register(Workers.idle("x").stop(null, null)),
            postmaster.register(Workers.idle("x").notify(null)),
            postmaster.register(Workers.idle("x").startAt(null)),
            postmaster.register(WorkerSpec.of("x", null, null)),
            postmaster.register(WorkerSpec.of("x", (Supplier<BackgroundWorker>) null)),
            postmaster.advance(null),
            postmaster.signalAll(null),
            worker.signal(null),
            worker.awaitStarted(null),
            postmaster.pause(null, Optional.empty()),
            postmaster.drain(Target.all(), null),
            postmaster.resume(null),
            postmaster.shutdown(null));

    for (int n = 0; n < nonsense.size(); n++) {
      int number = n;
      ErrorCode code =
          assertThrows(
                  PostmasterException.class,
                  () -> get(nonsense.get(number)),
                  () -> "number " + number)
              .code();
      assertTrue(
          code == ErrorCode.INVALID_SPEC
              || code == ErrorCode.BAD_REQUEST
              || code == ErrorCode.UNKNOWN_ENTRY_POINT,
          () -> "number " + number + " was answered with " + code);
    }
    assertThrows(
        PostmasterException.class, () -> new Target(Target.Kind.HANDLE, "", Optional.empty()));
    get(worker.awaitStarted());
    assertFalse(get(postmaster.close()).abnormal());
  }

  @Test
  void durationsBeyondAllTimeAreTaken() throws Exception {
    Postmaster postmaster = get(create(Life.options()).start());
    WorkerHandle worker = get(postmaster.register(Workers.idle("w")));

    get(worker.awaitStarted(Duration.ofSeconds(Long.MAX_VALUE)));
    get(
        postmaster.pause(
            Target.type("other"), Optional.of(java.time.Instant.ofEpochSecond(31_556_889_864L))));
    get(postmaster.pause(Target.all(), Optional.of(java.time.Instant.MAX)));
    get(postmaster.pause(Target.all(), Optional.of(java.time.Instant.MIN)));

    assertFalse(get(postmaster.close()).abnormal());
  }

  @Test
  void aPostmasterOfTheSameNameGetsAPoolOfItsOwn() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    PostmasterOptions one = Life.options().setMaxWorkers(1);
    Postmaster first = get(create(one).start());
    get(get(first.register(Workers.deaf("deaf", release))).awaitStarted());
    assertEquals(1, get(first.close()).abandoned().size());

    Postmaster second = get(create(one).start());
    AtomicReference<String> thread = new AtomicReference<>();
    get(
        get(second.register(
                Workers.of("w", context -> thread.set(Thread.currentThread().getName()))))
            .awaitGone());

    assertEquals("pm-0-1 w", thread.get());
    release.countDown();
    get(second.close());
  }

  /** Something that a JsonObject takes and cannot write. */
  private record Foreign() implements Shareable {

    @Override
    public Shareable copy() {
      return this;
    }
  }

  @Test
  void argumentsThatAreTooDeepOrNoJsonAreRefusedAndHarmNobody() throws Exception {
    JsonObject deep = new JsonObject();
    for (int level = 0; level < 1_000; level++) {
      deep = new JsonObject().put("deeper", deep);
    }
    Postmaster postmaster = get(create(Life.options()).start());

    for (JsonObject args : List.of(deep, new JsonObject().put("foreign", new Foreign()))) {
      PostmasterException refusal = refused(postmaster.register(Workers.idle("w").args(args)));
      assertEquals(ErrorCode.INVALID_SPEC, refusal.code(), refusal.getMessage());
    }
    assertFalse(get(postmaster.close()).abnormal());
  }
}
