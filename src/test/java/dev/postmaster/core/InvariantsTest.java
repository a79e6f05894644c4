package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.Readiness;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.StartTime;
import dev.postmaster.Target;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * That every invariant can fail: a check that nothing can break proves nothing. Each row takes a
 * state in which all hold, and spoils one thing in it.
 */
class InvariantsTest {

  private static final Duration ONE = Duration.ofSeconds(1);

  /** What is spoilt, how, and the number that must be named. */
  record Row(String what, String invariant, State state, Consumer<Supervisor> spoil) {

    @Override
    public String toString() {
      return invariant + ", " + what;
    }
  }

  /** A state to start from; slot 0 is the one that is spoilt. */
  enum State {
    RUNNING(rig -> rig.running(worker("w").never())),
    STARTING(rig -> rig.register(worker("w"))),
    UNREADY(rig -> rig.running(worker("w").ready(Readiness.SAID))),
    BY_UPTIME(rig -> rig.running(worker("w").ready(Readiness.after(ONE)))),
    HELD(rig -> rig.register(worker("w").startAt(StartTime.RECOVERY_FINISHED).requires("x"))),
    BACKOFF(rig -> rig.fail(rig.running(worker("w")))),
    DUE(
        rig -> {
          BACKOFF.in(rig);
          rig.core.pause(Target.all(), Long.MAX_VALUE, By.OPERATOR, rig.now());
          rig.advance(60);
        }),
    STOPPING(rig -> rig.terminate(rig.running(worker("w").shared()))),
    INTERRUPTED(
        rig -> {
          STOPPING.in(rig);
          rig.advance(10);
        }),
    ABANDONED(
        rig -> {
          STOPPING.in(rig);
          rig.advance(15);
        }),
    WAITED_FOR(rig -> rig.await(rig.running(worker("w")), AwaitFor.GONE)),
    PARALLEL(rig -> rig.running(worker("w").parallel())),
    MEMBERS(
        rig -> {
          rig.running(worker("w").shared());
          rig.register(worker("x").shared().requires("nobody"));
        }),
    CYCLE(
        rig -> {
          rig.running(worker("w").shared());
          rig.crash(rig.running(worker("x").shared()));
        }),
    FREED(rig -> rig.exit(rig.running(worker("w")), End.returned())),
    FREED_BY_UPTIME(
        rig -> rig.exit(rig.running(worker("w").ready(Readiness.after(ONE))), End.returned())),
    ALL_DEADLINES(
        rig -> {
          Handle handle = rig.running(worker("w").ready(Readiness.after(ONE)));
          long until = rig.now() + ONE.toNanos();
          rig.core.pause(Target.of(handle), until, By.OPERATOR, rig.now());
          rig.core.pause(Target.type("t"), until, By.OPERATOR, rig.now());
          rig.core.pause(Target.all(), Long.MAX_VALUE, By.OPERATOR, rig.now());
          rig.core.attach("client", rig.now());
          rig.await(handle, AwaitFor.GONE);
        }),
    QUEUED(
        rig -> {
          rig.running(worker("w"));
          rig.register(worker("x"));
        }),
    TWO(
        rig -> {
          rig.running(worker("w"));
          rig.running(worker("x"));
        }),
    GATE_CLOSED(
        rig -> {
          rig.running(worker("w").shared());
          rig.shutdown(ShutdownMode.FAST);
        }),
    LIMITED(
        rig -> {
          rig.running(worker("w").stop(60, 0));
          rig.shutdown(ShutdownMode.FAST);
        }),
    EXTENDED(
        rig -> {
          Handle handle = rig.running(worker("w"));
          rig.terminate(handle);
          for (int times = 0; times <= Ladder.EXTENSIONS_MAX; times++) {
            rig.core.extendStop(rig.run(handle), rig.now());
          }
        }),
    OVER(
        rig -> {
          ABANDONED.in(rig);
          rig.shutdown(ShutdownMode.FAST);
        }),
    UNTOLD(
        rig -> {
          rig.running(worker("w"));
          rig.running(worker("x").requires("w"));
          rig.shutdown(ShutdownMode.FAST);
        });

