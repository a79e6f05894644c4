package dev.postmaster.web;

import dev.postmaster.Postmaster;
import dev.postmaster.StatusChanges;
import java.util.BitSet;

/**
 * Which slots have changed without a transition: asked once for all viewers, at most once a second.
 *
 * <p>A slot is remembered with the head at the time when all viewers were told of it. Whoever has a
 * later record has been told before that; whoever comes back from an earlier one is told again.
 *
 * <p>Threading: the server's event loop.
 */
final class ChangedSlots {

  private final Postmaster postmaster;
  private final StatusChanges changes;

  /** By slot: the head when it was told; -1 never. Made when there is something to remember. */
  private long[] toldAt = {};

  private long count;

  ChangedSlots(Postmaster postmaster) {
    this.postmaster = postmaster;
    changes = postmaster.changes();
  }

  /** Those that have changed since the last look. */
  BitSet look() {
    BitSet found = new BitSet();
    long now = changes.count();
    if (now > count) {
      changes.since(count, found::set);
      count = now;
      remember(found);
    }
    return found;
  }

  private void remember(BitSet found) {
    if (toldAt.length == 0) {
      toldAt = new long[postmaster.status().slotsTotal()];
      java.util.Arrays.fill(toldAt, -1);
    }
    long head = postmaster.transitions().head();
    found.stream().forEach(slot -> toldAt[slot] = head);
  }

  /** Those that a viewer may not have been told of who has seen nothing above that record. */
  BitSet since(long seq) {
    BitSet found = new BitSet();
    for (int slot = 0; slot < toldAt.length; slot++) {
      if (toldAt[slot] >= seq) {
        found.set(slot);
      }
    }
    return found;
  }
}
