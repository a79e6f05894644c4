package dev.postmaster.core;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.Readiness;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.Target;
import dev.postmaster.Threading;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.WorkerTerms;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The postmaster's decisions: an event and the time in, effects out.
 *
 * <p>Threading: one thread; it reads no clock, and starts nothing itself.
 *
 * <p>Units: every {@code now} is monotonic nanoseconds and never goes back.
 *
 * <p>Ordering: each method changes the state, emits its effects (record, act, tell), then settles:
 * what it let go is looked at again, and at most 100 runs are started.
 *
 * <p>Errors: requests throw a {@link PostmasterException} and then have changed nothing; answers
 * from outside that match no run are dropped; an {@link AssertionError} is our bug.
 *
 * <p>Source: PostgreSQL's postmaster.c and bgworker.c; each method names its function.
 */
public final class Supervisor {

  /** How many deadlines one turn serves before others get theirs. */
  static final int ALARMS_MAX = 1_000;

  final Table table;
  final Pauses pauses;
  final Starter starter;
  final Shutdown shutdown;
  final Clients clients;
  private final Views views;
  private final Waits waits;
  private final Ladder ladder;
  private final Cycles cycles;
  private final Endings endings;
  private final Admission admission;
  private boolean started;

  /** All slots free ({@code BackgroundWorkerShmemInit}). */
  public Supervisor(SupervisorOptions options, Effects effects) {
    table = new Table(options, effects);
    pauses = new Pauses(table);
    starter = new Starter(table, pauses);
    views = new Views(table, pauses, starter);
    waits = new Waits(table, views);
    ladder = new Ladder(table);
    cycles = new Cycles(table, ladder, starter, waits);
    shutdown = new Shutdown(table, ladder, waits);
    endings = new Endings(table, starter, cycles, shutdown, waits);
    clients = new Clients(table);
    admission = new Admission(table, shutdown);
  }

  private Supervisor(Supervisor other, Effects effects) {
    Copies copies = new Copies(other.table, effects);
    table = copies.table();
    pauses = new Pauses(other.pauses, table, copies);
    starter = new Starter(other.starter, table, pauses);
    views = new Views(table, pauses, starter);
    waits = new Waits(other.waits, table, views);
    ladder = new Ladder(table);
    cycles = new Cycles(table, ladder, starter, waits);
    shutdown = new Shutdown(other.shutdown, table, ladder, waits, copies);
    endings = new Endings(table, starter, cycles, shutdown, waits);
    clients = new Clients(other.clients, table, copies);
    admission = new Admission(table, shutdown);
    started = other.started;
  }

  /** The same state with effects of its own; shares nothing that changes. */
  public Supervisor copy(Effects effects) {
    return new Supervisor(this, effects);
  }

  // ---- registrants

  /** Writes {@code opened}: the first record, before the static registrations. */
  public void open(String message, long now) {
    table.own(Cause.OPENED, "", null, starter.phase(), message, By.POSTMASTER, now);
  }

  /** Registers a static worker, before {@link #start} ({@code RegisterBackgroundWorker}). */
  public Handle registerStatic(WorkerTerms terms, long now) {
    return register(terms, false, By.CODE, now);
  }

  /** Static registration is over: starts who can start. */
  public void start(long now) {
    started = true;
    table.registered.forEach(slot -> starter.evaluate(slot, now));
    settle(now);
  }

  /** Registers a worker ({@code RegisterDynamicBackgroundWorker}). */
  public Handle register(WorkerTerms terms, By by, long now) {
    Handle handle = register(terms, true, by, now);
    settle(now);
    return handle;
  }

  private Handle register(WorkerTerms terms, boolean dynamic, By by, long now) {
    admission.check(terms, dynamic, started, now);
    Slot slot = table.register(terms, dynamic, by, now);
    if (started) {
      starter.evaluate(slot, now);
    }
    return table.handle(slot);
  }

  /**
   * Ends a registration ({@code TerminateBackgroundWorker}): it is never started again.
   *
   * @return the state after
   * @throws PostmasterException {@code STALE_HANDLE} if another has the slot, or it is of another
   *     epoch
   */
  public WorkerState terminate(Handle handle, By by, long now) {
    Slot slot = tenant(handle);
    if (slot == null) {
      return WorkerState.FREE;
    }
    boolean isNew = !slot.terminate;
    slot.terminate = true;
    switch (slot.state) {
      case REGISTERED, BACKOFF, PARKED -> {
        slot.reason = Cause.TERMINATE;
        table.forget(slot, Cause.TERMINATE, Verdict.NONE, by, now);
        waits.tell(slot, true, now);
      }
      case STARTING, RUNNING -> ladder.stop(slot, Cause.TERMINATE, by, now);
      case STOPPING, ABANDONED -> {
        if (isNew) {
          table.edge(slot, slot.state, Cause.TERMINATE, by, now);
        }
      }
      case FREE -> throw new AssertionError("a tenant is in a free slot");
    }
    WorkerState state = slot.state;
    settle(now);
    return state;
  }

