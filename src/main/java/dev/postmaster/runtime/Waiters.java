package dev.postmaster.runtime;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.WorkerStatus;
import dev.postmaster.runtime.Completions.Reply;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Those who wait for a worker. The core knows them too; they are kept here as well, so that a fault
 * of ours can still end their wait.
 *
 * <p>Threading: the postmaster's loop.
 */
final class Waiters {

  private final Set<Reply<WorkerStatus>> waiting =
      Collections.newSetFromMap(new IdentityHashMap<>());

  void add(Reply<WorkerStatus> reply) {
    waiting.add(reply);
  }

  @SuppressWarnings("unchecked") // nothing else is ever given to the core as a waiter
  void answer(Object waiter, Optional<ErrorCode> failure, WorkerStatus status) {
    Reply<WorkerStatus> reply = (Reply<WorkerStatus>) waiter;
    waiting.remove(reply);
    if (failure.isEmpty()) {
      reply.succeed(status);
    } else {
      String why = Statuses.why(failure.get(), status);
      reply.fail(PostmasterException.wait(failure.get(), why, status));
    }
  }

  /** The postmaster has ended. */
  void end() {
    PostmasterException died = Statuses.died();
    List.copyOf(waiting).forEach(reply -> reply.fail(died));
    waiting.clear();
  }
}
