package dev.postmaster.core;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A name that workers are registered under, or that others require.
 *
 * <p>Ordering: both sets in order of registration.
 */
final class Name {

  final String text;

  /** Those registered under it. */
  final Set<Slot> holders = new LinkedHashSet<>(2);

  /** Those that name it in {@code requires} or {@code after}. */
  final Set<Slot> dependents = new LinkedHashSet<>(2);

  /** How many of the holders are ready. */
  int ready;

  /** Whether a worker of this name has COMPLETED in this life. */
  boolean completed;

  /** At shutdown: runs that require it and are not gone. */
  int requiring;

  Name(String text) {
    this.text = text;
  }

  boolean meetsRequires() {
    return ready > 0 || completed;
  }

  boolean meetsAfter() {
    return meetsRequires() || holders.isEmpty();
  }
}
