package dev.postmaster.support;

import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Signal;
import dev.postmaster.Transition;
import dev.postmaster.WorkerStatus;
import dev.postmaster.core.Run;
import java.util.Optional;

/** One effect of the core, in the order in which it was emitted. */
public sealed interface Emitted {

  record Recorded(Transition transition) implements Emitted {}

  record Changed(int slot) implements Emitted {}

  record Launched(Run run) implements Emitted {}

  record Told(Run run, Cause reason) implements Emitted {}

  record Signalled(Run run, Signal signal) implements Emitted {}

  record Interrupted(Run run) implements Emitted {}

  record Abandoned(Run run) implements Emitted {}

  record Answered(Object waiter, Optional<ErrorCode> failure, WorkerStatus status)
      implements Emitted {}

  record Notified(String address, WorkerStatus status) implements Emitted {}

  record DomainReset(String domain) implements Emitted {}

  record Again() implements Emitted {}

  record Ended(boolean abnormal) implements Emitted {}
}
