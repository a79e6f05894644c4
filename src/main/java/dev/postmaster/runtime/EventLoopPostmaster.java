package dev.postmaster.runtime;

import dev.postmaster.By;
import dev.postmaster.Client;
import dev.postmaster.EntryPoint;
import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.ShutdownReport;
import dev.postmaster.Signal;
import dev.postmaster.StatusChanges;
import dev.postmaster.Target;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog;
import dev.postmaster.Vitals;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerStatus;
import dev.postmaster.core.AwaitFor;
import dev.postmaster.core.Supervisor;
import dev.postmaster.runtime.Completions.Reply;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongFunction;

/**
 * The postmaster as its callers see it: every call becomes a turn on the one event loop.
 *
 * <p>Threading: any; see {@link Completions} for where futures complete.
 */
final class EventLoopPostmaster implements Postmaster {

  private final VertxInternal vertx;
  private final PostmasterOptions options;
  private final ContextInternal context;
  private final Completions completions;
  private final Listeners listeners;
  private final Statics statics;
  private final PostmasterLoop loop;
  private final Reply<ShutdownReport> ended;

  /** On whose behalf it is called. */
  private final By by;

  EventLoopPostmaster(Vertx vertx, PostmasterOptions options) {
    this.vertx = (VertxInternal) vertx;
    this.options = new PostmasterOptions(options);
    ContextInternal caller = this.vertx.getContext();
    boolean onLoop = caller != null && caller.isEventLoopContext();
    // A context without a deployment: runs deployed from it are nobody's children, so that Vert.x
    // does not stop them before the postmaster does.
    context =
        onLoop
            ? this.vertx.contextBuilder().withEventLoop(caller.nettyEventLoop()).build()
            : this.vertx.createEventLoopContext();
    completions = new Completions(this.vertx, context);
    statics = new Statics(this.options, this.vertx.isVirtualThreadAvailable());
    ended = new Reply<>(completions.relay(), completions.relay().promise());
    listeners = new Listeners();
    loop = new PostmasterLoop(this, this.vertx, context, this.options, statics, listeners, ended);
    by = By.CODE;
  }

  private EventLoopPostmaster(EventLoopPostmaster same, By by) {
    vertx = same.vertx;
    options = same.options;
    context = same.context;
    completions = same.completions;
    listeners = same.listeners;
    statics = same.statics;
    loop = same.loop;
    ended = same.ended;
    this.by = by;
  }

  @Override
  public Postmaster as(By who) {
    return new EventLoopPostmaster(this, who);
  }

  By by() {
    return by;
  }

  Duration awaitTimeout() {
    return options.awaitTimeout();
  }

  PostmasterLoop loop() {
    return loop;
  }

  /** Without a deployment, on the postmaster's loop. */
  ContextInternal context() {
    return context;
  }

  Completions completions() {
    return completions;
  }

  /** Takes a turn for a caller; a refusal fails his future. */
  <T> Future<T> ask(LongFunction<T> request, Object... given) {
    if (Arrays.asList(given).contains(null)) {
      return Future.failedFuture(missing());
    }
    if (completions.isOver()) {
      return Future.failedFuture(Statuses.died());
    }
    Reply<T> reply = completions.reply();
    loop.turns()
        .submit(
            now -> {
              T result;
              try {
                loop.checkAlive();
                result = request.apply(now);
              } catch (PostmasterException refusal) {
                refused(refusal.code(), by.word(), String.valueOf(refusal.getMessage()));
                loop.tell(() -> reply.fail(refusal));
                return;
              } catch (Throwable bug) {
                reply.fail(Statuses.died());
                throw bug;
              }
              loop.tell(() -> reply.succeed(result));
            });
    return reply.future();
  }

  @Override
  public Optional<String> stack(Handle handle) {
    return loop.failures.stacks().of(handle);
  }

  @Override
  public void refused(ErrorCode code, String caller, String sentence) {
    loop.refusals.saw(code, caller, by, sentence);
  }

  private static PostmasterException missing() {
    return PostmasterException.of(ErrorCode.BAD_REQUEST, "an argument is missing");
  }

  private Supervisor core() {
    return loop.core();
  }

  @Override
  public String name() {
    return options.name();
  }

  @Override
  public String epoch() {
    return loop.epoch();
  }

  @Override
  public Future<WorkerHandle> register(WorkerSpec spec) {
    if (spec == null) {
      return Future.failedFuture(missing());
    }
    if (completions.isOver()) {
      return Future.failedFuture(Statuses.died());
    }
    Reply<WorkerHandle> reply = completions.reply();
    try {
      if (statics.add(spec, reply)) {
        return reply.future();
      }
      Optional<PostmasterException> argsFault = statics.entryPoints().argsFault(spec);
      return ask(now -> handle(loop.register(spec, argsFault, by, now), spec.name()));
    } catch (PostmasterException refusal) {
      return Future.failedFuture(refusal);
    }
  }

