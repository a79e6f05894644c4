package dev.postmaster.core;

import java.util.Locale;

/** What a wait is for (contract §11). */
public enum AwaitFor {
  STARTED,
  READY,
  STOPPED,
  GONE;

  private final String word = name().toLowerCase(Locale.ROOT);

  public String word() {
    return word;
  }
}
