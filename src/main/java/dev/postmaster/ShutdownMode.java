package dev.postmaster;

import java.util.Locale;

/** How the postmaster goes down (contract §10). Modes only go up. */
public enum ShutdownMode implements Stage {
  NONE(0),
  /** New clients are refused; acts as fast when the last client has left. */
  SMART(1),
  /** The gate closes for good; every worker goes down its ladder. */
  FAST(2),
  /** Told and interrupted at once. */
  IMMEDIATE(3);

  private final int code;
  private final String word = name().toLowerCase(Locale.ROOT);

  ShutdownMode(int code) {
    this.code = code;
  }

  @Override
  public String word() {
    return word;
  }

  @Override
  public int code() {
    return code;
  }
}
