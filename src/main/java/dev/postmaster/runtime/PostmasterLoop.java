package dev.postmaster.runtime;

import dev.postmaster.By;
import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.ShutdownReport;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerStatus;
import dev.postmaster.WorkerTerms;
import dev.postmaster.core.AwaitFor;
import dev.postmaster.core.Supervisor;
import dev.postmaster.runtime.Completions.Reply;
import io.vertx.core.AsyncResult;
import io.vertx.core.Closeable;
import io.vertx.core.Future;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * The one event loop that owns the core: takes turns, performs effects, keeps what is published.
 *
 * <p>Threading: the postmaster's loop, but for {@link #start}, {@link #shutdown}, {@link #await}
 * and the accessors, which any thread may call.
 *
 * <p>Errors: what escapes a turn is our bug. The postmaster then goes down, immediate and abnormal;
 * if even that fails it ends on the spot, and everybody who waits is told.
 */
final class PostmasterLoop implements Turns.Owner, Performer.Sinks {

  private static final System.Logger LOG = System.getLogger("dev.postmaster.runtime");

  private final EventLoopPostmaster postmaster;
  private final VertxInternal vertx;
  private final PostmasterOptions options;
  private final Statics statics;
  private final Listeners listeners;
  private final Reply<ShutdownReport> ended;
  private final Turns turns;
  private final PublishedTable table;
  final FirstFailures failures = new FirstFailures();
  final Refusals refusals;
  final CurrentVitals vitals;
  private final Closeable closeHook;
  private final DeliveryOptions delivery;
  private final Waiters waiters = new Waiters();
  private final CurrentStatus status;

  private volatile String epoch = "";
  private volatile RingLog log;
  private Supervisor core;
  private RunHost host;
  private Performer performer;
  private EntryPoints.Rule rule;
  private boolean over;

  PostmasterLoop(
      EventLoopPostmaster postmaster,
      VertxInternal vertx,
      ContextInternal context,
      PostmasterOptions options,
      Statics statics,
      Listeners listeners,
      Reply<ShutdownReport> ended) {
    this.postmaster = postmaster;
    this.vertx = vertx;
    this.options = options;
    this.statics = statics;
    this.listeners = listeners;
    this.ended = ended;
    turns = new Turns(context, this);
    refusals = Refusals.of(context, turns, this::core);
    delivery = new DeliveryOptions().setLocalOnly(!options.remoteControl());
    table = new PublishedTable(Math.max(0, options.maxWorkers()));
    vitals = new CurrentVitals(new LoopBeat(context), table, refusals);
    closeHook =
        done -> {
          shutdown(ShutdownMode.FAST, By.CODE);
          ended.future().onComplete(nothing -> done.succeed());
        };
    status = new CurrentStatus(options);
  }

  Turns turns() {
    return turns;
  }

  Supervisor core() {
    return core;
  }

  PublishedTable table() {
    return table;
  }

  String epoch() {
    return epoch;
  }

  PostmasterStatus status() {
    return status.now();
  }

  TransitionLog log() {
    RingLog ring = log;
    if (ring == null) {
      throw new IllegalStateException("the postmaster has not been started");
    }
    return ring;
  }

  void start(Reply<Postmaster> reply) {
    // Libraries' code runs here, on the caller's thread.
    if (!statics.close(() -> turns.submit(now -> begin(reply, now)))) {
      PostmasterException before =
          PostmasterException.of(ErrorCode.BAD_REQUEST, "it was started before");
      turns.submit(now -> reply.fail(over ? Statuses.died() : before));
    }
  }

  private void begin(Reply<Postmaster> reply, long now) {
    if (over) {
      reply.fail(Statuses.died());
      return;
    }
    Optional<PostmasterException> fault =
        statics.faults().or(() -> TakenNames.take(vertx, options.name()));
    if (fault.isPresent()) {
      reply.fail(fault.get());
      neverStarts(fault.get(), true);
    } else if (options.journalDirectory().isEmpty()) {
      go(RingLog.inMemory(options, table), null, reply, now);
    } else {
      turns.hold();
      RingLog.open(options, table, (log, why) -> turns.resume(at -> go(log, why, reply, at)));
    }
  }

  /** The journal is open, or cannot be. */
  private void go(RingLog opened, IOException refused, Reply<Postmaster> reply, long now) {
    Optional<PostmasterException> fault =
        refused != null ? Optional.of(Statuses.unusable(refused)) : place(opened, now);
    if (fault.isPresent()) {
      TakenNames.giveBack(vertx, options.name());
      reply.fail(fault.get());
      neverStarts(fault.get(), true);
      return;
    }
    vertx.addCloseHook(closeHook);
    Future<?> open = Extensions.open(vertx, postmaster, options);
    log.started(postmaster.context(), why -> turns.submit(then -> log.fault(why)));
    vitals.beat().begin();
    core.start(now);
    open.onComplete(done -> turns.submit(then -> opened(done, reply)));
  }

  private void opened(AsyncResult<?> done, Reply<Postmaster> reply) {
    if (done.succeeded()) {
      tell(() -> reply.succeed(postmaster));
    } else {
      reply.fail(done.cause());
      core.shutdown(ShutdownMode.FAST, By.POSTMASTER, turns.now());
    }
  }

