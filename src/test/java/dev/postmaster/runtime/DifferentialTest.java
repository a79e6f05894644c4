package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.ErrorCode;
import dev.postmaster.Flag;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.Target;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.WorkerTerms;
import dev.postmaster.core.Past;
import dev.postmaster.core.SupervisorOptions;
import dev.postmaster.support.Life;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * Random commands for the whole stack, with real threads and intervals of milliseconds; then a core
 * of its own must be able to write the same journal.
 */
class DifferentialTest {

  /** Profile {@code simulate} has a thousand. */
  private static final int HISTORIES = Integer.getInteger("postmaster.differential");

  private static final int COMMANDS = 30;
  private static final int FAILURES = 3;

  private final Map<String, WorkerTerms> terms = new HashMap<>();
  private final List<WorkerHandle> handles = new ArrayList<>();
  private final List<Future<WorkerStatus>> gone = new ArrayList<>();
  private int explained;
  private int undecidable;
  private long records;
  private SplittableRandom random;
  private CountDownLatch release;
  private Life life;

  @Test
  void theCoreCouldHaveWrittenEveryJournalOfTheWholeStack() throws Exception {
    for (int seed = 0; explained < HISTORIES; seed++) {
      play(seed);
      assertTrue(undecidable <= 5 + explained / 10, "the times decide too little");
    }
    System.out.printf(
        "differential: %d histories, %,d records; %d that their times do not decide%n",
        explained, records, undecidable);
  }

  private void play(int seed) throws Exception {
    random = new SplittableRandom(seed);
    release = new CountDownLatch(1);
    terms.clear();
    handles.clear();
    gone.clear();
    PostmasterOptions options =
        Life.options().setMaxWorkers(16).setCrashLimit(1_000, Duration.ofHours(1));
    life = Life.started(options);
    for (int n = 0; n < COMMANDS; n++) {
      command(n);
    }
    Future<?> end = life.postmaster.shutdown(ShutdownMode.FAST);
    release.countDown();
    get(end);
    for (Future<WorkerStatus> one : gone) {
      assertAnswered(one);
    }
    List<Transition> journal = journal();
    assertHandles(journal);
    CoreReplay replay = new CoreReplay(journal, terms, life.postmaster.epoch());
    String unexplained = replay.unexplained(coreOptions(options));
    life.close();
    if (!unexplained.isEmpty() && replay.isUndecidable()) {
      undecidable++;
      return;
    }
    assertEquals("", unexplained, "seed " + seed);
    if (seed % 10 == 0) {
      assertForgedIsNoticed(options, journal);
    }
    explained++;
    records += journal.size();
  }

  /** With any one edge left out no core could have written it. */
  private void assertForgedIsNoticed(PostmasterOptions options, List<Transition> journal) {
    List<Transition> forged = new ArrayList<>(journal);
    List<Transition> edges = journal.stream().filter(t -> !t.own()).toList();
    Transition out = edges.get(random.nextInt(edges.size()));
    forged.remove(out);
    CoreReplay replay = new CoreReplay(forged, terms, life.postmaster.epoch());
    assertNotEquals("", replay.unexplained(coreOptions(options)), () -> "without " + out);
  }

  private SupervisorOptions coreOptions(PostmasterOptions options) {
    EntryPoints.Rule rule = new EntryPoints(options, false, new ArrayList<>()).new Rule();
    return Statuses.coreOptions(options, life.postmaster.epoch(), 0, Past.NONE, rule);
  }

  private List<Transition> journal() {
    TransitionLog.Page page = life.postmaster.transitions().read(0, Integer.MAX_VALUE);
    assertTrue(page.gap().isEmpty(), "the ring is too small for a history");
    return page.transitions();
  }

  /** Nobody waits for ever: it is gone, or it was left inside its code. */
  private static void assertAnswered(Future<WorkerStatus> wait) throws Exception {
    try {
      assertEquals(WorkerState.FREE, get(wait).state());
    } catch (PostmasterException left) {
      assertEquals(ErrorCode.POSTMASTER_DIED, left.code());
    }
  }

