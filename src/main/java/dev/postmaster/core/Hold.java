package dev.postmaster.core;

import java.util.Locale;

/** What keeps a due worker from being started; the first that holds, in this order, is named. */
enum Hold {
  PHASE,
  REQUIRES,
  PAUSED,
  CRASH_CYCLE,
  DOMAIN,
  AFTER,
  NONE;

  final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');
}
