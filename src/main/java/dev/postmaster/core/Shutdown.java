package dev.postmaster.core;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.ShutdownMode;
import dev.postmaster.WorkerState;
import java.util.List;

/**
 * How the postmaster goes down (contract §10).
 *
 * <p>Source: PostgreSQL {@code pmdie}, {@code PostmasterStateMachine} and {@code
 * ForgetUnstartedBackgroundWorkers}; unlike there every mode ends in time.
 */
final class Shutdown {

  private final Table table;
  private final Ladder ladder;
  private final Waits waits;
  private final Alarm deadline = new Alarm(this, Alarm.Kind.SHUTDOWN);
  private ShutdownMode mode = ShutdownMode.NONE;
  private long since;
  private boolean gateClosed;
  private boolean abnormal;
  private boolean over;

  Shutdown(Table table, Ladder ladder, Waits waits) {
    this.table = table;
    this.ladder = ladder;
    this.waits = waits;
  }

  /** Becomes a copy. */
  void take(Shutdown other, Copies copies) {
    copies.arm(other.deadline, deadline);
    mode = other.mode;
    since = other.since;
    gateClosed = other.gateClosed;
    abnormal = other.abnormal;
    over = other.over;
  }

  ShutdownMode mode() {
    return mode;
  }

  long since() {
    return since;
  }

  boolean gateClosed() {
    return gateClosed;
  }

  /** When it ends whatever its workers do; {@link Long#MAX_VALUE} while that is not decided. */
  long endsAt() {
    return deadline.armed() ? deadline.at : Long.MAX_VALUE;
  }

  boolean abnormal() {
    return abnormal;
  }

  boolean over() {
    return over;
  }

  /** A crash after the gate closed, a limit, or a fault of ours. */
  void makeAbnormal() {
    abnormal |= !over;
  }

  /**
   * Goes up to that mode; one not above the one in force changes nothing, after the end none does.
   */
  void raise(ShutdownMode to, String message, By by, long now) {
    if (over || to.compareTo(mode) <= 0) {
      return;
    }
    table.own(Cause.SHUTDOWN_BEGIN, "", mode, to, message, by, now);
    mode = to;
    since = now;
    if (to == ShutdownMode.SMART) {
      return;
    }
    if (!gateClosed) {
      closeGate(by, now);
    }
    if (to == ShutdownMode.IMMEDIATE) {
      for (Slot slot : List.copyOf(table.registered)) {
        if (slot.state == WorkerState.STOPPING) {
          ladder.cut(slot, now);
        }
      }
    }
  }

  /** Closes the gate first, for good; then forgets who has no run; then starts the ladders. */
  private void closeGate(By by, long now) {
    gateClosed = true;
    for (Domain domain : table.domains.values()) {
      abnormal |= domain.resetting;
      domain.resetting = false;
    }
    for (Slot slot : List.copyOf(table.registered)) {
      if (!slot.state.hasRun()) {
        slot.reason = Cause.SHUTDOWN;
        table.forget(slot, Cause.SHUTDOWN, Verdict.NONE, by, now);
        waits.tell(slot, true, now);
      }
    }
    table.real.put(deadline, now + table.options.shutdownTimeoutNs(), Long.MAX_VALUE);
    countRequiring();
    for (Slot slot : List.copyOf(table.registered)) {
      descend(slot, by, now);
    }
  }

  private void countRequiring() {
    for (Slot slot : table.registered) {
      if (slot.state != WorkerState.ABANDONED) {
        slot.requiring = true;
        slot.terms.requires().forEach(name -> table.names.find(name).requiring++);
      }
    }
  }

  private void descend(Slot slot, By by, long now) {
    long judgedNow = table.judgedNow(now);
    long end = judgedNow + table.options.shutdownTimeoutNs();
    long abandonAt = Math.min(judgedNow + slot.graceNs + slot.forceNs, end);
    long interruptAt =
        Math.min(judgedNow + slot.graceNs, Math.max(judgedNow, abandonAt - slot.forceNs));
    if (slot.state == WorkerState.STOPPING) {
      ladder.limit(slot, interruptAt, abandonAt);
    } else if (slot.state != WorkerState.ABANDONED) {
      ladder.enter(slot, Cause.SHUTDOWN, slot.graceNs, by, now);
      ladder.limit(slot, interruptAt, abandonAt);
      if (slot.name.requiring > 0) {
        ladder.hold(slot, judgedNow + slot.graceNs / 2);
      } else {
        ladder.tell(slot, now);
      }
    }
  }

  /** A run has gone: those that waited for it with their tell may be told. */
  void gone(Slot slot, long now) {
    if (!slot.requiring) {
      return;
    }
    slot.requiring = false;
    for (String text : slot.terms.requires()) {
      Name name = table.names.find(text);
      if (name != null && --name.requiring == 0) {
        name.holders.stream()
            .filter(holder -> holder.rung == Rung.UNTOLD)
            .toList()
            .forEach(holder -> ladder.tell(holder, now));
      }
    }
  }

  /** Whatever its workers do, it ends now. */
  void deadline(long now) {
    for (Slot slot : List.copyOf(table.registered)) {
      if (slot.state == WorkerState.STOPPING) {
        ladder.cut(slot, now);
        ladder.abandon(slot, now);
      }
    }
  }

  /** Ends it when nobody is left but the abandoned: record, then waits, then the report. */
  void endIfDone(long now) {
    if (!gateClosed || over || table.busy() > 0) {
      return;
    }
    over = true;
    deadline.cancel();
    int abandoned = table.count(WorkerState.ABANDONED);
    String message = (abnormal ? "abnormal" : "normal") + ", " + abandoned + " abandoned";
    table.own(Cause.CLOSED, "", null, null, message, By.POSTMASTER, now);
    waits.end(now);
    table.effects.ended(abnormal);
  }
}
