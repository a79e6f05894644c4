package dev.postmaster.core;

import dev.postmaster.By;
import dev.postmaster.Cause;

/**
 * What happens when a time has come.
 *
 * <p>Source: PostgreSQL {@code DetermineSleepTime}, without its scan and its cap of 60 seconds.
 */
final class Deadlines {

  /** How many one turn serves before others get theirs. */
  static final int SERVED_MAX = 1_000;

  private final Table table;
  private final Starter starter;
  private final Shutdown shutdown;
  private final Clients clients;
  private final Runs runs;
  private final Orders orders;
  private final Waits waits;
  private final Ladder ladder;

  Deadlines(Supervisor parts, Runs runs, Orders orders, Waits waits, Ladder ladder) {
    table = parts.table;
    starter = parts.starter;
    shutdown = parts.shutdown;
    clients = parts.clients;
    this.runs = runs;
    this.orders = orders;
    this.waits = waits;
    this.ladder = ladder;
  }

  long next() {
    Alarm real = table.real.first();
    Alarm judged = table.judged.first();
    long next = real == null ? Long.MAX_VALUE : real.at;
    return judged == null ? next : Math.min(next, judged.at + table.stalled);
  }

  void serve(long now) {
    for (int served = 0; served < SERVED_MAX; served++) {
      Alarm alarm = due(now);
      if (alarm == null) {
        return;
      }
      alarm.cancel();
      fire(alarm, now);
    }
  }

  /** Asks for a turn more if there are more than are served in one, or this one made some due. */
  void goOn(long now) {
    if (next() <= now && !shutdown.over()) {
      table.effects.again();
    }
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
      orders.expire(order, now);
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
          runs.ready(slot, true, now);
        } else {
          ladder.stop(slot, Cause.START_TIMEOUT, By.POSTMASTER, now);
        }
      }
      case STOPPING -> ladder.next(slot, now);
      case FREE, REGISTERED, PARKED, ABANDONED ->
          throw new AssertionError("a deadline in state " + slot.state);
    }
  }
}
