package dev.postmaster.core;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;

/** A crash domain: the workers that share memory, and go through a crash cycle together. */
final class Domain {

  final String name;

  /** In order of registration. */
  final Set<Slot> members = new LinkedHashSet<>();

  /** Members with a run that is not abandoned. */
  int busy;

  /** A cycle is under way: nobody starts. */
  boolean resetting;

  /** Too many cycles: nobody starts until it is resumed. */
  boolean closed;

  int cycles;

  /** When the last cycles began, within the window of the limit. */
  final Deque<Long> times = new ArrayDeque<>();

  Domain(String name) {
    this.name = name;
  }

  boolean isIdle() {
    return members.isEmpty() && !resetting && !closed;
  }

  Domain copy(Slot[] slots) {
    Domain copy = new Domain(name);
    members.forEach(slot -> copy.members.add(slots[slot.index]));
    copy.busy = busy;
    copy.resetting = resetting;
    copy.closed = closed;
    copy.cycles = cycles;
    copy.times.addAll(times);
    return copy;
  }
}
