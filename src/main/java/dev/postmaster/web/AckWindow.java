package dev.postmaster.web;

import java.util.ArrayDeque;
import java.util.Deque;

/** The transitions that a viewer has been sent and has not acknowledged: at most so many. */
final class AckWindow {

  /** Largest: of a viewer that asks for more no more is remembered, so no more is sent. */
  static final int MAX = 16_384;

  /** No limit. */
  static final int NONE = 0;

  private final int size;
  private final Deque<Long> open = new ArrayDeque<>();

  AckWindow(int size) {
    this.size = size;
  }

  boolean isFull() {
    return size != NONE && open.size() >= size;
  }

  void sent(long seq) {
    if (size != NONE) {
      open.addLast(seq);
    }
  }

  /** Everything up to that one has arrived. */
  void acknowledged(long seq) {
    while (!open.isEmpty() && open.peekFirst() <= seq) {
      open.removeFirst();
    }
  }
}