    private final Consumer<CoreRig> events;

    State(Consumer<CoreRig> events) {
      this.events = events;
    }

    private void in(CoreRig rig) {
      events.accept(rig);
    }

    Supervisor make() {
      CoreRig rig = CoreRig.with().workers(4).threads(this == QUEUED ? 1 : 4).parallel(1).started();
      in(rig);
      return rig.core;
    }
  }

  private static Row row(String invariant, String what, State state, Consumer<Supervisor> spoil) {
    return new Row(what, invariant, state, spoil);
  }

  /** Spoils the slot. */
  private static Row slot(String invariant, String what, State state, Consumer<Slot> spoil) {
    return row(invariant, what, state, core -> spoil.accept(core.table.slots[0]));
  }

  private static Slot first(Supervisor core) {
    return core.table.slots[0];
  }

  private static Alarm alarm() {
    return new Alarm(new Object(), Alarm.Kind.SLOT);
  }

  static Stream<Row> rows() {
    return Stream.of(
            cheap(), freeSlots(), places(), waiting(), running(), stopping(), counts(), domains())
        .flatMap(List::stream);
  }

  private static List<Row> cheap() {
    return List.of(
        row("3", "registered", State.RUNNING, c -> c.table.registered.clear()),
        row(
            "2",
            "no free slot left",
            State.RUNNING,
            c -> List.of(1, 2, 3).forEach(c.table.free::take)),
        row("18", "counter", State.RUNNING, c -> c.table.parallelRegistered++),
        row(
            "19",
            "more than the limit",
            State.PARALLEL,
            c -> {
              c.table.parallelRegistered++;
              c.table.parallel().add(new Slot(1));
            }),
        row("§5 threads", "fewer than none", State.RUNNING, c -> c.table.threadsUsed = -1),
        row("§5 threads", "more than there are", State.RUNNING, c -> c.table.threadsUsed = 5),
        row(
            "43",
            "registered after the gate closed",
            State.GATE_CLOSED,
            c -> c.table.register(worker("late").build(), true, By.CODE, 0)),
        row("44", "no deadline", State.GATE_CLOSED, c -> c.table.real.first().cancel()));
  }

  private static List<Row> freeSlots() {
    String two = "2";
    State freed = State.FREED;
    return List.of(
        row(two, "used and free", State.RUNNING, c -> c.table.free.free(0)),
        row(two, "free and not free", freed, c -> c.table.free.take(0)),
        slot(two, "name", freed, s -> s.name = new Name("w")),
        slot(two, "domain", freed, s -> s.domain = new Domain("main")),
        slot(two, "pause", freed, s -> s.pause = new Pause(Target.all(), true, 1, Long.MAX_VALUE)),
        slot(two, "wait", freed, s -> s.add(new Wait(s, AwaitFor.GONE, "waiter"))),
        slot(two, "run", freed, s -> s.runId = 1),
        slot(two, "end", freed, s -> s.end = End.returned()),
        slot(two, "requiring", freed, s -> s.requiring = true),
        slot(two, "ready", freed, s -> s.ready = true),
        row(two, "deadline", freed, c -> c.table.judged.put(first(c).alarm, 1, 1)),
        row(
            two,
            "uptime",
            freed,
            c -> {
              first(c).uptime = alarm();
              c.table.judged.put(first(c).uptime, 1, 1);
            }));
  }

