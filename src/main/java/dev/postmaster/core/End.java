package dev.postmaster.core;

import dev.postmaster.Exit;
import dev.postmaster.Transition;

/**
 * How a run left its code, as its host saw it. What the exit then counts as is the core's decision
 * (contract §7).
 *
 * @param exit COMPLETED, FAILED, CRASHED or START_FAILED: what it is if nobody told the run first
 * @param code as {@link Transition#code()}
 * @param explicit whether the worker called {@code exit(n)}
 * @param told whether the run had been told to end (by a stop or a TERM) before it ended
 * @param interrupted whether it had been interrupted before it ended
 */
public record End(
    Exit exit, int code, String message, boolean explicit, boolean told, boolean interrupted) {

  /** Main returned. */
  public static End returned() {
    return new End(Exit.COMPLETED, 0, "", false, false, false);
  }

  /** Main, or an uncaught handler, threw. */
  public static End threw(String message) {
    return new End(Exit.FAILED, 1, message, false, false, false);
  }

  /** A {@link VirtualMachineError} or {@link AssertionError} came out. */
  public static End crashed(String message) {
    return new End(Exit.CRASHED, 2, message, false, false, false);
  }

  /** The worker said {@code exit(code)}. */
  public static End exited(int code, String message) {
    Exit exit = code == 0 ? Exit.COMPLETED : code == 1 ? Exit.FAILED : Exit.CRASHED;
    return new End(exit, code, message, true, false, false);
  }

  /** No thread, no entry point, or the factory failed. */
  public static End startFailed(String message) {
    return new End(Exit.START_FAILED, Transition.NO_CODE, message, false, false, false);
  }

  /** The same, after a tell that came first. */
  public End afterTell(boolean withInterrupt) {
    return new End(exit, code, message, explicit, true, withInterrupt);
  }
}
