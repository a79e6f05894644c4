package dev.postmaster.core;

import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.Target;
import dev.postmaster.Threading;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.WorkerTerms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The invariants that are about an order of things: holds each effect against what the records
 * before it said. It knows the contract and the records, and looks into the core only where the
 * contract says that something is so before somebody is told.
 */
final class TraceChecker implements Effects {

  /** What a turn brought, for comparing two of them. */
  record Effect(String what, Object of, Object with) {}

  private record Waiting(Handle handle, AwaitFor what, long until) {}

  private final SupervisorOptions options;
  private Supervisor supervisor;
  final TraceSlot[] slots;
  private TracePauses pauses = new TracePauses();
  private final Map<Object, Waiting> waiting = new HashMap<>();
  private final Set<String> resetting = new HashSet<>();
  private final Set<String> completed = new HashSet<>();
  private long seq;
  private Phase phase;
  private ShutdownMode mode = ShutdownMode.NONE;
  private long gateAt = Long.MAX_VALUE;
  private boolean closed;
  private boolean ended;
  private long stalled;

  /** The journal and its readers; null without. */
  TraceWatch watch;

  /** Where premises are counted; null where they are not. */
  Coverage coverage;

  // ---- of the turn
  final List<Effect> effects = new ArrayList<>();
  private long now;
  private boolean again;
  private int launches;
  private WorkerTerms registering;
  private End ending;

  /** The domain that a crash of this turn has to reset. */
  private String crashed;

  private final List<String> notifiesOwed = new ArrayList<>();
  private final Set<String> rebuilt = new HashSet<>();
  private Slot launchedBefore;

  TraceChecker(SupervisorOptions options) {
    this.options = options;
    slots = new TraceSlot[options.maxWorkers()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new TraceSlot(i);
    }
    seq = options.headSeq();
    phase = options.phase();
  }

  TraceChecker copy() {
    TraceChecker copy = new TraceChecker(options);
    for (int i = 0; i < slots.length; i++) {
      copy.slots[i] = slots[i].copy();
    }
    copy.pauses = pauses.copy();
    copy.waiting.putAll(waiting);
    copy.resetting.addAll(resetting);
    copy.completed.addAll(completed);
    copy.seq = seq;
    copy.phase = phase;
    copy.mode = mode;
    copy.gateAt = gateAt;
    copy.closed = closed;
    copy.ended = ended;
    copy.stalled = stalled;
    return copy;
  }

  void of(Supervisor checked) {
    supervisor = checked;
  }

  boolean gateClosed() {
    return gateAt != Long.MAX_VALUE;
  }

  boolean isOver() {
    return ended;
  }

  int waits() {
    return waiting.size();
  }

  private long judgedNow() {
    return now - stalled;
  }

  private Handle handle(TraceSlot slot) {
    return new Handle(options.epoch(), slot.index, slot.generation);
  }

  // ---- what the world is about to do

  void begin(long at) {
    now = at;
    effects.clear();
    again = false;
    launches = 0;
    registering = null;
    ending = null;
    crashed = null;
    notifiesOwed.clear();
    rebuilt.clear();
    launchedBefore = null;
  }

  void registering(WorkerTerms terms) {
    registering = terms;
  }

  void refused() {
    registering = null;
  }

  void awaiting(Object waiter, Handle handle, AwaitFor what, long until) {
    waiting.put(waiter, new Waiting(handle, what, until));
  }

  void ordering(Target target, boolean holds, long until) {
    if (!holds) {
      Stream.of(slots)
          .filter(slot -> slot.state != WorkerState.FREE)
          .forEach(slot -> pauses.goesOn(target, slot, handle(slot)));
    }
    pauses.order(target, holds, until);
  }

  void stalling(long ns) {
    stalled += ns;
  }

  void signalling(TraceSlot slot) {
    slot.signalled = true;
  }

  void ended(TraceSlot slot, End end) {
    if (slot.end == null) {
      slot.end = end;
    }
  }

  void gone(End end) {
    ending = end;
  }

