package dev.postmaster.core;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.Holder;
import dev.postmaster.Stage;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerTerms;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The slots, and everything that is counted or found by them. Each change of a state goes through
 * {@link #edge}: it keeps the counts, then writes the record.
 *
 * <p>Source: PostgreSQL's {@code BackgroundWorkerArray}; {@code BackgroundWorkerShmemInit} is the
 * constructor, {@link #forget} is {@code ForgetBackgroundWorker}.
 */
final class Table {

  private static final long MS = 1_000_000;
  private static final int HOLDERS_SHOWN = 5;

  /** Idle domains that are remembered for their counts; beyond that the oldest go. */
  private static final int IDLE_DOMAINS_MAX = 1_024;

  final SupervisorOptions options;
  final Effects effects;

  /** A slot is made when it is first used. */
  final Slot[] slots;

  final FreeSlots free;

  /** All registrations, in their order. */
  final Set<Slot> registered = new LinkedHashSet<>();

  private final Set<Slot> parallel = new LinkedHashSet<>();

  /** Both wrap; their difference is the number of parallel workers (contract §13). */
  int parallelRegistered;

  int parallelTerminated;

  final Names names;
  final Map<String, Domain> domains = new LinkedHashMap<>();

  /** Domains with a cycle whose last member may have gone. */
  final Set<Domain> touchedDomains = new LinkedHashSet<>();

  final AlarmHeap real = new AlarmHeap();
  final AlarmHeap judged = new AlarmHeap();

  /** For how long the loop or the JVM has stood still so far. */
  long stalled;

  private final int[] inState = new int[WorkerState.values().length];
  int threadsUsed;
  private long registrations;
  long seq;
  long wallOffsetMs;

  Table(SupervisorOptions options, Effects effects) {
    this.options = options;
    this.effects = effects;
    slots = new Slot[options.maxWorkers()];
    free = new FreeSlots(options.maxWorkers());
    names = new Names();
    seq = options.headSeq();
    inState[WorkerState.FREE.ordinal()] = slots.length;
  }

  /** A copy with effects of its own, for the search and the simulator. */
  Table(Table other, Effects effects, Copies copies) {
    options = other.options;
    this.effects = effects;
    slots = new Slot[other.slots.length];
    copies.slots(this);
    free = other.free.copy();
    other.registered.forEach(slot -> registered.add(slots[slot.index]));
    other.parallel.forEach(slot -> parallel.add(slots[slot.index]));
    parallelRegistered = other.parallelRegistered;
    parallelTerminated = other.parallelTerminated;
    names = other.names.copy(slots);
    other.domains.forEach((name, domain) -> domains.put(name, domain.copy(slots)));
    stalled = other.stalled;
    System.arraycopy(other.inState, 0, inState, 0, inState.length);
    threadsUsed = other.threadsUsed;
    registrations = other.registrations;
    seq = other.seq;
    wallOffsetMs = other.wallOffsetMs;
    copies.link(this);
  }

  int count(WorkerState state) {
    return inState[state.ordinal()];
  }

  int used() {
    return slots.length - count(WorkerState.FREE);
  }

  int parallelActive() {
    return parallelRegistered - parallelTerminated;
  }

  /** Runs that are not gone and not abandoned. */
  int busy() {
    return count(WorkerState.STARTING) + count(WorkerState.RUNNING) + count(WorkerState.STOPPING);
  }

  long judgedNow(long now) {
    return now - stalled;
  }

  /** The slot that a run is in, or null for a late answer. */
  Slot find(Run run) {
    Slot slot = run.slot() < slots.length ? slots[run.slot()] : null;
    return slot != null && slot.is(run) ? slot : null;
  }

  /** The generation that a slot has or had last, be it in an earlier life of the epoch. */
  long generation(int index) {
    Slot slot = slots[index];
    return slot == null ? options.past().generations().applyAsLong(index) : slot.generation;
  }

  Handle handle(Slot slot) {
    return new Handle(options.epoch(), slot.index, slot.generation);
  }

  /** The five oldest of those who hold a limit. */
  List<Holder> holders(Set<Slot> of, long now) {
    List<Holder> holders = new ArrayList<>(HOLDERS_SHOWN);
    for (Slot slot : of) {
      if (holders.size() == HOLDERS_SHOWN) {
        break;
      }
      long ageMs = (now - slot.registeredAt) / MS;
      holders.add(new Holder(handle(slot), slot.terms.name(), ageMs));
    }
    return holders;
  }

  Set<Slot> parallel() {
    return parallel;
  }

  /** Takes the lowest free slot. Everything is in place before the record shows it in use. */
  Slot register(WorkerTerms terms, boolean dynamic, By by, long now) {
    int index = free.lowest();
    Slot slot = slots[index];
    if (slot == null) {
      slot = new Slot(index);
      slot.generation = generation(index);
      slots[index] = slot;
    }
    free.take(index);
    slot.clear();
    slot.terms = terms;
    slot.dynamic = dynamic;
    slot.generation++;
    slot.registration = ++registrations;
    slot.registeredAt = now;
    slot.restartNs = terms.restart().isNegative() ? -1 : terms.restart().toNanos();
    slot.graceNs = terms.grace().toNanos();
    slot.forceNs = terms.force().toNanos();
    slot.due = now;
    slot.launchCause = Cause.LAUNCH;
    registered.add(slot);
    if (slot.isParallel()) {
      parallelRegistered++;
      parallel.add(slot);
    }
    if (slot.sharesMemory()) {
      slot.domain = domain(terms.domain());
      slot.domain.members.add(slot);
    }
    names.add(slot);
    edge(slot, WorkerState.REGISTERED, Cause.REGISTERED, by, now);
    return slot;
  }

  private Domain domain(String name) {
    Domain domain = domains.get(name);
    if (domain == null) {
      if (domains.size() >= IDLE_DOMAINS_MAX) {
        domains.values().removeIf(Domain::isIdle);
      }
      domain = new Domain(name);
      domains.put(name, domain);
    }
    return domain;
  }

  /** Ends the registration: the slot is free before the record says so. */
  void forget(Slot slot, Cause cause, Verdict verdict, By by, long now) {
    if (slot.isParallel()) {
      parallelTerminated++;
      parallel.remove(slot);
    }
    registered.remove(slot);
    slot.alarm.cancel();
    free.free(slot.index);
    edge(slot, WorkerState.FREE, cause, verdict, by, now);
    names.remove(slot);
    slot.name = null;
    if (slot.pause != null) {
      slot.pause.end.cancel();
      slot.pause = null;
    }
    if (slot.domain != null) {
      slot.domain.members.remove(slot);
      if (slot.domain.isIdle() && slot.domain.cycles == 0) {
        domains.remove(slot.domain.name);
      }
      slot.domain = null;
    }
  }

  void edge(Slot slot, WorkerState to, Cause cause, By by, long now) {
    edge(slot, to, cause, Verdict.NONE, by, now);
  }

  /** Changes the state of a slot, and records it. */
  void edge(Slot slot, WorkerState to, Cause cause, Verdict verdict, By by, long now) {
    WorkerState from = slot.state;
    if (!Edges.isLegal(from, to, cause)) {
      throw new AssertionError("no edge " + from + " -> " + to + " " + cause.word());
    }
    boolean wasReady = slot.ready;
    slot.ready = ready(slot, to, cause);
    slot.state = to;
    slot.seq = seq + 1;
    if (from != to) {
      slot.stateSince = now;
      count(slot, from, to);
    }
    record(slot, from, cause, verdict, by, now);
    if (wasReady != slot.ready) {
      names.ready(slot, slot.ready);
    }
  }

  private static boolean ready(Slot slot, WorkerState to, Cause cause) {
    if (to != WorkerState.RUNNING) {
      return false;
    }
    return switch (cause) {
      case READY -> true;
      case NOT_READY -> false;
      default -> slot.terms.ready().kind() == dev.postmaster.Readiness.Kind.AT_ONCE;
    };
  }

  private void count(Slot slot, WorkerState from, WorkerState to) {
    inState[from.ordinal()]--;
    inState[to.ordinal()]++;
    if (slot.blocks() && from.hasRun() != to.hasRun()) {
      threadsUsed += to.hasRun() ? 1 : -1;
    }
    if (slot.domain != null) {
      boolean wasBusy = from.hasRun() && from != WorkerState.ABANDONED;
      boolean isBusy = to.hasRun() && to != WorkerState.ABANDONED;
      if (wasBusy != isBusy) {
        slot.domain.busy += isBusy ? 1 : -1;
        if (slot.domain.resetting && slot.domain.busy == 0) {
          touchedDomains.add(slot.domain);
        }
      }
    }
  }

  private void record(Slot slot, WorkerState from, Cause cause, Verdict verdict, By by, long now) {
    boolean waits = slot.state == WorkerState.BACKOFF && slot.due > now;
    effects.record(
        new Transition(
            ++seq,
            wall(now),
            slot.index,
            slot.generation,
            slot.runId,
            slot.terms.name(),
            slot.terms.type(),
            false,
            from,
            slot.state,
            cause,
            slot.ready,
            slot.terminate,
            slot.starts,
            waits ? wall(slot.due) : 0,
            waits ? Math.max(0, (slot.due - now) / MS) : -1,
            verdict.exit(),
            verdict.code(),
            verdict.message(),
            by));
  }

  /** The edge of a registration that ended with an earlier life. */
  void orphaned(Past.Left left, long now) {
    effects.record(
        new Transition(
            ++seq,
            wall(now),
            left.slot(),
            left.generation(),
            left.runId(),
            left.name(),
            left.type(),
            false,
            left.state(),
            WorkerState.FREE,
            Cause.ORPHANED,
            false,
            false,
            left.starts(),
            0,
            -1,
            Exit.NONE,
            Transition.NO_CODE,
            "",
            By.POSTMASTER));
  }

  /** A record of the postmaster's own. */
  void own(Cause cause, String name, Stage from, Stage to, String message, By by, long now) {
    effects.record(
        new Transition(
            ++seq,
            wall(now),
            -1,
            0,
            0,
            name,
            "",
            false,
            from,
            to,
            cause,
            false,
            false,
            0,
            0,
            -1,
            Exit.NONE,
            Transition.NO_CODE,
            message,
            by));
  }

  /** Epoch milliseconds of a monotonic time. */
  long wall(long ns) {
    return wallOffsetMs + ns / MS;
  }
}
