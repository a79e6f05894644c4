package dev.postmaster.runtime;

import dev.postmaster.By;
import dev.postmaster.Flag;
import dev.postmaster.Handle;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.Signal;
import dev.postmaster.WorkerFactory;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerTerms;
import dev.postmaster.core.End;
import dev.postmaster.core.Run;
import dev.postmaster.core.Supervisor;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Performs launches, tells, interrupts and abandonments on real threads, and turns what runs do
 * into events.
 *
 * <p>Threading: the postmaster's loop, but for {@link RunServices}, which only submits turns.
 */
final class RunHost implements RunServices {

  private static final System.Logger LOG = System.getLogger("dev.postmaster.runtime");

  /** How long an ended run may take to be gone before the ladder runs for it. */
  private static final long CLOSING_NS = 100_000_000;

  /** What a slot's tenant was registered with. */
  private record Tenant(WorkerSpec spec, WorkerTerms terms) {}

  private final VertxInternal vertx;
  private final PostmasterOptions options;
  private final EventLoopPostmaster postmaster;
  private final EntryPoints entryPoints;
  private final Turns turns;
  private final FirstFailures failures;
  private final Places places;
  private final SignalAddresses addresses;
  private final Tenant[] tenants; // by slot
  private final HostedRun[] runs; // by slot, which has one at most
  private final Map<Long, StackTraceElement[]> stacks = new HashMap<>();
  private final Map<String, DomainMemory> memories = new HashMap<>();
  private final Deque<HostedRun> closing = new ArrayDeque<>();
  private Supervisor core;

  RunHost(
      VertxInternal vertx,
      PostmasterOptions options,
      EventLoopPostmaster postmaster,
      EntryPoints entryPoints,
      Turns turns,
      FirstFailures failures) {
    this.vertx = vertx;
    this.options = options;
    this.postmaster = postmaster;
    this.entryPoints = entryPoints;
    this.turns = turns;
    this.failures = failures;
    tenants = new Tenant[options.maxWorkers()];
    runs = new HostedRun[options.maxWorkers()];
    places = new Places(vertx, options, postmaster);
    addresses =
        new SignalAddresses(home(), options.name(), options.remoteControl(), this::signalled);
  }

  void core(Supervisor supervisor) {
    core = supervisor;
  }

  /** Remembers what a registration was made with, before it is launched. */
  void tenant(Handle handle, WorkerSpec spec, WorkerTerms terms) {
    tenants[handle.slot()] = new Tenant(spec, terms);
  }

  // ---- effects

  void launch(Run id) {
    Tenant tenant = tenants[id.slot()];
    HostedRun run = new HostedRun(id, tenant.terms(), tenant.spec());
    if (tenant.terms().flags().contains(Flag.SHARED_MEMORY)) {
      // Given here, so that a run of before a crash can never get at the memory of after it.
      run.memory = memories.computeIfAbsent(tenant.terms().domain(), name -> new DomainMemory());
    }
    runs[id.slot()] = run;
    run.deployment =
        run.terms.verticle() ? new HostedVerticle(run, this) : new WorkerVerticle(run, this);
    run.deployment.launch();
    if (!run.terms.verticle()) {
      addresses.open(run);
    }
  }

  /** Null if it is gone. */
  private HostedRun find(Run id) {
    HostedRun run = runs[id.slot()];
    return run != null && run.id.runId() == id.runId() ? run : null;
  }

  void tell(Run id) {
    HostedRun run = find(id);
    if (run != null) {
      run.isTold = true;
      run.tell();
      if (run.terms.verticle()) {
        run.deployment.leave();
      }
    }
  }

  void signal(Run id, Signal signal) {
    HostedRun run = find(id);
    if (run == null) {
      return;
    }
    if (signal == Signal.INT) {
      cancel(run);
    } else if (run.deployment instanceof HostedVerticle verticle) {
      verticle.signal(signal);
    } else {
      run.signal(signal);
    }
  }

  private void cancel(HostedRun run) {
    Runnable cancel = run.cancel();
    if (cancel != null && run.terms.flags().contains(Flag.DATABASE_CONNECTION)) {
      // To cancel a statement is to open a connection: never on a loop.
      vertx.executeBlocking(
          () -> {
            cancel.run();
            return null;
          },
          false);
    }
  }

  void interrupt(Run id) {
    HostedRun run = find(id);
    if (run != null) {
      run.interrupt();
      run.isForced = true;
      if (run.terms.verticle() || run.left != null) {
        run.deployment.force();
      }
    }
  }

  void abandon(Run id) {
    HostedRun run = find(id);
    if (run != null) {
      StackTraceElement[] inside = run.abandon();
      StackTraceElement[] stack = run.latch == null ? places.stack(run.deployment) : inside;
      stacks.put(id.runId(), stack);
      failures.abandoned(handle(run), stack);
      String who = Faults.onOneLine(run.who(options.name()));
      LOG.log(Level.ERROR, () -> who + " is abandoned, its thread is at" + Faults.trace(stack));
    }
  }

  void resetDomain(String domain) {
    DomainMemory memory = memories.remove(domain);
    if (memory != null) {
      memory.die();
    }
  }

  /** The stack that an abandoned run was left with. */
  StackTraceElement[] stack(long runId) {
    return stacks.getOrDefault(runId, new StackTraceElement[0]);
  }