  /** Each handle is that of the record that says so. */
  private void assertHandles(List<Transition> journal) {
    for (WorkerHandle handle : handles) {
      assertTrue(
          journal.stream()
              .anyMatch(
                  t ->
                      t.name().equals(handle.name())
                          && t.slot() == handle.handle().slot()
                          && t.generation() == handle.handle().generation()));
    }
  }

  private void command(int number) throws Exception {
    int kind = random.nextInt(10);
    if (kind < 5 || handles.isEmpty()) {
      register("w" + number);
    } else if (kind < 7) {
      get(any().terminate());
    } else if (kind == 7) {
      try {
        get(any().signal(Signal.TERM));
      } catch (PostmasterException nothingToSignal) {
        // It has no run now, or has ended.
      }
    } else if (kind == 8) {
      get(life.postmaster.pause(Target.all(), Optional.empty()));
      get(life.postmaster.resume(Target.all()));
    } else {
      long seq = life.postmaster.transitions().head();
      Workers.until(() -> life.postmaster.transitions().head() > seq || isQuiet());
    }
  }

  /** Nobody of those that are left moves by itself. */
  private boolean isQuiet() {
    return life.postmaster.list(-1, 16).stream()
        .noneMatch(status -> status.restartInMs() >= 0 && status.restartInMs() < 1_000);
  }

  private WorkerHandle any() {
    return handles.get(random.nextInt(handles.size()));
  }

  private void register(String name) throws Exception {
    WorkerSpec spec = spec(name).restartAfter(restart());
    spec = random.nextInt(6) == 0 ? spec.neverRestart() : spec;
    try {
      WorkerHandle handle = get(life.postmaster.register(spec));
      terms.put(name, spec.terms());
      handles.add(handle);
      gone.add(handle.awaitGone());
    } catch (PostmasterException full) {
      assertEquals(ErrorCode.NO_FREE_SLOT, full.code());
    }
  }

  private Duration restart() {
    return switch (random.nextInt(3)) {
      case 0 -> Duration.ZERO;
      case 1 -> Duration.ofMillis(1 + random.nextInt(3));
      default -> Duration.ofHours(1);
    };
  }

  private WorkerSpec spec(String name) {
    AtomicInteger left = new AtomicInteger(FAILURES);
    return switch (random.nextInt(9)) {
      case 0 -> Workers.of(name, context -> {});
      case 1 -> failing(name, left, context -> fail());
      case 2 -> Workers.idle(name);
      case 3 -> verticle(name, () -> Future.succeededFuture());
      case 4 ->
          verticle(
              name,
              () ->
                  left.getAndDecrement() > 0
                      ? Future.failedFuture("not today")
                      : Future.succeededFuture());
      case 5 -> failing(name, left, context -> context.exit(3)).flags(Flag.SHARED_MEMORY);
      case 6 -> Workers.idle(name).flags(Flag.SHARED_MEMORY);
      case 7 -> Workers.deaf(name, release).stop(Duration.ofMillis(2), Duration.ofMillis(2));
      default -> verticle(name, () -> left.getAndDecrement() > 0 ? dying() : alive());
    };
  }

  /** Fails a few times, then waits until it is told. */
  private static WorkerSpec failing(String name, AtomicInteger left, BackgroundWorker failure) {
    return Workers.of(
        name,
        context -> {
          if (left.getAndDecrement() > 0) {
            failure.run(context);
          }
          while (true) {
            context.checkInterrupts();
            context.awaitLatch(Workers.LONG);
          }
        });
  }

  private static WorkerSpec verticle(String name, Supplier<Future<?>> start) {
    return WorkerSpec.ofVerticle(name, () -> context -> start.get());
  }

  private static Future<?> alive() {
    return Future.succeededFuture();
  }

  /** A verticle that starts and fails at once. */
  private Future<?> dying() {
    life.vertx.runOnContext(nothing -> WorkerContext.current(life.vertx).exit(1));
    return Future.succeededFuture();
  }

  private static void fail() {
    throw new IllegalStateException("as it was asked to");
  }
}