  /** Sends a signal to a run; TERM takes a verticle down the ladder. */
  public void signal(Handle handle, Signal signal, By by, long now) {
    Slot slot = tenant(handle);
    if (slot == null || !slot.state.hasRun()) {
      throw PostmasterException.of(
          ErrorCode.NOT_RUNNING, "worker " + handle + " has no run to signal");
    }
    signal(slot, signal, by, now);
    settle(now);
  }

  /** Sends a signal to every run; nothing once the gate is closed. */
  public void signalAll(Signal signal, By by, long now) {
    if (!shutdown.gateClosed()) {
      table.registered.stream()
          .filter(slot -> slot.state.hasRun())
          .toList()
          .forEach(slot -> signal(slot, signal, by, now));
      settle(now);
    }
  }

  private void signal(Slot slot, Signal signal, By by, long now) {
    boolean verticle = slot.terms.threading() == Threading.EVENT_LOOP;
    if (signal == Signal.TERM && verticle && slot.state == WorkerState.RUNNING) {
      ladder.stop(slot, Cause.SIGNAL, by, now);
    } else {
      table.effects.signal(slot.run(), signal);
    }
  }

  /** Waits for something; answered through {@link Effects#answer}, perhaps at once. */
  public void await(Handle handle, AwaitFor what, long timeoutNs, Object waiter, long now) {
    Slot slot = knows(handle) ? table.slots[handle.slot()] : null;
    if (slot == null || slot.generation != handle.generation()) {
      boolean over = what == AwaitFor.STOPPED || what == AwaitFor.GONE;
      Optional<ErrorCode> failure = over ? Optional.empty() : Optional.of(ErrorCode.NOT_STARTED);
      table.effects.answer(waiter, failure, WorkerStatus.gone(handle));
    } else if (shutdown.over()) {
      waits.awaitTooLate(slot, what, waiter, now);
    } else {
      waits.await(slot, what, timeoutNs, waiter, now);
    }
  }

  // ---- answers of runs

  /** Main was entered. */
  public void started(Run run, long now) {
    Slot slot = find(run);
    if (slot == null || slot.state != WorkerState.STARTING) {
      return;
    }
    slot.begun = true;
    slot.everBegun = true;
    table.edge(slot, WorkerState.RUNNING, Cause.STARTED, By.WORKER, now);
    if (slot.ready) {
      slot.alarm.cancel();
    } else if (slot.terms.ready().kind() == Readiness.Kind.UPTIME) {
      slot.uptime = new Alarm(slot);
      long at = table.judgedNow(now) + slot.terms.ready().uptime().toNanos();
      table.judged.put(slot.uptime, at, slot.registration);
    }
    waits.tell(slot, true, now);
    settle(now);
  }

  /** The run says that it is ready, or not any more. */
  public void ready(Run run, boolean ready, long now) {
    Slot slot = find(run);
    if (slot != null && slot.state == WorkerState.RUNNING && slot.ready != ready) {
      ready(slot, ready, now);
      settle(now);
    }
  }

  private void ready(Slot slot, boolean ready, long now) {
    if (ready) {
      slot.alarm.cancel();
      if (slot.uptime != null) {
        slot.uptime.cancel();
      }
    }
    Cause cause = ready ? Cause.READY : Cause.NOT_READY;
    table.edge(slot, WorkerState.RUNNING, cause, By.WORKER, now);
    waits.tell(slot, false, now);
  }

  /** The run asks for one more {@code startTimeout}. */
  public void extendStart(Run run, long now) {
    Slot slot = find(run);
    boolean starts =
        slot != null
            && (slot.state == WorkerState.STARTING || slot.state == WorkerState.RUNNING)
            && slot.alarm.armed();
    if (starts && slot.startExtensions < Ladder.EXTENSIONS_MAX) {
      slot.startExtensions++;
      long at = slot.alarm.at + slot.terms.startTimeout().toNanos();
      table.judged.put(slot.alarm, at, slot.registration);
      table.effects.changed(slot.index);
    }
  }

  /** The run asks for one more {@code grace}. */
  public void extendStop(Run run, long now) {
    Slot slot = find(run);
    boolean free = slot != null && (slot.domain == null || !slot.domain.resetting);
    if (free && !shutdown.gateClosed() && ladder.extend(slot)) {
      table.effects.changed(slot.index);
    }
  }

  /** The run has ended, and something is left to close. */
  public void ended(Run run, End end, long now) {
    Slot slot = find(run);
    if (slot == null || slot.end != null) {
      return;
    }
    slot.end = end;
    if (slot.state == WorkerState.STARTING || slot.state == WorkerState.RUNNING) {
      ladder.stop(slot, Cause.EXIT, By.WORKER, now);
    }
    settle(now);
  }