  // ---- runs, on the loop

  private void gone(HostedRun run, End end, long now) {
    runs[run.id.slot()] = null;
    stacks.remove(run.id.runId());
    run.isGone = true;
    if (run.address != null) {
      run.address.close();
    }
    core.gone(run.id, end, now);
  }

  /** Whether an ended run is still to be gone: it is looked after at each tick. */
  boolean watches() {
    return !closing.isEmpty();
  }

  /** Reports those that have ended but are not gone in time. */
  void tick(long now) {
    for (HostedRun run = closing.peekFirst(); run != null; run = closing.peekFirst()) {
      if (!run.isGone && now - run.decidedAt < CLOSING_NS) {
        return;
      }
      closing.removeFirst();
      if (!run.isGone) {
        core.ended(run.id, run.decided, now);
      }
    }
  }

  private void isClosing(HostedRun run, End end, long now) {
    if (run.decided == null) {
      run.decided = end;
      run.decidedAt = now;
      closing.addLast(run);
    }
  }

  /** The postmaster has ended: whoever is left learns it at his next wait. */
  void end() {
    for (HostedRun run : runs) {
      if (run != null) {
        run.die();
      }
    }
    memories.values().forEach(DomainMemory::die);
    places.close();
  }

  // ---- what runs say

  @Override
  public void began(HostedRun run) {
    turns.submit(
        now -> {
          core.started(run.id, now);
          if (run.saidReady != null) {
            core.ready(run.id, run.saidReady, now);
          }
          if (run.terms.verticle() && run.take(Signal.TERM) > 0) {
            signal(run, Signal.TERM, By.POSTMASTER, now);
          }
        });
  }

  private void signalled(HostedRun run, Signal signal) {
    turns.submit(
        now -> {
          run.address.taken(signal);
          signal(run, signal, By.BUS, now);
        });
  }

  private void signal(HostedRun run, Signal signal, By by, long now) {
    try {
      core.signal(handle(run), signal, by, now);
    } catch (PostmasterException gone) {
      // It ended, or the postmaster did, before the signal had its turn: a signal may be lost.
      LOG.log(Level.DEBUG, "a signal came too late: {0}", gone.getMessage());
    }
  }

  @Override
  public void listens(HostedRun run) {
    turns.submit(
        now -> {
          if (!run.isGone) {
            addresses.open(run);
          }
        });
  }

  @Override
  public void decided(HostedRun run, End end, Throwable thrown) {
    saw(run, end, thrown);
    turns.submit(
        now -> {
          isClosing(run, end, now);
          if (run.terms.verticle()) {
            // Its stop() is always left to do: the ladder runs.
            core.ended(run.id, end, now);
          }
        });
  }

  private void saw(HostedRun run, End end, Throwable thrown) {
    if (thrown != null) {
      failures.saw(handle(run), run.terms.name(), end, thrown);
    }
  }

  @Override
  public void survived(HostedRun run, Throwable thrown) {
    failures.survived(run.terms.name(), thrown);
  }

  @Override
  public void left(HostedRun run, End end, Throwable thrown) {
    saw(run, end, thrown);
    turns.submit(
        now -> {
          run.left = end;
          isClosing(run, end, now);
          run.deployment.leave();
          if (run.isForced) {
            run.deployment.force();
          }
        });
  }

  @Override
  public void undeploying(HostedRun run) {
    turns.submit(
        now -> {
          if (run.left != null) {
            run.deployment.close(false);
            return;
          }
          if (!run.isTold) {
            // Not at our wish: it has completed itself.
            core.ended(run.id, run.say(End.returned()), now);
          }
          run.deployment.context().runOnContext(nothing -> run.deployment.stop());
        });
  }

  @Override
  public void closed(HostedRun run) {
    turns.here(now -> gone(run, run.left == null ? run.end(End.returned()) : run.left, now));
  }

  @Override
  public WorkerFactory factory(HostedRun run) {
    return entryPoints.factory(run.spec);
  }

  @Override
  public ContextInternal newContext(HostedRun run, String deploymentId) {
    return places.newContext(run, deploymentId);
  }

  @Override
  public ContextInternal home() {
    return postmaster.context();
  }

  @Override
  public ContextInternal relay() {
    return postmaster.completions().relay();
  }

  @Override
  public ContextInternal callsOf(ContextInternal run) {
    return postmaster.completions().forRun(run);
  }

  @Override
  public VertxInternal vertx() {
    return vertx;
  }

  @Override
  public Postmaster postmaster() {
    return postmaster;
  }

  @Override
  public PostmasterOptions options() {
    return options;
  }

  @Override
  public Handle handle(HostedRun run) {
    return new Handle(postmaster.epoch(), run.id.slot(), run.id.generation());
  }

  @Override
  public void ready(HostedRun run, boolean ready) {
    turns.submit(
        now -> {
          run.saidReady = ready;
          core.ready(run.id, ready, now);
        });
  }

  @Override
  public void extendStart(HostedRun run) {
    turns.submit(now -> core.extendStart(run.id, now));
  }

  @Override
  public void extendStop(HostedRun run) {
    turns.submit(now -> core.extendStop(run.id, now));
  }
}
