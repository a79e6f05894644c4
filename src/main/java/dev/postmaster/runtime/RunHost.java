package dev.postmaster.runtime;

import dev.postmaster.ConnectionSource;
import dev.postmaster.Flag;
import dev.postmaster.Handle;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.Signal;
import dev.postmaster.WorkerFactory;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerTerms;
import dev.postmaster.core.End;
import dev.postmaster.core.Run;
import dev.postmaster.core.Supervisor;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.internal.CloseableResource;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.WorkerPool;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Performs launches, tells, interrupts and abandonments on real threads, and turns what runs do
 * into events.
 *
 * <p>Threading: the postmaster's loop, but for what {@link WorkerVerticle.Host} and {@link
 * RunContext.Services} take from runs, which only submits turns.
 */
final class RunHost implements WorkerVerticle.Host, RunContext.Services {

  private static final System.Logger LOG = System.getLogger("dev.postmaster.runtime");

  /** How long an ended run may take to be gone before the ladder runs for it. */
  private static final long CLOSING_NS = 100_000_000;

  /** What a slot's tenant was registered with. */
  private record Tenant(long generation, WorkerSpec spec, WorkerTerms terms) {}

  private final Vertx vertx;
  private final PostmasterOptions options;
  private final EventLoopPostmaster postmaster;
  private final EntryPoints entryPoints;
  private final Turns turns;
  private final FirstFailures failures;

  /**
   * Kept for the postmaster's life: without this reference Vert.x shuts the pool down whenever its
   * last verticle leaves, and a main that was just scheduled is lost for ever. The pool itself, not
   * a {@code WorkerExecutor}: that one closes with the context it was made on, or with the Vertx,
   * and interrupts the runs before their ladder does.
   */
  private final CloseableResource<WorkerPool> pool;

  private final DeploymentOptions deployment;
  private final Map<Integer, Tenant> tenants = new HashMap<>();
  private final Map<Long, HostedRun> runs = new HashMap<>();
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
    // Of this life alone: a thread that an earlier one left behind keeps its place in that pool.
    String name = "postmaster-" + options.name() + '-' + postmaster.epoch();
    int size = options.maxWorkerThreads();
    pool = vertx.createSharedWorkerPool(name, size, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    deployment =
        new DeploymentOptions()
            .setThreadingModel(ThreadingModel.WORKER)
            .setWorkerPoolName(name)
            .setWorkerPoolSize(size);
  }

  void core(Supervisor supervisor) {
    core = supervisor;
  }

  /** Remembers what a registration was made with, before it is launched. */
  void tenant(Handle handle, WorkerSpec spec, WorkerTerms terms) {
    tenants.put(handle.slot(), new Tenant(handle.generation(), spec, terms));
  }

  // ---- effects

  void launch(Run id) {
    Tenant tenant = tenants.get(id.slot());
    HostedRun run = new HostedRun(id, tenant.terms(), tenant.spec());
    if (tenant.terms().flags().contains(Flag.SHARED_MEMORY)) {
      // Given here, so that a run of before a crash can never get at the memory of after it.
      run.memory = memories.computeIfAbsent(tenant.terms().domain(), name -> new DomainMemory());
    }
    runs.put(id.runId(), run);
    vertx
        .deployVerticle(new WorkerVerticle(run, this), deployment)
        .onComplete(done -> deployed(run, done.succeeded() ? null : done.cause()));
  }

  void tell(Run id) {
    HostedRun run = runs.get(id.runId());
    if (run != null) {
      run.tell();
    }
  }

  void signal(Run id, Signal signal) {
    HostedRun run = runs.get(id.runId());
    if (run == null) {
      return;
    }
    if (signal != Signal.INT) {
      run.signal(signal);
    } else if (run.terms.flags().contains(Flag.DATABASE_CONNECTION) && run.cancel() != null) {
      // To cancel a statement is to open a connection: never on a loop.
      vertx.executeBlocking(
          () -> {
            run.cancel().run();
            return null;
          },
          false);
    }
  }

  void interrupt(Run id) {
    HostedRun run = runs.get(id.runId());
    if (run != null) {
      run.interrupt();
    }
  }

  void abandon(Run id) {
    HostedRun run = runs.get(id.runId());
    if (run != null) {
      stacks.put(id.runId(), run.abandon());
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

  private void deployed(HostedRun run, Throwable failure) {
    if (failure != null) {
      turns.here(now -> gone(run, Faults.startFailed(failure), now));
      return;
    }
    run.deployed = true;
    if (run.left != null) {
      undeploy(run);
    }
  }

  private void undeploy(HostedRun run) {
    vertx
        .undeploy(run.deploymentId)
        .onComplete(
            done -> {
              if (done.failed()) {
                // Vert.x may have undeployed it already; what counts is that nobody is inside.
                LOG.log(Level.DEBUG, "undeploy of run " + run.id.runId(), done.cause());
              }
              turns.here(now -> gone(run, run.left, now));
            });
  }

  private void gone(HostedRun run, End end, long now) {
    runs.remove(run.id.runId());
    stacks.remove(run.id.runId());
    run.isGone = true;
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
    runs.values().forEach(run -> run.latch.die());
    memories.values().forEach(DomainMemory::die);
    pool.close();
  }

  // ---- what runs say

  @Override
  public void placed(HostedRun run, String deploymentId) {
    run.deploymentId = deploymentId;
  }

  @Override
  public void began(HostedRun run) {
    turns.submit(now -> core.started(run.id, now));
  }

  @Override
  public void decided(HostedRun run, End end) {
    turns.submit(now -> isClosing(run, end, now));
  }

  @Override
  public void left(HostedRun run, End end, Throwable thrown) {
    if (thrown != null) {
      failures.saw(run.terms.name(), end, thrown);
    }
    turns.submit(
        now -> {
          run.left = end;
          isClosing(run, end, now);
          if (run.deployed) {
            undeploy(run);
          }
        });
  }

  @Override
  public WorkerFactory factory(HostedRun run) {
    return entryPoints.factory(run.spec);
  }

  @Override
  public RunContext context(HostedRun run) {
    return new RunContext(run, this);
  }

  @Override
  public ContextInternal callsOf(ContextInternal run) {
    return postmaster.completions().forRun(run);
  }

  @Override
  public Vertx vertx() {
    return vertx;
  }

  @Override
  public Postmaster postmaster() {
    return postmaster;
  }

  @Override
  public Duration awaitTimeout() {
    return options.awaitTimeout();
  }

  @Override
  public Handle handle(HostedRun run) {
    return new Handle(postmaster.epoch(), run.id.slot(), run.id.generation());
  }

  @Override
  public void ready(HostedRun run, boolean ready) {
    turns.submit(now -> core.ready(run.id, ready, now));
  }

  @Override
  public void extendStart(HostedRun run) {
    turns.submit(now -> core.extendStart(run.id, now));
  }

  @Override
  public void extendStop(HostedRun run) {
    turns.submit(now -> core.extendStop(run.id, now));
  }

  @Override
  public Optional<ConnectionSource> connections() {
    return options.connections();
  }
}