  /**
   * The run is gone: no thread is inside its code, its context and resources are closed ({@code
   * CleanupBackgroundWorker}, {@code ReportBackgroundWorkerExit}).
   */
  public void gone(Run run, End end, long now) {
    Slot slot = find(run);
    if (slot != null) {
      endings.end(slot, slot.end == null ? end : slot.end, now);
      settle(now);
    }
  }

  // ---- operators

  /** No new starts for the target until then. */
  public int pause(Target target, long untilNs, By by, long now) {
    return order(Cause.PAUSE, target, untilNs, by, now);
  }

  /** As pause, and stops those that run. */
  public int drain(Target target, long untilNs, By by, long now) {
    return order(Cause.DRAIN, target, untilNs, by, now);
  }

  /** The target goes on; a domain closed by too many cycles opens if it is the target. */
  public int resume(Target target, By by, long now) {
    return order(Cause.RESUME, target, Long.MAX_VALUE, by, now);
  }

  private int order(Cause cause, Target target, long untilNs, By by, long now) {
    admit();
    if (target.kind() == Target.Kind.GROUP) {
      throw PostmasterException.of(ErrorCode.BAD_REQUEST, "group: is not supported yet");
    }
    if (target.kind() == Target.Kind.HANDLE && tenant(target.handle().orElseThrow()) == null) {
      return 0;
    }
    if (cause == Cause.RESUME) {
      pauses.resume(target);
    } else {
      pauses.pause(target, untilNs);
    }
    boolean ends = untilNs != Long.MAX_VALUE;
    String end = ends ? " until " + Instant.ofEpochMilli(table.wall(untilNs)) : "";
    table.own(cause, "", null, null, target + end, by, now);
    if (cause == Cause.RESUME && target.kind() == Target.Kind.DOMAIN) {
      Optional.ofNullable(table.domains.get(target.name())).ifPresent(d -> cycles.reopen(d, now));
    }
    List<Slot> met = pauses.met(target).toList();
    for (Slot slot : met) {
      table.effects.changed(slot.index);
      starter.evaluate(slot, now);
      boolean runs = slot.state == WorkerState.STARTING || slot.state == WorkerState.RUNNING;
      if (cause == Cause.DRAIN && runs) {
        ladder.stop(slot, Cause.DRAIN, by, now);
      }
    }
    settle(now);
    return met.size();
  }

  /** Moves the phase forward; nobody is stopped by it. */
  public void advance(Phase to, By by, long now) {
    admit();
    Phase from = starter.phase();
    if (to.compareTo(from) < 0) {
      throw PostmasterException.of(
          ErrorCode.BAD_REQUEST, "the phase is " + from + " and cannot go back to " + to);
    }
    if (to != from) {
      starter.phase(to);
      table.own(Cause.PHASE, "", from, to, "", by, now);
      table.registered.stream()
          .filter(slot -> slot.hold == Hold.PHASE)
          .forEach(slot -> starter.evaluate(slot, now));
      settle(now);
    }
  }

  /** Attaches a client, or renews it. */
  public void attach(String client, long now) {
    clients.attach(client, shutdown.mode() == ShutdownMode.NONE, now);
  }

  public void detach(String client, long now) {
    clients.detach(client);
    settle(now);
  }

  /**
   * Goes down; a mode not above the one in force changes nothing.
   *
   * @return the mode in force
   */
  public ShutdownMode shutdown(ShutdownMode mode, By by, long now) {
    shutdown.raise(mode, "", by, now);
    settle(now);
    return shutdown.mode();
  }

  /** A fault of ours: immediate, abnormal. */
  public void abort(String why, long now) {
    shutdown.makeAbnormal();
    shutdown.raise(ShutdownMode.IMMEDIATE, why, By.POSTMASTER, now);
    settle(now);
  }

  // ---- time

  /** Serves the deadlines that are due, then starts who can start. */
  public void wake(long now) {
    for (int served = 0; ; served++) {
      Alarm next = due(now);
      if (next == null) {
        break;
      }
      if (served == ALARMS_MAX) {
        table.effects.again();
        break;
      }
      next.cancel();
      fire(next, now);
    }
    settle(now);
  }

  private Alarm due(long now) {
    Alarm real = table.real.first();
    if (real != null && real.at <= now) {
      return real;
    }
    Alarm judged = table.judged.first();
    return judged != null && judged.at <= table.judgedNow(now) ? judged : null;
  }

