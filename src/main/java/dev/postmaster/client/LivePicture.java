package dev.postmaster.client;

import dev.postmaster.Cause;
import dev.postmaster.Flag;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The picture while it is drawn. A reader pays for the copy that he gets, and readers of one state
 * share it; who draws pays for nobody.
 *
 * <p>Units: at most one worker a slot, and {@value #DOMAINS_MAX} domains with cycles.
 *
 * <p>Threading: drawn by one, read by any.
 */
final class LivePicture {

  private static final int DOMAINS_MAX = 4_096;

  private SortedMap<Integer, WorkerStatus> workers = new TreeMap<>();

  /** Only those that have had a cycle: the others are those of their members. */
  private final Map<String, DomainStatus> cycles = new TreeMap<>();

  private String name = "";
  private String epoch = "";
  private long seq;
  private boolean whole;
  private Phase phase = Phase.STARTUP;
  private ShutdownMode shutdown = ShutdownMode.NONE;
  private long shutdownSince;
  private int clients;
  private int slotsTotal;
  private int parallelLimit;
  private FeedPicture read;

  /** Begins a connection. */
  synchronized void hello(FeedHello hello) {
    read = null;
    name = hello.name();
    slotsTotal = hello.slots();
    if (!whole) {
      phase = hello.phase();
    }
  }

  /** Another journal, of which nothing is known yet. */
  synchronized void begin(String of, long after) {
    read = null;
    epoch = of;
    seq = after;
    whole = false;
    workers.clear();
    cycles.clear();
    shutdown = ShutdownMode.NONE;
    shutdownSince = 0;
  }

  /** Puts a snapshot in the place of all that was. */
  synchronized void replace(String of, Wire part, SortedMap<Integer, WorkerStatus> all) {
    Optional<Wire> down = part.optional("shutdown");
    ShutdownMode mode = down.map(StatusReader::mode).orElse(ShutdownMode.NONE);
    long since = down.map(s -> s.number("since", 0L)).orElse(0L);
    Phase now = StatusReader.phase(part);
    int limit = part.inner("parallel").count("limit");
    int attached = part.count("clients");
    long at = part.number("seq");
    List<DomainStatus> domains = StatusReader.domains(part);
    // All of it could be read: only now is anything changed.
    read = null;
    phase = now;
    parallelLimit = limit;
    clients = attached;
    shutdown = mode;
    shutdownSince = since;
    seq = at;
    epoch = of;
    whole = true;
    workers = all;
    cycles.clear();
    domains.stream()
        .filter(domain -> domain.resetting() || domain.cycles() > 0)
        .forEach(domain -> cycles.put(domain.name(), domain));
  }

  /** Moves on without a change. */
  synchronized void moveTo(long to) {
    read = null;
    seq = to;
  }

  /** Puts a worker in, unless a later one is there. */
  synchronized void put(WorkerStatus worker) {
    read = null;
    put(workers, worker);
  }

  static void put(Map<Integer, WorkerStatus> into, WorkerStatus worker) {
    WorkerStatus known = into.get(worker.slot());
    if (known == null || worker.seq() >= known.seq()) {
      into.put(worker.slot(), worker);
    }
  }

  /** A slot is free since that record. */
  synchronized void free(int slot, long since) {
    read = null;
    WorkerStatus known = workers.get(slot);
    if (known != null && known.seq() <= since) {
      workers.remove(slot);
    }
  }

  /** Draws what a transition says. */
  synchronized void apply(Transition t) {
    read = null;
    seq = t.seq();
    if (t.own()) {
      own(t);
      return;
    }
    WorkerStatus known = workers.get(t.slot());
    if (known != null && t.seq() <= known.seq()) {
      return;
    }
    if (t.to() == WorkerState.FREE) {
      workers.remove(t.slot());
    } else {
      boolean same =
          known != null && known.generation() == t.generation() && t.cause() != Cause.REGISTERED;
      WorkerStatus before =
          same ? known : WorkerStatus.gone(new Handle(epoch, t.slot(), t.generation()));
      workers.put(t.slot(), WorkerEdge.apply(before, t));
    }
  }

  private void own(Transition t) {
    switch (t.cause()) {
      case OPENED -> opened(t);
      case PHASE -> phase = t.to() instanceof Phase to ? to : phase;
      case CRASH_BEGIN -> cycle(t.name(), true, 1);
      case CRASH_END -> cycle(t.name(), false, 0);
      case SHUTDOWN_BEGIN -> down(t);
      default -> {}
    }
  }

  /** Another life of the same journal. */
  private void opened(Transition t) {
    phase = t.to() instanceof Phase to ? to : phase;
    shutdown = ShutdownMode.NONE;
    shutdownSince = 0;
    clients = 0;
    cycles.clear();
  }

  private void cycle(String domain, boolean resetting, int more) {
    DomainStatus known = cycles.get(domain);
    if (known == null && cycles.size() >= DOMAINS_MAX) {
      return;
    }
    int before = known == null ? 0 : known.cycles();
    // One that resets was in a snapshot that was ahead of this record: no cycle begins in a cycle.
    boolean counted = known != null && known.resetting();
    cycles.put(domain, new DomainStatus(domain, resetting, before + (counted ? 0 : more)));
  }

  private void down(Transition t) {
    if (t.to() instanceof ShutdownMode mode) {
      shutdown = mode;
      shutdownSince = t.at();
      if (mode != ShutdownMode.SMART) {
        List.copyOf(cycles.keySet()).forEach(domain -> cycle(domain, false, 0));
      }
    }
  }

  /** As it is now; the same object until it changes. */
  synchronized FeedPicture read() {
    if (read == null) {
      SortedMap<Integer, WorkerStatus> copy =
          Collections.unmodifiableSortedMap(new TreeMap<>(workers));
      read =
          new FeedPicture(
              name,
              epoch,
              seq,
              whole,
              phase,
              shutdown,
              shutdownSince,
              shutdown == ShutdownMode.NONE ? 0 : withRun(copy.values()),
              clients,
              slotsTotal,
              (int) copy.values().stream().filter(w -> w.flags().contains(Flag.PARALLEL)).count(),
              parallelLimit,
              domains(copy.values()),
              copy);
    }
    return read;
  }

  private static int withRun(Collection<WorkerStatus> all) {
    return (int) all.stream().filter(worker -> worker.state().hasRun()).count();
  }

  private List<DomainStatus> domains(Collection<WorkerStatus> all) {
    Map<String, DomainStatus> domains = new TreeMap<>(cycles);
    for (WorkerStatus worker : all) {
      if (worker.flags().contains(Flag.SHARED_MEMORY)) {
        domains.putIfAbsent(worker.domain(), new DomainStatus(worker.domain(), false, 0));
      }
    }
    return List.copyOf(domains.values());
  }
}