  void extendingStart(TraceSlot slot) {
    boolean judged =
        slot.state == WorkerState.STARTING || slot.state == WorkerState.RUNNING && !slot.wasReady;
    if (judged && slot.startExtensions < 9) {
      slot.startExtensions++;
      slot.startLimit += slot.terms.startTimeout().toNanos();
    }
  }

  void extendingStop(TraceSlot slot) {
    boolean free =
        slot.state == WorkerState.STOPPING
            && slot.told
            && !slot.interrupted
            && !gateClosed()
            && !(slot.shares() && resetting.contains(slot.terms.domain()));
    if (free && slot.stopExtensions < 9) {
      slot.stopExtensions++;
      slot.interruptAt += slot.terms.grace().toNanos();
      slot.abandonAt += slot.terms.grace().toNanos();
    }
  }

  // ---- effects

  @Override
  public void record(Transition t) {
    effects.add(new Effect("record", t, null));
    that(!closed, "§10", "a record after the last one: ", t);
    that(t.seq() == seq + 1, "45", "record ", t.seq(), " after ", seq);
    seq = t.seq();
    if (t.own()) {
      own(t);
    } else {
      edge(slots[t.slot()], t);
    }
    if (watch != null) {
      watch.recorded(t);
    }
  }

  /** What was recorded can be read before it is acted on, or told. */
  private void written() {
    if (watch != null) {
      watch.told(seq);
    }
  }

  private void own(Transition t) {
    switch (t.cause()) {
      case PHASE -> {
        that(t.from() == phase && ((Phase) t.to()).compareTo(phase) > 0, "24", "phase: ", t);
        phase = (Phase) t.to();
      }
      case SHUTDOWN_BEGIN -> {
        that(t.from() == mode && ((ShutdownMode) t.to()).compareTo(mode) > 0, "42", "mode: ", t);
        mode = (ShutdownMode) t.to();
        if (mode != ShutdownMode.SMART && !gateClosed()) {
          gateAt = now;
          resetting.clear();
        }
      }
      case CRASH_BEGIN -> {
        that(t.name().equals(crashed), "41", "a cycle that no crash began: ", t);
        that(resetting.add(t.name()) && !gateClosed(), "39", "a cycle in a cycle: ", t);
        for (TraceSlot slot : slots) {
          if (slot.shares() && slot.terms.domain().equals(t.name())) {
            slot.cycled = true;
            slot.cut = true;
          }
        }
      }
      case CRASH_END -> {
        that(resetting.remove(t.name()), "39", "the end of no cycle: ", t);
        that(rebuilt.contains(t.name()), "38", "memory was not rebuilt: ", t);
      }
      case CLOSED -> {
        that(gateClosed(), "44", "closed with the gate open");
        for (TraceSlot slot : slots) {
          that(!slot.busy(), "44", "closed with ", slot);
        }
        closed = true;
      }
      default -> {}
    }
  }

  private void edge(TraceSlot slot, Transition t) {
    that(t.from() == slot.state, "45", "from is not what was before: ", t);
    that(Edges.isLegal(slot.state, (WorkerState) t.to(), t.cause()), "49", "no edge: ", t);
    that(!slot.launchOwed, "46", "a launch was recorded and not done: ", t);
    boolean keeps = slot.terminate && t.from() != WorkerState.FREE;
    when(keeps, t.terminate(), "28", "flag lost: ", t);
    WorkerState to = (WorkerState) t.to();
    if (t.from() == WorkerState.FREE) {
      register(slot, t);
    } else if (to == WorkerState.STARTING) {
      start(slot, t);
    } else if (slot.state.hasRun() && !to.hasRun()) {
      end(slot, t);
    } else if (slot.state.hasRun()) {
      go(slot, t);
    }
    that(t.generation() == slot.generation, "5", "generation: ", t, " in ", slot);
    that(t.name().equals(slot.terms.name()), "7", "name: ", t);
    that(t.runId() == (slot.state.hasRun() || to.hasRun() ? slot.runId : 0), "31", "run: ", t);
    that(t.exit() != Exit.NONE == (slot.state.hasRun() && !to.hasRun()), "32", "exit: ", t);
    slot.state = to;
    slot.seq = t.seq();
    slot.terminate = t.terminate();
    slot.ready = t.ready();
    slot.wasReady |= t.ready();
    that(slot.starts == t.starts(), "27", "starts: ", t);
    if (!to.hasRun()) {
      slot.runId = 0;
    }
    if (to == WorkerState.FREE) {
      freed(slot);
    }
  }