  private void fire(Alarm alarm, long now) {
    if (alarm.owner instanceof Slot slot) {
      fire(slot, alarm, now);
    } else if (alarm.owner instanceof Wait wait) {
      waits.timeout(wait, now);
    } else if (alarm.owner instanceof Pause order) {
      pauses.expire(order);
      pauses
          .met(order.target)
          .forEach(
              slot -> {
                table.effects.changed(slot.index);
                starter.evaluate(slot, now);
              });
    } else if (alarm.owner instanceof Clients.Lease lease) {
      clients.detach(lease.client);
    } else {
      shutdown.deadline(now);
    }
  }

  private void fire(Slot slot, Alarm alarm, long now) {
    switch (slot.state) {
      case BACKOFF -> starter.evaluate(slot, now);
      case STARTING, RUNNING -> {
        if (alarm == slot.uptime) {
          ready(slot, true, now);
        } else {
          ladder.stop(slot, Cause.START_TIMEOUT, By.POSTMASTER, now);
        }
      }
      case STOPPING -> ladder.next(slot, now);
      case FREE, REGISTERED, PARKED, ABANDONED ->
          throw new AssertionError("a deadline in state " + slot.state);
    }
  }

  /** The loop or the JVM stood still: deadlines that judge a worker move by so much. */
  public void stalled(long ns) {
    table.stalled += ns;
  }

  /** When {@link #wake} is due next; {@link Long#MAX_VALUE} if never. */
  public long nextWake() {
    Alarm real = table.real.first();
    Alarm judged = table.judged.first();
    long next = real == null ? Long.MAX_VALUE : real.at;
    return judged == null ? next : Math.min(next, judged.at + table.stalled);
  }

  /** Whether any worker is being judged: the shell then watches for stalls. */
  public boolean judging() {
    return table.judged.size() > 0;
  }

  /** Epoch milliseconds that monotonic 0 stands for; only shown. */
  public void wallOffset(long ms) {
    table.wallOffsetMs = ms;
  }

  /** What an event let go is looked at again, until nothing moves. */
  private void settle(long now) {
    if (!started || shutdown.over()) {
      return;
    }
    boolean smart = shutdown.mode() == ShutdownMode.SMART && !shutdown.gateClosed();
    if (smart && (clients.count() == 0 || starter.phase() == Phase.STARTUP)) {
      shutdown.raise(ShutdownMode.FAST, "no client is left", By.POSTMASTER, now);
    }
    cycles.endThoseDone(now);
    for (Name name = table.names.nextTouched(); name != null; name = table.names.nextTouched()) {
      name.dependents.forEach(slot -> starter.evaluate(slot, now));
    }
    starter.pass(now);
    shutdown.endIfDone(now);
  }

  // ---- looking

  /** The slot that a run is in, or null for a late answer. */
  private Slot find(Run run) {
    Slot slot = run.slot() < table.slots.length ? table.slots[run.slot()] : null;
    return slot != null && slot.is(run) && !shutdown.over() ? slot : null;
  }

  private boolean knows(Handle handle) {
    return handle.epoch().equals(table.options.epoch()) && handle.slot() < table.slots.length;
  }

  /** The slot of a registration; null if it is gone and nobody else is there. */
  private Slot tenant(Handle handle) {
    if (shutdown.over()) {
      throw PostmasterException.of(ErrorCode.POSTMASTER_DIED, "the postmaster has ended");
    }
    Slot slot = knows(handle) ? table.slots[handle.slot()] : null;
    if (slot != null && slot.generation == handle.generation()) {
      return slot.state == WorkerState.FREE ? null : slot;
    }
    boolean free = slot != null && slot.state == WorkerState.FREE;
    if (free && handle.generation() < slot.generation) {
      return null;
    }
    throw PostmasterException.of(
        ErrorCode.STALE_HANDLE, "handle " + handle + " names no registration of now");
  }

  private void admit() {
    if (shutdown.gateClosed()) {
      throw PostmasterException.of(ErrorCode.SHUTTING_DOWN, "shutdown has begun");
    }
  }

  /** The last sequence number that was given out. */
  public long seq() {
    return table.seq;
  }

  /** What is known of a slot; of a free one about its last tenant, if it had any. */
  public Optional<WorkerStatus> status(int slot, long now) {
    return Optional.ofNullable(table.slots[slot]).map(found -> views.of(found, now));
  }

  public Phase phase() {
    return starter.phase();
  }

  public ShutdownMode mode() {
    return shutdown.mode();
  }

  /** Since when the mode is in force, if one is. */
  public long modeSince() {
    return shutdown.since();
  }

  public boolean gateClosed() {
    return shutdown.gateClosed();
  }

  /** Slots that are not free. */
  public int used() {
    return table.used();
  }

  public int inState(WorkerState state) {
    return table.count(state);
  }

  public int parallelActive() {
    return table.parallelActive();
  }

  public int clients() {
    return clients.count();
  }

  public List<DomainStatus> domains() {
    return table.domains.values().stream()
        .map(domain -> new DomainStatus(domain.name, domain.resetting, domain.cycles))
        .toList();
  }
}