  private static List<Row> places() {
    return List.of(
        row(
            "3",
            "somebody else in its slot",
            State.RUNNING,
            c -> {
              c.table.slots[0] = new Slot(0);
              c.table.slots[0].state = WorkerState.RUNNING;
            }),
        slot("5", "generation", State.RUNNING, s -> s.generation = 0),
        slot("3", "no name", State.RUNNING, s -> s.name = null),
        slot("3", "a name of its own", State.RUNNING, s -> s.name = new Name("w")),
        slot("3", "no holder of its name", State.RUNNING, s -> s.name.holders.clear()),
        slot("38", "no domain", State.MEMBERS, s -> s.domain = null),
        slot("38", "a domain", State.RUNNING, s -> s.domain = new Domain("main")),
        row("38", "a domain nobody knows", State.MEMBERS, c -> c.table.domains.clear()),
        slot("38", "no member", State.MEMBERS, s -> s.domain.members.remove(s)),
        slot("31", "a run without a number", State.RUNNING, s -> s.runId = 0),
        slot("31", "a number without a run", State.BACKOFF, s -> s.runId = 1),
        row(
            "18",
            "not among the parallel",
            State.PARALLEL,
            c -> {
              c.table.parallel().clear();
              c.table.parallel().add(new Slot(1));
            }),
        slot("13", "parallel and restarted", State.PARALLEL, s -> s.restartNs = 5),
        row("37", "no time-out", State.WAITED_FOR, c -> c.table.real.first().cancel()),
        row("34", "waits for what is true", State.WAITED_FOR, c -> await(c, AwaitFor.STARTED)),
        row("36", "waits after the end", State.OVER, c -> await(c, AwaitFor.GONE)));
  }

  private static void await(Supervisor core, AwaitFor what) {
    Wait wait = new Wait(first(core), what, "waiter");
    first(core).add(wait);
    core.table.real.put(wait.timeout, Long.MAX_VALUE, 0);
  }

  private static List<Row> waiting() {
    return List.of(
        slot("28", "terminated and here", State.HELD, s -> s.terminate = true),
        slot("23", "started before", State.HELD, s -> s.starts = 1),
        slot("23", "never started", State.BACKOFF, s -> s.starts = 0),
        slot("27", "never restarted", State.BACKOFF, s -> s.restartNs = -1),
        slot("32", "on the ladder", State.HELD, s -> s.rung = Rung.TOLD),
        slot("32", "ended", State.HELD, s -> s.end = End.returned()),
        slot("32", "counted by its names", State.HELD, s -> s.requiring = true),
        slot("25", "another time", State.BACKOFF, s -> s.due++),
        row(
            "25",
            "a restart before the first run",
            State.HELD,
            c -> c.table.real.put(first(c).alarm, first(c).due, 1)),
        slot("24", "held by nothing", State.HELD, s -> s.hold = Hold.NONE),
        slot("24", "held by another", State.HELD, s -> s.holdName = "y"),
        row("24", "in no queue", State.QUEUED, c -> c.table.slots[1].alarm.cancel()),
        slot("23", "parked", State.BACKOFF, s -> s.state = WorkerState.PARKED));
  }

  private static List<Row> running() {
    return List.of(
        slot("28", "terminated and not told", State.RUNNING, s -> s.terminate = true),
        slot("32", "ended", State.RUNNING, s -> s.end = End.returned()),
        row("24", "before its phase", State.RUNNING, c -> c.starter.phase(Phase.STARTUP)),
        slot("23", "not begun", State.RUNNING, s -> s.begun = false),
        slot("23", "never begun", State.RUNNING, s -> s.everBegun = false),
        slot("23", "begun too early", State.STARTING, s -> s.begun = true),
        slot("27", "started twice", State.RUNNING, s -> s.starts = 2),
        slot("23", "on the ladder", State.RUNNING, s -> s.rung = Rung.TOLD),
        slot("44", "no limit of its start", State.STARTING, s -> s.alarm.cancel()),
        row(
            "23",
            "ready with a limit of its start",
            State.RUNNING,
            c -> c.table.judged.put(first(c).alarm, 1, 1)),
        row(
            "2",
            "an uptime that judges nothing",
            State.RUNNING,
            c -> {
              first(c).uptime = alarm();
              c.table.judged.put(first(c).uptime, 1, 1);
            }));
  }