  private void register(TraceSlot slot, Transition t) {
    that(registering != null, "16", "nobody asked for ", t);
    that(!gateClosed(), "43", "registered after the gate closed: ", t);
    that(t.generation() == slot.generation + 1, "5", "generation: ", t);
    that(!t.terminate(), "8", "terminate left over: ", t);
    for (int i = 0; i < slot.index; i++) {
      that(slots[i].state != WorkerState.FREE, "4", "slot ", i, " is lower and free: ", t);
    }
    slot.registered(registering);
    registering = null;
  }

  private void start(TraceSlot slot, Transition t) {
    that(!gateClosed(), "43", "started after the gate closed: ", t);
    that(!slot.terminate, "28", "terminated, and started: ", t);
    that(slot.live == null, "31", "two runs: ", t);
    that(t.runId() == t.seq(), "31", "run id: ", t);
    when(slot.never(), slot.starts == 0, "27", "never, and started again: ", t);
    that(Invariants.mayStart(slot.terms, phase), "24", "started in phase ", phase, ": ", t);
    that(!pauses.holds(slot, handle(slot), now), "§14", "started while paused: ", t);
    boolean cycle = slot.shares() && resetting.contains(slot.terms.domain());
    that(!cycle, "39", "started in a cycle: ", t);
    that(slot.terms.requires().stream().allMatch(this::isMet), "§5", "requires: ", t);
    that(
        slot.terms.after().stream().allMatch(name -> isMet(name) || !isHeld(name)),
        "§5",
        "after: ",
        t);
    when(blocks(slot), threads() < options.maxWorkerThreads(), "§5 threads", "no thread: ", t);
    switch (t.cause()) {
      case LAUNCH -> that(slot.starts == 0, "27", "the first launch: ", t);
      case RESTART_TIMER ->
          that(now >= slot.notBefore, "25", (slot.notBefore - now), " ns early: ", t);
      default -> that(slot.cycled, "40", "no cycle since its last launch: ", t);
    }
    that(++launches <= Starter.LAUNCHES_MAX, "33", launches, " launches in a turn");
    slot.launched(new Run(slot.index, slot.generation, t.runId()), judgedNow());
  }

  private boolean isMet(String name) {
    boolean ready = false;
    for (TraceSlot slot : slots) {
      boolean holds = slot.state != WorkerState.FREE && slot.terms.name().equals(name);
      ready |= holds && slot.ready;
    }
    return ready || completed.contains(name);
  }

