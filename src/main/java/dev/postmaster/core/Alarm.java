package dev.postmaster.core;

/** A point in time that its owner waits for, or a place in a queue; in at most one heap. */
final class Alarm {

  /** Whose it is: a {@link Slot}, a {@link Wait}, a pause, a client, or the shutdown. */
  final Object owner;

  long at;
  long tie;
  int position = -1;
  AlarmHeap heap;

  Alarm(Object owner) {
    this.owner = owner;
  }

  boolean armed() {
    return heap != null;
  }

  void cancel() {
    if (heap != null) {
      heap.remove(this);
    }
  }
}
