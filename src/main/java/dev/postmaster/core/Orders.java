package dev.postmaster.core;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Phase;
import dev.postmaster.PostmasterException;
import dev.postmaster.Target;
import dev.postmaster.WorkerState;
import java.time.Instant;
import java.util.List;

/** An operator's pause, drain, resume and advance, and what they do at once (contract §14). */
final class Orders {

  private final Table table;
  private final Pauses pauses;
  private final Starter starter;
  private final Ladder ladder;

  Orders(Table table, Pauses pauses, Starter starter, Ladder ladder) {
    this.table = table;
    this.pauses = pauses;
    this.starter = starter;
    this.ladder = ladder;
  }

  /**
   * Gives the order.
   *
   * @return how many registrations it meets now
   */
  int give(Cause cause, Target target, long untilNs, By by, long now) {
    if (target.kind() == Target.Kind.GROUP) {
      throw PostmasterException.of(ErrorCode.BAD_REQUEST, "group: is not supported yet");
    }
    if (cause == Cause.RESUME) {
      pauses.resume(target);
    } else {
      pauses.pause(target, untilNs);
    }
    boolean ends = untilNs != Long.MAX_VALUE;
    String end = ends ? " until " + Instant.ofEpochMilli(table.wall(untilNs)) : "";
    table.own(cause, "", null, null, target + end, by, now);
    Domain domain = table.domains.get(target.name());
    if (cause == Cause.RESUME && target.kind() == Target.Kind.DOMAIN && domain != null) {
      Cycles.reopen(domain);
    }
    List<Slot> met = pauses.met(target).toList();
    for (Slot slot : met) {
      lookAgain(slot, now);
      boolean runs = slot.state == WorkerState.STARTING || slot.state == WorkerState.RUNNING;
      if (cause == Cause.DRAIN && runs) {
        ladder.stop(slot, Cause.DRAIN, by, now);
      }
    }
    return met.size();
  }

  /** Moves the phase forward. */
  void advance(Phase to, By by, long now) {
    Phase from = starter.phase();
    if (to.compareTo(from) < 0) {
      throw PostmasterException.of(
          ErrorCode.BAD_REQUEST, "the phase is " + from + " and cannot go back to " + to);
    }
    if (to != from) {
      starter.phase(to);
      table.own(Cause.PHASE, "", from, to, "", by, now);
      table.registered.stream()
          .filter(slot -> slot.hold == Hold.PHASE)
          .forEach(slot -> starter.evaluate(slot, now));
    }
  }

  /** The order's time is over. */
  void expire(Pause order, long now) {
    pauses.expire(order);
    pauses.met(order.target).forEach(slot -> lookAgain(slot, now));
  }

  private void lookAgain(Slot slot, long now) {
    table.effects.changed(slot.index);
    starter.evaluate(slot, now);
  }
}
