package dev.postmaster;

/** What a transition leads from or to: a worker's state, a phase, or a shutdown mode. */
public sealed interface Stage permits WorkerState, Phase, ShutdownMode {

  /** The word of the contract, as it stands in JSON. */
  String word();

  /** The number in the journal; never re-used. */
  int code();
}
