package dev.postmaster.core;

/** A point in time that its owner waits for, or a place in a queue; in at most one heap. */
final class Alarm {

  /** What it is for; of those at the same time the first kind comes first. */
  enum Kind {
    SHUTDOWN,
    SLOT,
    UPTIME,
    WAIT,
    PAUSE,
    LEASE
  }

  /** Whose it is: a {@link Slot}, a {@link Wait}, a pause, a client, or the shutdown. */
  final Object owner;

  private final Kind kind;

  long at;
  long tie;
  int position = -1;
  AlarmHeap heap;

  Alarm(Object owner, Kind kind) {
    this.owner = owner;
    this.kind = kind;
  }

  /** A total order: ties count within a kind only, and no two of a kind share one. */
  boolean isBefore(Alarm other) {
    if (at != other.at) {
      return at < other.at;
    }
    int order = kind.compareTo(other.kind);
    return order != 0 ? order < 0 : tie < other.tie;
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
