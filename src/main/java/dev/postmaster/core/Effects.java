package dev.postmaster.core;

import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Signal;
import dev.postmaster.Transition;
import dev.postmaster.WorkerStatus;
import java.util.Optional;

/**
 * What the core wants done. The shell performs it after the event, in order: record, act, tell.
 *
 * <p>Threading: called inside a method of {@link Supervisor}; must not call it back.
 */
public interface Effects {

  /** Writes the journal. Comes before everything that says the same to somebody. */
  void record(Transition transition);

  /**
   * What is published of the slot changed without an edge: {@code waiting}, a deadline, a pause.
   */
  void changed(int slot);

  /** Starts a run; answered by {@code started}, {@code ended} or {@code gone}. */
  void launch(Run run);

  /** Tells the run to stop: flag, latch, TERM. */
  void tell(Run run, Cause reason);

  /** Sends a signal to the run. */
  void signal(Run run, Signal signal);

  /** Interrupts the run's thread, if it is inside the run's code. */
  void interrupt(Run run);

  /** Gives the run up: its stack is kept, its thread and slot are not reused until it returns. */
  void abandon(Run run);

  /**
   * Ends a wait.
   *
   * @param waiter what {@link Supervisor#await} was given
   * @param failure empty if what was waited for is true
   */
  void answer(Object waiter, Optional<ErrorCode> failure, WorkerStatus status);

  /** Tells the worker's {@code notify} address; the slot may be free by now. */
  void notify(String address, WorkerStatus status);

  /** Throws the memory of the domain away; old references are dead from now on. */
  void resetDomain(String domain);

  /** Workers that could start are left over: let others have a turn, then {@code wake}. */
  void again();

  /** It is over: every slot is free or abandoned, and every wait was answered. */
  void ended(boolean abnormal);
}
