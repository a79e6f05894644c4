package dev.postmaster.core;

/** How far down the stop ladder a run is (contract §8). */
enum Rung {
  /** Not on the ladder. */
  NONE,
  /** At shutdown: its tell waits for those that require it. */
  UNTOLD,
  TOLD,
  INTERRUPTED
}