  private static List<Row> stopping() {
    String end = "44";
    return List.of(
        slot(end, "on no rung", State.STOPPING, s -> s.rung = Rung.NONE),
        slot(end, "no deadline", State.STOPPING, s -> s.alarm.cancel()),
        slot(
            end,
            "given up before the interrupt",
            State.INTERRUPTED,
            s -> s.interruptAt = s.abandonAt + 1),
        row(
            end,
            "later than the shutdown",
            State.GATE_CLOSED,
            c -> first(c).abandonAt = c.shutdown.endsAt() + 1),
        slot(end, "not told, and no shutdown", State.STOPPING, s -> s.rung = Rung.UNTOLD),
        slot(end, "not told for nobody", State.GATE_CLOSED, s -> s.rung = Rung.UNTOLD),
        slot(end, "one extension too many", State.STOPPING, s -> s.stopExtensions = 10),
        row(
            end,
            "another deadline",
            State.STOPPING,
            c -> c.table.judged.put(first(c).alarm, first(c).interruptAt + 1, 1)),
        slot(end, "given up and not interrupted", State.ABANDONED, s -> s.rung = Rung.TOLD),
        row(
            end,
            "given up, with a deadline",
            State.ABANDONED,
            c -> c.table.judged.put(first(c).alarm, 1, 1)));
  }

  private static List<Row> counts() {
    return List.of(
        slot(
            "3",
            "states",
            State.UNREADY,
            s -> {
              s.state = WorkerState.STARTING;
              s.begun = false;
            }),
        row("§5", "threads", State.RUNNING, c -> c.table.threadsUsed = 0),
        row(
            "18",
            "a parallel one that is not here",
            State.RUNNING,
            c -> {
              c.table.parallelRegistered++;
              c.table.parallel().add(new Slot(1));
            }),
        slot("38", "runs of a domain", State.MEMBERS, s -> s.domain.busy++),
        slot("§5", "ready of a name", State.RUNNING, s -> s.name.ready++),
        slot("§10", "runs that require a name", State.GATE_CLOSED, s -> s.name.requiring = 1),
        row("§5", "order", State.TWO, c -> c.table.slots[1].registration = first(c).registration),
        row("2", "queue", State.QUEUED, c -> c.table.slots[1].alarm.heap.put(alarm(), 1, 1)),
        row("2", "deadlines that judge", State.RUNNING, c -> c.table.judged.put(alarm(), 1, 1)),
        row("2", "deadlines", State.RUNNING, c -> c.table.real.put(alarm(), 1, 1)));
  }

  private static List<Row> domains() {
    return List.of(
        slot("39", "a cycle in a shutdown", State.GATE_CLOSED, s -> s.domain.resetting = true),
        slot("39", "a cycle of nobody", State.ABANDONED, s -> s.domain.resetting = true),
        slot("38", "runs in a cycle", State.MEMBERS, s -> s.domain.resetting = true),
        slot("38", "not interrupted in a cycle", State.STOPPING, s -> s.domain.resetting = true),
        row(
            "38",
            "waits for its restart in a cycle",
            State.CYCLE,
            c -> c.table.real.put(c.table.slots[1].alarm, c.table.slots[1].due, 1)));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void whatIsSpoiltIsFoundAndNamed(Row row) {
    Supervisor core = row.state.make();
    row.spoil.accept(core);

    AssertionError broken = assertThrows(AssertionError.class, core::check);

    String begin = "invariant " + row.invariant + " is broken: ";
    assertTrue(broken.getMessage().startsWith(begin), broken.getMessage());
  }

  @ParameterizedTest
  @EnumSource(State.class)
  void nothingIsFoundWhereNothingIsSpoilt(State state) {
    Supervisor core = state.make();

    assertDoesNotThrow(core::check);
  }

  @Test
  void theFactsAreThoseOfTheSlot() {
    Supervisor core = State.STOPPING.make();
    first(core).alarm.cancel();

    AssertionError broken = assertThrows(AssertionError.class, core::check);

    String facts = "slot 0, generation 1, STOPPING, run 2, rung TOLD, hold NONE, starts 1";
    assertTrue(broken.getMessage().contains(facts), broken.getMessage());
  }

  @Test
  void countsAreLookedAtAfterEachEvent() {
    Supervisor core = State.RUNNING.make();
    core.table.parallelRegistered++;

    assertThrows(AssertionError.class, () -> core.signalAll(Signal.HUP, By.OPERATOR, 0));
  }
}
