package dev.postmaster.core;

import static dev.postmaster.core.Invariants.broken;

import dev.postmaster.WorkerState;
import java.util.Collection;
import java.util.function.Predicate;

/** Whatever is counted or queued is counted again here: see {@link Invariants}. */
final class CountInvariants {

  private final Supervisor supervisor;
  private final Table table;

  CountInvariants(Supervisor supervisor) {
    this.supervisor = supervisor;
    table = supervisor.table;
  }

  void all() {
    for (WorkerState state : WorkerState.values()) {
      if (state != WorkerState.FREE) {
        same("3", state, table.count(state), count(slot -> slot.state == state));
      }
    }
    same("§5", "threads", table.threadsUsed, count(slot -> slot.blocks() && slot.state.hasRun()));
    same("18", "parallel", table.parallelActive(), count(Slot::isParallel));
    for (Domain domain : table.domains.values()) {
      same("38", "busy in " + domain.name, domain.busy, count(slot -> isBusyIn(domain, slot)));
    }
    for (Slot slot : table.registered) {
      Name name = slot.name;
      same("§5", "ready of " + name.text, name.ready, count(s -> s.name == name && s.ready));
      int requiring = count(s -> s.requiring && s.terms.requires().contains(name.text));
      same("§10", "requiring " + name.text, name.requiring, requiring);
    }
    order();
    alarms();
  }

  private static boolean isBusyIn(Domain domain, Slot slot) {
    return slot.domain == domain && slot.state.hasRun() && slot.state != WorkerState.ABANDONED;
  }

  /** Registrations stand in their order: equals are started in it. */
  private void order() {
    long last = 0;
    for (Slot slot : table.registered) {
      if (slot.registration <= last) {
        throw broken("§5", SlotInvariants.facts(slot) + " stands before an older registration");
      }
      last = slot.registration;
    }
  }

  /** No deadline is armed but those of somebody who is there. */
  private void alarms() {
    int queued = count(s -> !s.state.hasRun() && s.alarm.armed() && s.alarm.heap != table.real);
    same("2", "queued", supervisor.starter.queued(), queued);
    int judged = count(slot -> slot.alarm.heap == table.judged);
    int uptimes = count(slot -> slot.uptime != null && slot.uptime.armed());
    same("2", "judging deadlines", table.judged.size(), judged + uptimes);
    int real = count(slot -> slot.alarm.heap == table.real);
    real += table.registered.stream().mapToInt(slot -> slot.waits.size()).sum();
    real += timed(supervisor.pauses.orders());
    real += count(slot -> slot.pause != null && slot.pause.end.armed());
    real += supervisor.clients.count();
    real += supervisor.shutdown.endsAt() == Long.MAX_VALUE ? 0 : 1;
    same("2", "deadlines", table.real.size(), real);
  }

  private static int timed(Collection<Pause> orders) {
    return (int) orders.stream().filter(order -> order.end.armed()).count();
  }

  private int count(Predicate<Slot> which) {
    int count = 0;
    for (Slot slot : table.registered) {
      count += which.test(slot) ? 1 : 0;
    }
    return count;
  }

  private static void same(String invariant, Object what, int counted, int there) {
    if (counted != there) {
      throw broken(invariant, what + ": counted " + counted + ", there are " + there);
    }
  }
}
