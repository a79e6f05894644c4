package dev.postmaster.runtime;

import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Signal;
import dev.postmaster.Transition;
import dev.postmaster.WorkerStatus;
import dev.postmaster.core.Effects;
import dev.postmaster.core.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Takes what an event wants done, and does it after the event: record, publish, act, tell. Records
 * are written as they come, because a turn that fails must not lose what it had decided.
 *
 * <p>Threading: the postmaster's loop.
 */
final class Performer implements Effects {

  /** Where the effects go. */
  interface Sinks {

    void record(Transition transition);

    void answer(Object waiter, Optional<ErrorCode> failure, WorkerStatus status);

    void notify(String address, WorkerStatus status);

    void again();

    void ended(boolean abnormal);
  }

  private final Sinks sinks;
  private final RunHost host;
  private final List<Runnable> acts = new ArrayList<>();
  private final List<Runnable> tells = new ArrayList<>();
  private int[] dirty = new int[16];
  private int dirtyCount;

  Performer(Sinks sinks, RunHost host) {
    this.sinks = sinks;
    this.host = host;
  }

  /**
   * Performs what the last event left, but for the tells: first the published table, so that a run
   * finds itself there as soon as it is launched, then the acts.
   */
  void perform(IntConsumer publish) {
    for (int d = 0; d < dirtyCount; d++) {
      publish.accept(dirty[d]);
    }
    dirtyCount = 0;
    runAll(acts);
  }

  /**
   * Tells what all events until now want told: together, so that whoever is told anything finds it
   * published.
   */
  void tellAll() {
    List<Runnable> all = List.copyOf(tells);
    tells.clear();
    for (Runnable tell : all) {
      try {
        tell.run();
      } catch (RejectedExecutionException closed) {
        // The loop of whoever was to be told is closed: there is nobody left to tell.
      }
    }
  }

  /** Says something after everything else of these turns. */
  void then(Runnable tell) {
    tells.add(tell);
  }

  private static void runAll(List<Runnable> effects) {
    // By index: nothing is added meanwhile, and nothing is allocated for the common few.
    for (int e = 0; e < effects.size(); e++) {
      effects.get(e).run();
    }
    effects.clear();
  }

  private void dirty(int slot) {
    if (dirtyCount > 0 && dirty[dirtyCount - 1] == slot) {
      return;
    }
    if (dirtyCount == dirty.length) {
      dirty = java.util.Arrays.copyOf(dirty, 2 * dirtyCount);
    }
    dirty[dirtyCount++] = slot;
  }

  private void act(Run run, Consumer<Run> what) {
    acts.add(() -> what.accept(run));
  }

  @Override
  public void record(Transition transition) {
    sinks.record(transition);
    if (!transition.own()) {
      dirty(transition.slot());
    }
  }

  @Override
  public void changed(int slot) {
    dirty(slot);
  }

  @Override
  public void launch(Run run) {
    act(run, host::launch);
  }

  @Override
  public void tell(Run run, Cause reason) {
    act(run, host::tell);
  }

  @Override
  public void signal(Run run, Signal signal) {
    acts.add(() -> host.signal(run, signal));
  }

  @Override
  public void interrupt(Run run) {
    act(run, host::interrupt);
  }

  @Override
  public void abandon(Run run) {
    act(run, host::abandon);
  }

  @Override
  public void answer(Object waiter, Optional<ErrorCode> failure, WorkerStatus status) {
    tells.add(() -> sinks.answer(waiter, failure, status));
  }

  @Override
  public void notify(String address, WorkerStatus status) {
    tells.add(() -> sinks.notify(address, status));
  }

  @Override
  public void resetDomain(String domain) {
    acts.add(() -> host.resetDomain(domain));
  }

  @Override
  public void again() {
    sinks.again();
  }

  @Override
  public void ended(boolean abnormal) {
    tells.add(() -> sinks.ended(abnormal));
  }
}
