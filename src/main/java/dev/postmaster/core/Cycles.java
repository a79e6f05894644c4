package dev.postmaster.core;

import dev.postmaster.By;
import dev.postmaster.Cause;
import java.util.List;

/**
 * Crash cycles, a domain at a time (contract §9).
 *
 * <p>Source: PostgreSQL {@code HandleChildCrash} and {@code ResetBackgroundWorkerCrashTimes}; here
 * slots, generations and terminate flags survive, because our registrants do.
 */
final class Cycles {

  /** The domain whose crash limit is the postmaster's own. */
  static final String MAIN = "main";

  private final Table table;
  private final Ladder ladder;
  private final Starter starter;
  private final Waits waits;

  Cycles(Table table, Ladder ladder, Starter starter, Waits waits) {
    this.table = table;
    this.ladder = ladder;
    this.starter = starter;
    this.waits = waits;
  }

  /** Whether a crash in the domain now ends the postmaster. */
  boolean isFatal(Domain domain, long now) {
    if (domain.resetting) {
      return false;
    }
    return !table.options.restartAfterCrash()
        || domain.name.equals(MAIN) && isOverLimit(domain, now);
  }

  private boolean isOverLimit(Domain domain, long now) {
    while (!domain.times.isEmpty()
        && now - domain.times.getFirst() >= table.options.crashWithinNs()) {
      domain.times.removeFirst();
    }
    return domain.times.size() >= table.options.crashCycles();
  }

  /** Closes the domain's gate and brings its members down; a second crash joins the cycle. */
  void begin(Domain domain, String message, long now) {
    if (domain.resetting) {
      return;
    }
    // Its last member may have been forgotten by this very crash.
    table.domains.putIfAbsent(domain.name, domain);
    domain.closed |= isOverLimit(domain, now);
    domain.times.addLast(now);
    domain.cycles++;
    domain.resetting = true;
    table.own(Cause.CRASH_BEGIN, domain.name, null, null, message, By.POSTMASTER, now);
    for (Slot slot : List.copyOf(domain.members)) {
      close(slot, now);
    }
    table.touchedDomains.add(domain);
  }

  private void close(Slot slot, long now) {
    switch (slot.state) {
      case REGISTERED -> {
        if (slot.neverRestarts()) {
          slot.reason = Cause.CRASH_CYCLE;
          table.forget(slot, Cause.CRASH_CYCLE, Verdict.NONE, By.POSTMASTER, now);
          waits.tell(slot, true, now);
        } else {
          starter.evaluate(slot, now);
        }
      }
      case BACKOFF -> starter.schedule(slot, now, Cause.CRASH_CYCLE, now);
      case STARTING, RUNNING -> ladder.stop(slot, Cause.CRASH_CYCLE, 0, By.POSTMASTER, now);
      case STOPPING -> ladder.cut(slot, now);
      case PARKED, ABANDONED, FREE -> {}
    }
  }

  /** Ends the cycles whose last run has gone: the memory is rebuilt, the rest start at once. */
  void endThoseDone(long now) {
    while (!table.touchedDomains.isEmpty()) {
      Domain domain = table.touchedDomains.iterator().next();
      table.touchedDomains.remove(domain);
      if (domain.resetting && domain.busy == 0) {
        end(domain, now);
      }
    }
  }

  private void end(Domain domain, long now) {
    domain.resetting = false;
    table.effects.resetDomain(domain.name);
    table.own(Cause.CRASH_END, domain.name, null, null, "", By.POSTMASTER, now);
    domain.members.forEach(slot -> starter.evaluate(slot, now));
  }

  /** Opens the gate of a domain that had too many cycles; its members are looked at after it. */
  static void reopen(Domain domain) {
    if (domain.closed) {
      domain.closed = false;
      domain.times.clear();
    }
  }
}
