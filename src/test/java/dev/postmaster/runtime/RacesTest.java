package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Flag;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.Transition;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.core.Edges;
import dev.postmaster.support.Life;
import dev.postmaster.support.Watch;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What may happen to a worker happens at the same time as something else that may: every pair, each
 * after a random time of up to 2 ms, in many rounds. Every edge is one of the contract's and goes
 * on where the last one ended; whoever waits is answered exactly once.
 */
@Tag("race")
class RacesTest {

  private static final int ROUNDS = 40;
  private static final long DELAY_NS_MAX = 2_000_000;

  /** What may happen. */
  private enum Event {
    START,
    TERMINATE,
    EXIT,
    TIMER,
    CRASH
  }

  /** A pair, and what the worker is. */
  private record Race(Event one, Event other, boolean verticle) {

    @Override
    public String toString() {
      return (verticle ? "verticle: " : "main: ") + one + " and " + other;
    }
  }

  static Stream<Race> races() {
    List<Race> all = new ArrayList<>();
    for (Event one : Event.values()) {
      for (Event other : Event.values()) {
        if (one.compareTo(other) <= 0 && other != Event.START) {
          all.add(new Race(one, other, false));
          all.add(new Race(one, other, true));
        }
      }
    }
    return all.stream();
  }

  /** One round: a worker, and another that shares its memory and can crash. */
  private final class Round {
    final Life life;
    final Race race;
    final long[] delays = new long[3];
    final AtomicInteger answers = new AtomicInteger();
    WorkerHandle subject;
    WorkerHandle crasher;
    int waits;

    Round(Life life, Race race, Random random) {
      this.life = life;
      this.race = race;
      for (int d = 0; d < delays.length; d++) {
        delays[d] = (long) (random.nextDouble() * DELAY_NS_MAX);
      }
    }

    /** A worker that fails, exits or crashes when it is sent USR1. */
    private WorkerSpec spec(String name, int code, long delayNs) {
      WorkerSpec spec =
          race.verticle()
              ? WorkerSpec.ofVerticle(
                  name,
                  () ->
                      context -> {
                        WorkerContext own = WorkerContext.current(life.vertx);
                        own.onSignal(Signal.USR1, () -> own.exit(code));
                        return Future.succeededFuture();
                      })
              : Workers.of(
                  name,
                  context -> {
                    context.onSignal(Signal.USR1, () -> context.exit(code));
                    while (true) {
                      context.checkInterrupts();
                      context.awaitLatch(Workers.LONG);
                    }
                  });
      return spec.flags(Flag.SHARED_MEMORY)
          .restartAfter(Duration.ofNanos(delayNs))
          .stop(Duration.ofSeconds(10), Duration.ofSeconds(5));
    }

    void play() throws Exception {
      crasher = get(life.postmaster.register(spec("crasher", 3, 0)));
      get(crasher.awaitStarted());
      boolean comesAgain = race.one() == Event.TIMER || race.other() == Event.TIMER;
      subject = get(life.postmaster.register(spec("subject", comesAgain ? 1 : 0, delays[2])));
      waitForAll();
      long began = System.nanoTime();
      List<Future<?>> asked = new ArrayList<>();
      if (race.one() != Event.START) {
        get(subject.awaitStarted());
        began = System.nanoTime();
        if (delays[0] <= delays[1]) {
          asked.add(happen(race.one(), began + delays[0]));
        }
      }
      asked.add(happen(race.other(), began + delays[1]));
      if (race.one() != Event.START && delays[0] > delays[1]) {
        asked.add(happen(race.one(), began + delays[0]));
      }
      for (Future<?> each : asked) {
        get(each.otherwiseEmpty()); // the run that was to be signalled may have ended
      }
    }

    private Future<?> happen(Event event, long at) {
      for (long left = at - System.nanoTime(); left > 0; left = at - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      return switch (event) {
        case TERMINATE -> subject.terminate();
        case EXIT, TIMER -> subject.signal(Signal.USR1);
        case CRASH -> crasher.signal(Signal.USR1);
        case START -> throw new AssertionError("it was registered before");
      };
    }

    private void waitForAll() {
      for (Future<?> wait :
          List.of(
              subject.awaitStarted(),
              subject.awaitReady(),
              subject.awaitStopped(),
              subject.awaitGone())) {
        waits++;
        wait.onComplete(done -> answers.incrementAndGet());
      }
    }

    void end() throws Exception {
      for (WorkerHandle handle : List.of(subject, crasher)) {
        get(handle.terminate());
        get(handle.awaitGone());
        get(handle.terminate());
      }
      Workers.until(() -> answers.get() >= waits);
      assertEquals(waits, answers.get());
      assertEquals(0, life.postmaster.status().slotsUsed());
    }
  }

  @ParameterizedTest
  @MethodSource("races")
  void whateverMeetsEveryEdgeIsLegalAndEveryWaitAnsweredOnce(Race race) throws Exception {
    long seed = race.toString().hashCode();
    Random random = new Random(seed);
    try (Life life = Life.started(Life.options().setCrashLimit(1_000, Duration.ofMinutes(10)))) {
      for (int n = 0; n < ROUNDS; n++) {
        Round round = new Round(life, race, random);
        round.play();
        round.end();
      }

      assertEquals(ShutdownMode.NONE, life.postmaster.status().shutdown());
      assertLegal(life.watch.seen());
      assertEquals(java.util.Set.of(), life.vertx.deploymentIDs());
    }
  }

  private static void assertLegal(List<Transition> seen) {
    Map<Integer, Transition> lasts = new HashMap<>();
    for (Transition t : seen) {
      if (t.own()) {
        continue;
      }
      assertTrue(
          Edges.isLegal((WorkerState) t.from(), (WorkerState) t.to(), t.cause()), Watch.edge(t));
      Transition last = lasts.put(t.slot(), t);
      if (last == null) {
        assertEquals(WorkerState.FREE, t.from());
      } else {
        assertEquals(last.to(), t.from(), () -> last + " then " + t);
        assertTrue(last.seq() < t.seq());
        assertEquals(
            t.from() == WorkerState.FREE ? last.generation() + 1 : last.generation(),
            t.generation());
        assertTrue(
            !last.terminate()
                || t.to() != WorkerState.STARTING
                || t.generation() != last.generation(),
            () -> last + " then " + t);
      }
    }
    lasts.values().forEach(t -> assertEquals(WorkerState.FREE, t.to()));
  }
}
