package dev.postmaster.core;

/** Somebody waits for something of a registration. */
final class Wait {

  final Slot slot;
  final AwaitFor what;
  final Object waiter;
  final Alarm timeout = new Alarm(this, Alarm.Kind.WAIT);

  Wait(Slot slot, AwaitFor what, Object waiter) {
    this.slot = slot;
    this.what = what;
    this.waiter = waiter;
  }
}
