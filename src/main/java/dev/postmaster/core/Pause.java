package dev.postmaster.core;

import dev.postmaster.Target;

/** One order to pause or, against a wider one, to go on; the latest that meets a worker counts. */
final class Pause {

  final Target target;

  /** False for an order to go on. */
  final boolean holds;

  /** Later orders have higher numbers. */
  final long number;

  /** When it ends by itself; {@link Long#MAX_VALUE} never. */
  final long until;

  final Alarm end = new Alarm(this, Alarm.Kind.PAUSE);

  Pause(Target target, boolean holds, long number, long until) {
    this.target = target;
    this.holds = holds;
    this.number = number;
    this.until = until;
  }
}