  private boolean isHeld(String name) {
    for (TraceSlot slot : slots) {
      if (slot.state != WorkerState.FREE && slot.terms.name().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private int threads() {
    int used = 0;
    for (TraceSlot slot : slots) {
      used += slot.live != null && blocks(slot) ? 1 : 0;
    }
    return used;
  }

  private static boolean blocks(TraceSlot slot) {
    return slot.terms.threading() == Threading.WORKER;
  }

  /** An edge of a run that goes on. */
  private void go(TraceSlot slot, Transition t) {
    switch ((WorkerState) t.to()) {
      case RUNNING -> {
        if (t.from() == WorkerState.STARTING) {
          slot.begun = true;
          slot.everBegun = true;
          that(Invariants.mayStart(slot.terms, phase), "23", "runs in phase ", phase, ": ", t);
          notifyOwed(slot);
        }
      }
      case STOPPING -> {
        if (t.from() == WorkerState.STOPPING) {
          that(t.terminate() && !slot.terminate, "30", "terminated twice: ", t);
        } else {
          stop(slot, t);
        }
      }
      case ABANDONED -> {
        boolean due = slot.interrupted && (slot.cut || judgedNow() >= slot.abandonAt);
        that(t.from() == WorkerState.ABANDONED || due || gateClosed(), "§8", "abandoned: ", t);
      }
      default -> throw new AssertionError("a run goes to " + t);
    }
  }

  private void stop(TraceSlot slot, Transition t) {
    slot.reason = t.cause();
    slot.interruptAt = judgedNow() + slot.terms.grace().toNanos();
    slot.abandonAt = slot.interruptAt + slot.terms.force().toNanos();
    switch (t.cause()) {
      case START_TIMEOUT -> {
        that(!slot.wasReady, "§6", "was ready: ", t);
        that(judgedNow() >= slot.startLimit, "§6", "start timeout too early: ", t);
      }
      case CRASH_CYCLE -> {
        boolean cycle = slot.shares() && resetting.contains(slot.terms.domain());
        that(cycle, "38", "not of the cycle: ", t);
      }
      case SHUTDOWN -> that(gateClosed(), "42", "the gate is open: ", t);
      case EXIT -> that(slot.end != null, "32", "did not end: ", t);
      case SIGNAL -> that(slot.terms.verticle(), "§11", "a signal stops a verticle only: ", t);
      default -> {}
    }
  }

  private void end(TraceSlot slot, Transition t) {
    that(ending != null, "31", "nobody said that it is gone: ", t);
    Exit exit = slot.verdict(ending);
    that(t.exit() == exit, "§7", "exit is not ", exit, ": ", t);
    boolean told = (slot.end == null ? ending : slot.end).told();
    boolean forgotten = gateClosed() || slot.terminate || slot.never() || exit == Exit.COMPLETED;
    that(forgotten == (t.to() == WorkerState.FREE), "26", "forgotten ", forgotten, ": ", t);
    if (exit == Exit.COMPLETED) {
      completed.add(slot.terms.name());
    }
    if (exit == Exit.CRASHED && !told && slot.shares() && !gateClosed()) {
      crashed = slot.terms.domain();
    }
    boolean drained =
        slot.reason == Cause.DRAIN && (exit == Exit.TERMINATED || exit == Exit.KILLED);
    slot.notBefore = drained ? now : now + slot.terms.restart().toNanos();
    boolean resetNow = slot.shares() && resetting.contains(slot.terms.domain());
    slot.cycled |= resetNow || slot.reason == Cause.CRASH_CYCLE;
    slot.last = slot.live;
    slot.live = null;
    if (slot.begun && t.to() == WorkerState.BACKOFF) {
      notifyOwed(slot);
    }
  }

  private void freed(TraceSlot slot) {
    Table table = supervisor.table;
    that(table.free.isFree(slot.index), "35", "recorded as free before it is: ", slot);
    int parallel = 0;
    for (TraceSlot other : slots) {
      parallel += other.isParallel() ? 1 : 0;
    }
    that(table.parallelActive() == parallel, "20", "parallel ", table.parallelActive());
    notifyOwed(slot);
  }

  private void notifyOwed(TraceSlot slot) {
    if (!slot.terms.notifyAddress().isEmpty()) {
      notifiesOwed.add(slot.terms.notifyAddress());
    }
  }

  @Override
  public void changed(int slot) {
    effects.add(new Effect("changed", slot, null));
    if (watch != null) {
      watch.changed(slot);
    }
  }

  @Override
  public void launch(Run run) {
    effects.add(new Effect("launch", run, null));
    written();
    TraceSlot slot = slots[run.slot()];
    that(slot.launchOwed && run.equals(slot.live), "46", "launched without a record: ", run);
    slot.launchOwed = false;
    Slot real = supervisor.table.slots[run.slot()];
    Slot before = launchedBefore;
    boolean inOrder =
        before == null
            || before.due < real.due
            || before.due == real.due && before.registration < real.registration;
    that(inOrder, "§5", "started after somebody who was due later: ", slot);
    launchedBefore = real;
  }

  @Override
  public void tell(Run run, Cause reason) {
    effects.add(new Effect("tell", run, reason));
    TraceSlot slot = live(run, "tell");
    that(slot.state == WorkerState.STOPPING && !slot.told, "46", "told in ", slot);
    that(reason == slot.reason, "46", "told ", reason, " in ", slot);
    slot.told = true;
  }

  @Override
  public void signal(Run run, Signal signal) {
    effects.add(new Effect("signal", run, signal));
    live(run, "signal");
  }

  @Override
  public void interrupt(Run run) {
    effects.add(new Effect("interrupt", run, null));
    TraceSlot slot = live(run, "interrupt");
    that(slot.told && !slot.interrupted, "§8", "interrupted in ", slot);
    boolean due = slot.cut || gateClosed() || judgedNow() >= slot.interruptAt;
    that(due, "§8", "interrupted within its grace: ", slot);
    that(slot.state == WorkerState.STOPPING, "46", "interrupted in ", slot);
    slot.interrupted = true;
  }

  @Override
  public void abandon(Run run) {
    effects.add(new Effect("abandon", run, null));
    TraceSlot slot = live(run, "abandon");
    boolean once = slot.state == WorkerState.ABANDONED && !slot.abandoned;
    that(once && slot.interrupted, "46", "abandoned in ", slot);
    slot.abandoned = true;
  }

  private TraceSlot live(Run run, String what) {
    written();
    that(!ended, "44", what, " after the end");
    TraceSlot slot = slots[run.slot()];
    that(run.equals(slot.live) && !slot.launchOwed, "31", what, " of ", run, " in ", slot);
    return slot;
  }

  @Override
  public void answer(Object waiter, Optional<ErrorCode> failure, WorkerStatus status) {
    effects.add(new Effect("answer", waiter, List.of(failure, status.state(), status.seq())));
    Waiting wait = waiting.remove(waiter);
    that(wait != null, "34", "answered twice, or never asked: ", waiter);
    that(wait.handle.equals(status.handle()), "37", wait, " is told of ", status.handle());
    TraceSlot slot = slots[wait.handle.slot()];
    boolean tenant = slot.generation == wait.handle.generation();
    if (tenant) {
      told(slot, status);
    }
    boolean free = !tenant || slot.state == WorkerState.FREE;
    boolean rests = slot.state == WorkerState.BACKOFF && slot.everBegun;
    boolean is =
        switch (wait.what) {
          case STARTED -> tenant && slot.everBegun;
          case READY -> tenant && slot.ready;
          case STOPPED -> free || rests;
          case GONE -> free;
        };
    ErrorCode error = failure.orElse(null);
    that(is == (error == null), "34", wait, " is answered ", failure, " in ", slot);
    that(error != ErrorCode.TIMEOUT || now >= wait.until, "34", "too early: ", wait);
    that(error != ErrorCode.NOT_STARTED || free, "34", wait, ": may start yet, ", slot);
    that(error != ErrorCode.POSTMASTER_DIED || closed, "34", wait, ": it lives");
  }

  @Override
  public void notify(String address, WorkerStatus status) {
    effects.add(new Effect("notify", address, List.of(status.state(), status.seq())));
    told(slots[status.slot()], status);
    that(notifiesOwed.remove(address), "§11", address, " is told of nothing: ", status);
  }

  /** What somebody is told was recorded before, and the slot is free before it is said. */
  private void told(TraceSlot slot, WorkerStatus status) {
    written();
    boolean recorded = status.seq() == slot.seq && status.state() == slot.state;
    that(recorded, "46", "told of ", status.state(), " in ", slot);
    boolean free = slot.state != WorkerState.FREE || supervisor.table.free.isFree(slot.index);
    that(free, "35", "told before the slot is free: ", slot);
  }

  @Override
  public void resetDomain(String domain) {
    effects.add(new Effect("resetDomain", domain, null));
    that(resetting.contains(domain), "38", "rebuilt without a cycle: ", domain);
    for (TraceSlot slot : slots) {
      boolean member = slot.shares() && slot.terms.domain().equals(domain);
      when(member, !slot.busy(), "38", "rebuilt under ", slot);
    }
    rebuilt.add(domain);
  }

  @Override
  public void again() {
    effects.add(new Effect("again", null, null));
    again = true;
  }

  @Override
  public void ended(boolean abnormal) {
    effects.add(new Effect("ended", abnormal, null));
    that(closed && !ended, "44", "ended ", ended, ", closed ", closed);
    that(waiting.isEmpty(), "36", "ended with waits: ", waiting);
    ended = true;
  }

  // ---- after the event

  /** Holds what the records say against what the supervisor shows. */
  void after(boolean woke, boolean onlyTouched) {
    that(registering == null, "46", "registered without a record");
    that(notifiesOwed.isEmpty(), "§11", "not notified: ", notifiesOwed);
    boolean reset = crashed == null || resetting.contains(crashed) || gateClosed();
    when(!reset, !rebuilt.isEmpty(), "38", "a crash without a cycle in ", crashed);
    if (onlyTouched) {
      touched().forEach(slot -> after(slots[slot]));
    } else {
      all(woke);
    }
    if (!again && !ended) {
      boolean full = threads() == options.maxWorkerThreads();
      boolean idle = !supervisor.started || supervisor.starter.queued() == 0;
      that(full || idle, "33", "somebody could start");
      when(woke, supervisor.nextWake() > now, "44", "a deadline was not served");
      boolean inTime = now - gateAt < options.shutdownTimeoutNs();
      when(woke && gateClosed(), inTime, "44", "shutdown takes too long");
    }
  }

  private void all(boolean woke) {
    int waits = 0;
    for (TraceSlot slot : slots) {
      after(slot);
      Slot real = supervisor.table.slots[slot.index];
      waits += real == null ? 0 : real.waits.size();
      if (woke && !again && !ended) {
        served(slot);
      }
    }
    that(waits == waiting.size(), "34", waits, " waits, ", waiting.size(), " owed");
  }

  /** The slots that the turn has recorded or shown something of. */
  IntStream touched() {
    return effects.stream()
        .mapToInt(
            effect ->
                effect.of() instanceof Transition t
                    ? t.slot()
                    : effect.of() instanceof Integer slot ? slot : -1)
        .filter(slot -> slot >= 0)
        .distinct();
  }

  private void after(TraceSlot slot) {
    that(!slot.launchOwed, "46", "a launch was recorded and not done: ", slot);
    WorkerStatus status = supervisor.status(slot.index, now).orElse(null);
    if (status == null) {
      that(slot.generation == 0, "45", "not shown: ", slot);
      return;
    }
    boolean same =
        status.state() == slot.state
            && status.generation() == slot.generation
            && status.seq() == slot.seq
            && status.runId() == slot.runId
            && status.ready() == slot.ready
            && status.terminate() == slot.terminate
            && status.starts() == slot.starts;
    that(same, "45", "records say ", slot, ", shown is ", status);
    that(status.status() == slot.status(), "PG status", slot, " shows ", status.status());
    boolean late = slot.state == WorkerState.STOPPING && !slot.told;
    when(late, gateClosed(), "38", "not told: ", slot);
    if (slot.shares() && resetting.contains(slot.terms.domain())) {
      boolean runs = slot.state == WorkerState.STARTING || slot.state == WorkerState.RUNNING;
      that(!runs && (!slot.busy() || slot.interrupted), "38", "in a cycle: ", slot);
    }
    when(ended, !slot.busy(), "44", "it is over: ", slot);
  }

  /** No deadline of a slot is over that was not acted on. */
  private void served(TraceSlot slot) {
    boolean starts =
        slot.state == WorkerState.STARTING || slot.state == WorkerState.RUNNING && !slot.wasReady;
    when(starts, judgedNow() < slot.startLimit, "§6", "start timeout missed: ", slot);
    boolean stops = slot.state == WorkerState.STOPPING;
    boolean grace = slot.interrupted || judgedNow() < slot.interruptAt;
    when(stops, grace, "§8", "interrupt missed: ", slot);
    when(stops, judgedNow() < slot.abandonAt, "§8", "abandon missed: ", slot);
  }

  private void that(boolean holds, String invariant, Object... facts) {
    when(true, holds, invariant, facts);
  }

  /** Holds an invariant where its premise is true, and counts how often it was. */
  private void when(boolean premise, boolean holds, String invariant, Object... facts) {
    if (premise && coverage != null) {
      coverage.premise(invariant);
    }
    if (premise && !holds) {
      String text = Stream.of(facts).map(String::valueOf).collect(Collectors.joining());
      throw new AssertionError("invariant " + invariant + " is broken: " + text);
    }
  }
}