  @Override
  public List<String> faults() {
    return statics.known();
  }

  @Override
  public Future<Postmaster> start() {
    if (completions.isOver()) {
      return Future.failedFuture(Statuses.died());
    }
    Reply<Postmaster> reply = completions.reply();
    loop.start(reply);
    return reply.future();
  }

  @Override
  public Optional<WorkerHandle> find(String name) {
    return loop.table().list(-1, 1, status -> status.name().equals(name)).stream()
        .findFirst()
        .map(status -> handle(status.handle(), name));
  }

  @Override
  public WorkerHandle handle(Handle handle) {
    return handle(handle, loop.table().of(handle, epoch()).name());
  }

  WorkerHandle handle(Handle handle, String name) {
    return new HandleOf(this, handle, name);
  }

  Future<WorkerStatus> await(Handle handle, AwaitFor what, Duration timeout) {
    if (timeout == null) {
      return Future.failedFuture(missing());
    }
    if (completions.isOver()) {
      return Future.failedFuture(Statuses.died());
    }
    Reply<WorkerStatus> reply = completions.reply();
    loop.await(handle, what, Nanos.of(timeout), reply);
    return reply.future();
  }

  @Override
  public PostmasterStatus status() {
    return loop.status();
  }

  @Override
  public List<WorkerStatus> list(int afterSlot, int limit) {
    return loop.table().list(afterSlot, limit, status -> true);
  }

  @Override
  public Optional<WorkerStatus> slot(int slot) {
    return loop.table().slot(slot);
  }

  @Override
  public StatusChanges changes() {
    return loop.table().changes();
  }

  @Override
  public Vitals vitals() {
    return loop.vitals;
  }

  @Override
  public boolean isLoop() {
    return context.inThread();
  }

  @Override
  public Map<String, EntryPoint> entryPoints() {
    return statics.entryPoints().all();
  }

  @Override
  public Runnable onTransition(Handler<Transition> handler, Duration patience) {
    return listeners.add(completions.forCaller(), handler, Nanos.of(patience));
  }

  @Override
  public TransitionLog transitions() {
    return loop.log();
  }

  @Override
  public Future<Integer> pause(Target target, Optional<Instant> until) {
    return ask(now -> core().pause(target, at(until, now), by, now), target, until);
  }

  @Override
  public Future<Integer> drain(Target target, Optional<Instant> until) {
    return ask(now -> core().drain(target, at(until, now), by, now), target, until);
  }

  @Override
  public Future<Integer> resume(Target target) {
    return ask(now -> core().resume(target, by, now), target);
  }

  /** An end time is a time on the wall; from here on it is a length. */
  private static long at(Optional<Instant> until, long now) {
    return until
        .map(end -> now + Nanos.of(Duration.between(Instant.now(), end)))
        .orElse(Long.MAX_VALUE);
  }

  @Override
  public Future<Void> advance(Phase phase) {
    return ask(
        now -> {
          core().advance(phase, by, now);
          return null;
        },
        phase);
  }

  @Override
  public Future<Void> signalAll(Signal signal) {
    return ask(
        now -> {
          core().signalAll(signal, by, now);
          return null;
        },
        signal);
  }

  @Override
  public Future<Client> attach() {
    String id = UUID.randomUUID().toString();
    return new AttachedClient(vertx, this, id, AttachedClient.RENEW_MS).attach();
  }

  @Override
  public Future<Void> attach(String client) {
    return ask(
        now -> {
          core().attach(client, now);
          return null;
        },
        client);
  }

  @Override
  public Future<Void> detach(String client) {
    return ask(
        now -> {
          core().detach(client, now);
          return null;
        },
        client);
  }

  @Override
  public Future<ShutdownReport> shutdown(ShutdownMode mode) {
    if (mode == null) {
      return Future.failedFuture(missing());
    }
    if (!completions.isOver()) {
      loop.shutdown(mode, by);
    }
    return ended();
  }

  @Override
  public Future<ShutdownReport> ended() {
    if (completions.isOver()) {
      ShutdownReport report = ended.future().result();
      // One that was never started left nothing behind.
      return Future.succeededFuture(
          report == null ? new ShutdownReport(false, List.of(), 0) : report);
    }
    Reply<ShutdownReport> reply = completions.reply();
    ended.future().onComplete(done -> reply.succeed(done.result()));
    return reply.future();
  }
}
