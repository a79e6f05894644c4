package dev.postmaster.core;

import dev.postmaster.By;
import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.PostmasterException;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.Target;
import dev.postmaster.WorkerState;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A supervisor with everything around it, as far as it can be seen from inside: what it launches
 * and tells goes to a checker, what happens to it comes as {@link TraceEvent}s. After each event
 * all invariants are held against it.
 */
final class TraceWorld {

  private static final long WAIT_NS = 2_000 * TraceSetup.MS;

  /** At a wake: all clients have renewed by then. */
  static final int RENEWED = 1;

  /** What two, or three, slots can be called, other than what they are. */
  private static final int[][] TWO = {{1, 0}};

  private static final int[][] NONE = {};
  private static final int[][] THREE = {{0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

  final TraceSetup setup;
  private final int[] identity;

  /** The supervisor's key, while nothing has happened since it was made. */
  private byte[] known;

  final TraceChecker checker;
  final Supervisor supervisor;
  long now;

  /** Time that the loop stood still, which the search bounds. */
  long stalled;

  private long waiters;

  /** Why the last event was refused, or null. */
  ErrorCode refusal;

  /** Holds after an event only the invariants of the slots that it touched: for speed. */
  boolean onlyTouched;

  TraceWorld(TraceSetup setup) {
    this.setup = setup;
    identity = IntStream.range(0, setup.options().maxWorkers()).toArray();
    checker = new TraceChecker(setup.options());
    supervisor = new Supervisor(setup.options(), checker);
    checker.of(supervisor);
    setup.watched().ifPresent(seed -> checker.watch = new TraceWatch(seed, setup.options()));
    checker.begin(now);
    supervisor.open("trace", now);
    for (int kind = 0; kind < setup.staticKinds(); kind++) {
      play(TraceEvent.of(TraceEvent.What.REGISTER, 0, kind));
    }
  }

  private TraceWorld(TraceWorld other) {
    setup = other.setup;
    identity = other.identity;
    known = other.supervisorKey();
    checker = other.checker.copy();
    supervisor = other.supervisor.copy(checker);
    checker.of(supervisor);
    now = other.now;
    stalled = other.stalled;
    waiters = other.waiters;
  }

  /** Counts there, from now on, what came about. */
  void count(Coverage coverage) {
    checker.coverage = coverage;
    if (checker.watch != null) {
      checker.watch.coverage = coverage;
      coverage.expect(TraceWatch.PREMISES);
    }
  }

  /** Without the journal and the readers that the original has. */
  TraceWorld copy() {
    return new TraceWorld(this);
  }

  /** Plays a history that a search or a random run printed. */
  static TraceWorld play(TraceSetup setup, String... events) {
    TraceWorld world = new TraceWorld(setup);
    for (String event : events) {
      world.play(TraceEvent.parse(event));
    }
    return world;
  }

  /** A history as a test that can be pasted. */
  static String asTest(String setup, List<TraceEvent> events, AssertionError broken) {
    return events.stream()
        .map(event -> "        \"" + event + '"')
        .collect(
            Collectors.joining(
                ",\n",
                broken.getMessage()
                    + "\n  @Test\n  void reproduces() {\n    TraceWorld.play(\n        "
                    + setup
                    + ",\n",
                ");\n  }\n"));
  }

  /** What the events from now on can depend on. */
  byte[] key() {
    return key(identity);
  }

  /**
   * The same for all states that differ only in which slot is which. A slot that is free and next
   * keeps its place: with another's generation it is another state.
   */
  byte[] symmetricKey() {
    byte[] least = key(identity);
    for (int[] called : others()) {
      if (isSymmetric(called)) {
        byte[] key = key(called);
        least = Arrays.compare(key, least) < 0 ? key : least;
      }
    }
    return least;
  }

  private int[][] others() {
    return switch (identity.length) {
      case 2 -> TWO;
      case 3 -> THREE;
      default -> NONE;
    };
  }

  private boolean isSymmetric(int[] called) {
    for (TraceSlot slot : checker.slots) {
      TraceSlot other = checker.slots[called[slot.index]];
      boolean bothUsed = slot.state != WorkerState.FREE && other.state != WorkerState.FREE;
      if (!bothUsed && slot.generation != other.generation) {
        return false;
      }
    }
    return true;
  }

  private byte[] key(int[] called) {
    byte[] key = new Key(supervisor, now, called).bytes();
    byte[] all = Arrays.copyOf(key, key.length + 1 + checker.slots.length);
    all[key.length] = (byte) (stalled / (100 * TraceSetup.MS));
    for (TraceSlot slot : checker.slots) {
      int place = key.length + 1 + called[slot.index];
      all[place] = (byte) (slot.live != null && slot.signalled ? 1 : 0);
    }
    return all;
  }

  /**
   * Lets it happen, and holds the invariants against what came of it.
   *
   * @throws AssertionError if one is broken
   */
  void play(TraceEvent event) {
    long seq = supervisor.seq();
    boolean woke = event.what() == TraceEvent.What.WAKE || event.what() == TraceEvent.What.WAKE_NOW;
    if (event.what().isOfAll() && checker.coverage != null) {
      Stream.of(checker.slots).forEach(slot -> count(slot, event));
    }
    advance(event);
    checker.begin(now);
    byte[] before = isRequest(event) && !onlyTouched ? supervisorKey() : null;
    known = null;
    refusal = null;
    try {
      apply(event);
    } catch (PostmasterException refused) {
      refusal = refused.code();
      boolean same =
          supervisor.seq() == seq && (onlyTouched || Arrays.equals(before, supervisor.key(now)));
      if (!same || !checker.effects.isEmpty()) {
        throw new AssertionError("invariant 17 is broken: refused and done, " + event, refused);
      }
      checker.refused();
    } catch (RuntimeException bug) {
      throw new AssertionError("the core threw " + bug, bug);
    }
    checker.after(woke, onlyTouched);
    if (onlyTouched) {
      checker.touched().forEach(this::checkSlot);
    } else {
      supervisor.check();
    }
    if (checker.watch != null) {
      checker.watch.after(supervisor, now, checker.isOver());
    }
  }

  private void checkSlot(int index) {
    Slot slot = supervisor.table.slots[index];
    if (slot.state != WorkerState.FREE) {
      new SlotInvariants(supervisor, slot).all();
    }
  }

  /** How often each kind of event meets each state of a slot. */
  private void count(TraceSlot slot, TraceEvent event) {
    if (checker.coverage != null) {
      checker.coverage.pair(slot.state, event.what());
    }
  }

  private byte[] supervisorKey() {
    if (known == null) {
      known = supervisor.key(now);
    }
    return known;
  }

  private static boolean isRequest(TraceEvent event) {
    return switch (event.what()) {
      case REGISTER, TERMINATE, TERMINATE_OLD, SIGNAL, PAUSE, DRAIN, RESUME, ADVANCE, ATTACH ->
          true;
      default -> false;
    };
  }

  private void advance(TraceEvent event) {
    switch (event.what()) {
      case WAKE -> now = supervisor.nextWake() == Long.MAX_VALUE ? now : max(supervisor.nextWake());
      case PASS -> now += event.arg() * TraceSetup.MS;
      case STALL -> {
        now += event.arg() * TraceSetup.MS;
        stalled += event.arg() * TraceSetup.MS;
        checker.stalling(event.arg() * TraceSetup.MS);
      }
      default -> {}
    }
  }

  private long max(long at) {
    return Math.max(now, at);
  }

  private void apply(TraceEvent event) {
    switch (event.what()) {
      case START -> {
        if (!supervisor.started) {
          supervisor.start(now);
        }
      }
      case REGISTER -> register(event.arg());
      case ATTACH -> supervisor.attach("c" + event.at(), now);
      case DETACH -> supervisor.detach("c" + event.at(), now);
      case SIGNAL_ALL -> signalAll(Signal.values()[event.arg()]);
      case PAUSE, DRAIN, RESUME -> order(event);
      case ADVANCE -> supervisor.advance(Phase.values()[event.arg()], By.OPERATOR, now);
      case SHUTDOWN -> supervisor.shutdown(ShutdownMode.values()[event.arg()], By.OPERATOR, now);
      case ABORT -> supervisor.abort("trace", now);
      case STALL -> supervisor.stalled(event.arg() * TraceSetup.MS);
      case PASS -> {}
      case CLOCK -> supervisor.wallOffset(event.arg());
      case WAKE, WAKE_NOW -> {
        if (event.at() == RENEWED) {
          List.copyOf(supervisor.clients.leases())
              .forEach(lease -> supervisor.attach(lease.client, now));
        }
        supervisor.wake(now);
      }
      default -> {
        if (event.at() < checker.slots.length) {
          toSlot(checker.slots[event.at()], event);
        }
      }
    }
  }

  private void register(int kind) {
    var terms = setup.kinds().get(kind);
    checker.registering(terms);
    if (supervisor.started) {
      supervisor.register(terms, By.BUS, now);
    } else {
      supervisor.registerStatic(terms, now);
    }
  }

  private void signalAll(Signal signal) {
    if (signal == Signal.TERM && !supervisor.gateClosed()) {
      for (TraceSlot slot : checker.slots) {
        if (slot.live != null) {
          checker.signalling(slot);
        }
      }
    }
    supervisor.signalAll(signal, By.OPERATOR, now);
  }

  private void order(TraceEvent event) {
    Target target = setup.target(event.at(), checker.slots);
    long until = event.arg() == 0 ? Long.MAX_VALUE : now + event.arg() * TraceSetup.MS;
    boolean free =
        target.handle().map(handle -> checker.slots[handle.slot()].state).orElse(null)
            == WorkerState.FREE;
    if (!free && !supervisor.gateClosed()) {
      checker.ordering(target, event.what() != TraceEvent.What.RESUME, until);
    }
    switch (event.what()) {
      case PAUSE -> supervisor.pause(target, until, By.OPERATOR, now);
      case DRAIN -> supervisor.drain(target, until, By.OPERATOR, now);
      default -> supervisor.resume(target, By.OPERATOR, now);
    }
  }

  private void toSlot(TraceSlot slot, TraceEvent event) {
    if (!event.what().isOfARun()) {
      count(slot, event);
    }
    Handle handle = new Handle(TraceSetup.EPOCH, slot.index, slot.generation);
    Handle old = new Handle(TraceSetup.EPOCH, slot.index, slot.generation - 1);
    switch (event.what()) {
      case TERMINATE -> {
        WorkerState state = supervisor.terminate(handle, By.OPERATOR, now);
        if (state != WorkerState.FREE && !slot.terminate) {
          throw new AssertionError("invariant 30 is broken: acknowledged without a record");
        }
      }
      case TERMINATE_OLD -> supervisor.terminate(old, By.OPERATOR, now);
      case AWAIT -> await(handle, AwaitFor.values()[event.arg()]);
      case AWAIT_OLD -> await(old, AwaitFor.values()[event.arg()]);
      case SIGNAL -> {
        Signal signal = Signal.values()[event.arg()];
        if (slot.live != null && signal == Signal.TERM && !checker.isOver()) {
          checker.signalling(slot);
        }
        supervisor.signal(handle, signal, By.OPERATOR, now);
      }
      default -> {
        if (slot.live != null && !checker.isOver()) {
          toRun(slot, slot.live, event);
        }
        if (slot.last != null) {
          late(slot.last, event);
        }
      }
    }
  }

  private void await(Handle handle, AwaitFor what) {
    Object waiter = ++waiters;
    checker.awaiting(waiter, handle, what, now + WAIT_NS);
    supervisor.await(handle, what, WAIT_NS, waiter, now);
  }

  private void toRun(TraceSlot slot, Run run, TraceEvent event) {
    if (event.what().isOfARun() && !event.what().isLate()) {
      count(slot, event);
    }
    switch (event.what()) {
      case STARTED -> supervisor.started(run, now);
      case READY -> supervisor.ready(run, true, now);
      case NOT_READY -> supervisor.ready(run, false, now);
      case EXTEND_START -> {
        checker.extendingStart(slot);
        supervisor.extendStart(run, now);
      }
      case EXTEND_STOP -> {
        checker.extendingStop(slot);
        supervisor.extendStop(run, now);
      }
      case ENDED -> {
        checker.ended(slot, event.end());
        supervisor.ended(run, event.end(), now);
      }
      case GONE -> {
        checker.gone(event.end());
        supervisor.gone(run, event.end(), now);
      }
      default -> {}
    }
  }

  /** Answers of a run that is gone. */
  private void late(Run run, TraceEvent event) {
    if (event.what().isLate()) {
      count(checker.slots[run.slot()], event);
    }
    switch (event.what()) {
      case LATE_STARTED -> supervisor.started(run, now);
      case LATE_READY -> supervisor.ready(run, true, now);
      case LATE_ENDED -> supervisor.ended(run, event.end(), now);
      case LATE_GONE -> supervisor.gone(run, event.end(), now);
      default -> {
        return;
      }
    }
    if (!checker.effects.isEmpty()) {
      throw new AssertionError("invariant 31 is broken: obeyed " + event + " of " + run);
    }
  }

  /** Whether a run could truly say this of its end: who was not told says nothing else. */
  static boolean isPossible(TraceSlot slot, End end) {
    boolean told = slot.told || slot.signalled;
    return slot.live != null && (!end.told() || told) && (!end.interrupted() || slot.interrupted);
  }
}
