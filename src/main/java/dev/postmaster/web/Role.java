package dev.postmaster.web;

import dev.postmaster.By;

/** What a caller may do over HTTP; each may do what those before it may. */
public enum Role {
  /** Sees everything. */
  VIEWER(By.OPERATOR),
  /** Registers, terminates, signals, pauses. */
  OPERATOR(By.OPERATOR),
  /** Shuts down, where that is allowed at all. */
  ADMIN(By.ADMIN);

  private final By by;
  private final String word = name().toLowerCase(java.util.Locale.ROOT);

  Role(By by) {
    this.by = by;
  }

  /** Such as {@code viewer}. */
  public String word() {
    return word;
  }

  /** As whom the journal knows it. */
  By by() {
    return by;
  }

  boolean includes(Role other) {
    return compareTo(other) >= 0;
  }
}
