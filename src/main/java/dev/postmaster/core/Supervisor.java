package dev.postmaster.core;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.Target;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.WorkerTerms;
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
  private final Runs runs;
  private final Orders orders;
  private final Deadlines deadlines;
  private final Requests requests;
  private final Admission admission;
  private final Invariants invariants;

  boolean started;

  /** All slots free ({@code BackgroundWorkerShmemInit}). */
  public Supervisor(SupervisorOptions options, Effects effects) {
    this(new Table(options, effects));
  }

  private Supervisor(Table table) {
    this.table = table;
    pauses = new Pauses(table);
    starter = new Starter(table, pauses);
    views = new Views(table, pauses, starter);
    waits = new Waits(table, views);
    ladder = new Ladder(table);
    cycles = new Cycles(table, ladder, starter, waits);
    shutdown = new Shutdown(table, ladder, waits);
    clients = new Clients(table);
    endings = new Endings(table, starter, cycles, shutdown, waits);
    runs = new Runs(table, ladder, waits);
    orders = new Orders(table, pauses, starter, ladder);
    deadlines = new Deadlines(this, runs, orders, waits, ladder);
    requests = new Requests(table, ladder, shutdown, waits);
    admission = new Admission(table, shutdown);
    invariants = new Invariants(this);
  }

  /** The same state with effects of its own; shares nothing that changes. */
  public Supervisor copy(Effects effects) {
    Copies copies = new Copies(table, effects);
    Supervisor twin = new Supervisor(copies.table());
    twin.pauses.take(pauses, copies);
    twin.starter.take(starter);
    twin.waits.take(waits);
    twin.shutdown.take(shutdown, copies);
    twin.clients.take(clients, copies);
    twin.started = started;
    return twin;
  }

  // ---- registrants

  /** Writes {@code opened}, the first record, and the end of what an earlier life left. */
  public void open(String message, long now) {
    table.own(Cause.OPENED, "", null, starter.phase(), message, By.POSTMASTER, now);
    table.options.past().left().forEach(left -> table.orphaned(left, now));
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
    WorkerState state = requests.terminate(handle, by, now);
    settle(now);
    return state;
  }

  /** Sends a signal to a run, TERM a verticle down the ladder; without one {@code NOT_RUNNING}. */
  public void signal(Handle handle, Signal signal, By by, long now) {
    requests.signal(handle, signal, by, now);
    settle(now);
  }

  /** Sends a signal to every run; nothing once the gate is closed. */
  public void signalAll(Signal signal, By by, long now) {
    requests.signalAll(signal, by, now);
    settle(now);
  }

  /** Waits for something; answered through {@link Effects#answer}, perhaps at once. */
  public void await(Handle handle, AwaitFor what, long timeoutNs, Object waiter, long now) {
    requests.await(handle, what, timeoutNs, waiter, now);
  }

  /** Notes that somebody was refused something; the rest stays as it is. */
  public void refused(String message, By by, long now) {
    if (started && !shutdown.over()) {
      table.own(Cause.REFUSED, "", null, null, message, by, now);
    }
  }

  // ---- answers of runs

  /** Main was entered. */
  public void started(Run run, long now) {
    runs.started(find(run), now);
    settle(now);
  }

  /** The run says that it is ready, or not any more. */
  public void ready(Run run, boolean ready, long now) {
    runs.ready(find(run), ready, now);
    settle(now);
  }

  /** The run asks for one more {@code startTimeout}. */
  public void extendStart(Run run, long now) {
    runs.extendStart(find(run));
  }

  /** The run asks for one more {@code grace}. */
  public void extendStop(Run run, long now) {
    if (!shutdown.gateClosed()) {
      runs.extendStop(find(run));
    }
  }

  /** The run has ended, and something is left to close. */
  public void ended(Run run, End end, long now) {
    runs.ended(find(run), end, now);
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
    int met = requests.isGone(target) ? 0 : orders.give(cause, target, untilNs, by, now);
    settle(now);
    return met;
  }

  /** Moves the phase forward; nobody is stopped by it. */
  public void advance(Phase to, By by, long now) {
    admit();
    orders.advance(to, by, now);
    settle(now);
  }

  /** Attaches a client, or renews it. */
  public void attach(String client, long now) {
    clients.attach(client, shutdown.mode() == ShutdownMode.NONE, now);
  }

  public void detach(String client, long now) {
    clients.detach(client);
    settle(now);
  }

  /** Goes down, and returns the mode in force: one that is not above it changes nothing. */
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
    if (!shutdown.over()) {
      deadlines.serve(now);
      settle(now);
      deadlines.goOn(now);
    }
  }

  /** The loop or the JVM stood still: deadlines that judge a worker move by so much. */
  public void stalled(long ns) {
    table.stalled += ns;
  }

  /** When {@link #wake} is due next; {@link Long#MAX_VALUE} if never. */
  public long nextWake() {
    return deadlines.next();
  }

  /** Whether any worker is being judged: the shell then watches for stalls. */
  public boolean judging() {
    return table.judged.size() > 0;
  }

  /** Epoch milliseconds that monotonic 0 stands for; only shown. */
  public void wallOffset(long ms) {
    table.wallOffsetMs = ms;
  }

  /** The end of every event. */
  private void settle(long now) {
    if (!shutdown.over()) {
      letGo(now);
    }
    invariants.cheap();
  }

  /** What an event let go is looked at again, until nothing moves. */
  private void letGo(long now) {
    boolean smart = shutdown.mode() == ShutdownMode.SMART && !shutdown.gateClosed();
    if (smart && (clients.count() == 0 || starter.phase() == Phase.STARTUP)) {
      shutdown.raise(ShutdownMode.FAST, "no client is left", By.POSTMASTER, now);
    }
    if (started) {
      cycles.endThoseDone(now);
      for (Name name = table.names.nextTouched(); name != null; name = table.names.nextTouched()) {
        name.dependents.forEach(slot -> starter.evaluate(slot, now));
      }
      starter.pass(now);
    }
    shutdown.endIfDone(now);
  }

  // ---- looking

  /**
   * Holds every invariant against the whole state; for tests, because it looks at every slot. The
   * cheap ones are held against it after each event anyway.
   *
   * @throws AssertionError naming the broken invariant and the facts
   */
  public void check() {
    invariants.all();
  }

  /** The state as bytes: equal if the same events bring about the same, as far as it matters. */
  public byte[] key(long now) {
    return new Key(this, now).bytes();
  }

  /** The slot that a run is in, or null for a late answer. */
  private Slot find(Run run) {
    return shutdown.over() ? null : table.find(run);
  }

  private void admit() {
    if (shutdown.gateClosed()) {
      throw PostmasterException.of(ErrorCode.SHUTTING_DOWN, "shutdown has begun");
    }
  }

  public String epoch() {
    return table.options.epoch();
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
    return views.domains();
  }
}
