package dev.postmaster.core;

import dev.postmaster.Phase;
import dev.postmaster.ShutdownMode;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerTerms;

/**
 * What holds after every event, whatever happened (contract §15). Those about one moment are here;
 * those about an order of effects are held against whole histories by the tests.
 *
 * <p>Errors: an {@link AssertionError} that names the invariant, by its number or by the section of
 * the contract, and the facts. In production it ends the postmaster, immediate and abnormal.
 */
final class Invariants {

  private final Table table;
  private final Supervisor supervisor;

  Invariants(Supervisor supervisor) {
    this.supervisor = supervisor;
    table = supervisor.table;
  }

  /** Those that cost the same with any number of slots. */
  void cheap() {
    int slots = table.slots.length;
    if (table.used() != table.registered.size()) {
      throw broken("3", table.used() + " slots in use, registered " + table.registered.size());
    }
    if (table.free.lowest() < 0 != (table.used() == slots)) {
      throw broken("2", "lowest free " + table.free.lowest() + ", used " + table.used());
    }
    int parallel = table.parallelActive();
    if (parallel != table.parallel().size()) {
      throw broken("18", "counted " + parallel + ", parallel " + table.parallel().size());
    }
    if (parallel > table.options.maxParallelWorkers()) {
      throw broken("19", parallel + " parallel, limit " + table.options.maxParallelWorkers());
    }
    if (table.threadsUsed < 0 || table.threadsUsed > table.options.maxWorkerThreads()) {
      throw broken("§5 threads", table.threadsUsed + " of " + table.options.maxWorkerThreads());
    }
    shutdown();
  }

  private void shutdown() {
    Shutdown shutdown = supervisor.shutdown;
    boolean goesDown = shutdown.mode().compareTo(ShutdownMode.FAST) >= 0;
    if (shutdown.gateClosed() != goesDown) {
      throw broken("42", "mode " + shutdown.mode() + ", gate closed " + shutdown.gateClosed());
    }
    int going = table.count(WorkerState.STOPPING) + table.count(WorkerState.ABANDONED);
    if (goesDown && table.used() != going) {
      throw broken("43", table.used() + " registered after the gate closed, " + going + " going");
    }
    if (goesDown && !shutdown.over() && shutdown.endsAt() == Long.MAX_VALUE) {
      throw broken("44", "mode " + shutdown.mode() + " without a deadline");
    }
    if (shutdown.over() && table.busy() > 0) {
      throw broken("44", "over with " + table.busy() + " runs");
    }
  }

  /** All of them. */
  void all() {
    cheap();
    if (table.slots.length != table.options.maxWorkers()) {
      throw broken("1", table.slots.length + " slots, not " + table.options.maxWorkers());
    }
    for (int index = 0; index < table.slots.length; index++) {
      Slot slot = table.slots[index];
      boolean free = slot == null || slot.state == WorkerState.FREE;
      if (table.free.isFree(index) != free) {
        throw broken("2", "slot " + index + " free " + free);
      }
      if (free && table.free.lowest() > index) {
        throw broken("4", "lowest free " + table.free.lowest() + ", but " + index + " is free");
      }
      if (slot != null && free) {
        free(slot);
      }
    }
    for (Slot slot : table.registered) {
      new SlotInvariants(supervisor, slot).all();
    }
    new CountInvariants(supervisor).all();
    table.domains.values().forEach(this::domain);
  }

  private void free(Slot slot) {
    boolean clean =
        slot.name == null
            && slot.domain == null
            && slot.pause == null
            && slot.waits.isEmpty()
            && slot.runId == 0
            && slot.end == null
            && !slot.requiring
            && !slot.ready
            && !slot.alarm.armed()
            && (slot.uptime == null || !slot.uptime.armed());
    if (!clean) {
      throw broken("2", "free slot " + slot.index + " holds something of its last tenant");
    }
  }

  private void domain(Domain domain) {
    if (domain.resetting && supervisor.shutdown.gateClosed()) {
      throw broken("39", "a cycle in \"" + domain.name + "\" after the gate closed");
    }
    if (domain.resetting && domain.busy == 0) {
      throw broken("39", "the cycle in \"" + domain.name + "\" has nobody left to wait for");
    }
    for (Slot slot : domain.members) {
      boolean obeys =
          switch (slot.state) {
            case STARTING, RUNNING, FREE -> false;
            case STOPPING -> slot.rung == Rung.INTERRUPTED;
            case REGISTERED, BACKOFF -> slot.alarm.heap != table.real;
            case PARKED, ABANDONED -> true;
          };
      if (domain.resetting && !obeys) {
        throw broken("38", SlotInvariants.facts(slot) + " in the cycle of " + domain.name);
      }
    }
  }

  static boolean mayStart(WorkerTerms terms, Phase phase) {
    return terms.start().phase().compareTo(phase) <= 0;
  }

  static AssertionError broken(String invariant, String facts) {
    return new AssertionError("invariant " + invariant + " is broken: " + facts);
  }
}