  private void neverStarts(PostmasterException why, boolean abnormal) {
    statics.abandon(why);
    core = null;
    performer = null;
    over = true;
    turns.close();
    ended.succeed(new ShutdownReport(abnormal, List.of(), 0));
  }

  private Optional<PostmasterException> place(RingLog opened, long now) {
    log = opened;
    epoch = log.epoch();
    status.started();
    Assembly made =
        new Assembly(vertx, options, postmaster, statics.entryPoints(), turns, failures);
    made.assemble(log, this);
    rule = made.rule;
    host = made.host;
    performer = made.performer;
    core = made.core;
    refreshWall();
    made.place(statics, now);
    Optional<PostmasterException> fault = statics.faults();
    if (fault.isPresent()) {
      host.end();
      log.close(() -> {});
    }
    return fault;
  }

  // ---- turns

  /**
   * A request can only be met between start and end.
   *
   * @throws PostmasterException otherwise
   */
  void checkAlive() {
    if (over) {
      throw Statuses.died();
    }
    if (core == null) {
      throw Statuses.notStarted();
    }
  }

  Handle register(WorkerSpec spec, Optional<PostmasterException> argsFault, By by, long now) {
    WorkerTerms terms = statics.entryPoints().terms(spec);
    rule.argsFault(argsFault);
    Handle handle = core.register(terms, by, now);
    host.tenant(handle, spec, terms);
    return handle;
  }

  void await(Handle handle, AwaitFor what, long timeoutNs, Reply<WorkerStatus> reply) {
    turns.submit(
        now -> {
          if (core == null) {
            reply.fail(Statuses.notStarted());
            return;
          }
          waiters.add(reply);
          core.await(handle, what, timeoutNs, reply, now);
        });
  }

  void shutdown(ShutdownMode mode, By by) {
    turns.submit(
        now -> {
          if (core != null && !over) {
            core.shutdown(mode, by, now);
          } else if (!over) {
            neverStarts(Statuses.died(), false);
          }
        });
  }

  /** Says something to somebody after everything that the turn wants recorded and done. */
  void tell(Runnable what) {
    if (performer == null) {
      what.run();
    } else {
      performer.then(what);
    }
  }

  @Override
  public void take(LongConsumer turn, long now) {
    try {
      turn.accept(now);
      if (performer != null) {
        performer.perform(slot -> publish(slot, now));
      }
    } catch (Throwable bug) {
      if (log != null && log.isFault(bug)) {
        log.fault(bug);
      } else {
        abort(bug, now);
      }
    }
  }

  private void publish(int slot, long now) {
    core.status(slot, now)
        .ifPresent(
            status -> {
              table.publish(status);
              log.mirror(status);
            });
  }

  private void abort(Throwable bug, long now) {
    LOG.log(Level.ERROR, "a bug of ours: the postmaster goes down", bug);
    try {
      core.abort(Faults.message(bug), now);
      performer.perform(slot -> publish(slot, now));
      performer.tellAll();
    } catch (Throwable worse) {
      LOG.log(Level.ERROR, "and could not go down in order", worse);
      ended(true);
    }
  }

  @Override
  public void drained(long now) {
    if (core != null && !over) {
      status.refresh(core, now);
    }
    if (performer != null) {
      take(told -> performer.tellAll(), now);
    }
  }

  @Override
  public long nextWake() {
    return core == null || over ? Long.MAX_VALUE : core.nextWake();
  }

  @Override
  public void wake(long now) {
    if (core != null && !over) {
      refreshWall();
      core.wake(now);
    }
  }

  /** What is shown follows the wall clock; what is decided does not. */
  private void refreshWall() {
    core.wallOffset(System.currentTimeMillis() - turns.now() / 1_000_000);
  }

  @Override
  public boolean watches() {
    return core != null && !over && (core.judging() || host.watches());
  }

  @Override
  public void tick(long now) {
    turns.submit(
        then -> {
          if (!over) {
            refreshWall();
            host.tick(then);
          }
        });
  }

  @Override
  public void stalled(long ns) {
    if (core != null) {
      LOG.log(Level.WARNING, () -> "the loop stood still for " + ns / 1_000_000 + " ms");
      core.stalled(ns);
    }
  }

  // ---- sinks

  @Override
  public void record(Transition transition) {
    status.recorded(transition);
    log.append(transition);
    TransitionLogger.log(options.name(), transition);
    if (!listeners.isEmpty()) {
      tell(() -> listeners.tell(transition));
    }
  }

  @Override
  public void answer(Object waiter, Optional<ErrorCode> failure, WorkerStatus found) {
    waiters.answer(waiter, failure, found);
  }

  @Override
  public void notify(String address, WorkerStatus found) {
    // Nobody may be listening: then the message is lost, the state is not.
    vertx.eventBus().send(address, Statuses.notice(found), delivery);
  }

  @Override
  public void again() {
    turns.submit(this::wake);
  }

  @Override
  public void ended(boolean abnormal) {
    if (over) {
      return;
    }
    over = true;
    vitals.beat().end();
    List<ShutdownReport.Abandoned> abandoned = Statuses.abandoned(table, host);
    status.refresh(core, turns.now());
    turns.close();
    table.die();
    host.end();
    waiters.end();
    vertx.removeCloseHook(closeHook);
    TakenNames.giveBack(vertx, options.name());
    long tookMs = status.shutdownMs();
    log.close(() -> ended.succeed(new ShutdownReport(abnormal, abandoned, tookMs)));
  }
}
