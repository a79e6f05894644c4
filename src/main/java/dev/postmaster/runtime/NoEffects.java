package dev.postmaster.runtime;

import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Signal;
import dev.postmaster.Transition;
import dev.postmaster.WorkerStatus;
import dev.postmaster.core.Effects;
import dev.postmaster.core.Run;
import java.util.Optional;

/** For a core that is only asked what it would say. */
enum NoEffects implements Effects {
  NONE;

  @Override
  public void record(Transition transition) {}

  @Override
  public void changed(int slot) {}

  @Override
  public void launch(Run run) {}

  @Override
  public void tell(Run run, Cause reason) {}

  @Override
  public void signal(Run run, Signal signal) {}

  @Override
  public void interrupt(Run run) {}

  @Override
  public void abandon(Run run) {}

  @Override
  public void answer(Object waiter, Optional<ErrorCode> failure, WorkerStatus status) {}

  @Override
  public void notify(String address, WorkerStatus status) {}

  @Override
  public void resetDomain(String domain) {}

  @Override
  public void again() {}

  @Override
  public void ended(boolean abnormal) {}
}
