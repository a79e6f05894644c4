package dev.postmaster.client;

import java.util.Locale;

/** What can be waited for (contract §11). */
public enum AwaitGoal {
  STARTED,
  READY,
  /** Between runs, or gone. */
  STOPPED,
  GONE;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
