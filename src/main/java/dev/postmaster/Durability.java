package dev.postmaster;

/** What a journal in a file survives. */
public enum Durability {
  /** Any death of the process. */
  PROCESS,
  /** Also a crash of the machine, but for what happened in the last interval. */
  INTERVAL
}
