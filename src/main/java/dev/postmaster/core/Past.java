package dev.postmaster.core;

import dev.postmaster.WorkerState;
import java.util.List;
import java.util.function.IntToLongFunction;

/**
 * What an earlier life of the same epoch left behind: numbers go on, registrations do not.
 *
 * @param left slots that it did not free, in their order
 * @param generations the last generation of each slot, 0 if it had none
 */
public record Past(List<Left> left, IntToLongFunction generations) {

  /** There was none. */
  public static final Past NONE = new Past(List.of(), slot -> 0);

  /**
   * A registration that was never forgotten.
   *
   * @param runId the run that ended with the life, 0 if there was none
   */
  public record Left(
      int slot,
      long generation,
      WorkerState state,
      long runId,
      String name,
      String type,
      int starts) {}
}
