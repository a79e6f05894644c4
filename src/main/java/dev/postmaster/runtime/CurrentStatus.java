package dev.postmaster.runtime;

import dev.postmaster.PostmasterOptions;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Transition;
import dev.postmaster.core.Supervisor;

/** What is published of the postmaster. {@link #now} any thread; the rest the postmaster's loop. */
final class CurrentStatus {

  private final PostmasterOptions options;
  private volatile PostmasterStatus status;
  private long startedAt;
  private long shutdownAt;
  private boolean moved;

  CurrentStatus(PostmasterOptions options) {
    this.options = options;
    status = Statuses.before(options);
  }

  PostmasterStatus now() {
    return Statuses.now(status);
  }

  void started() {
    startedAt = System.currentTimeMillis();
  }

  void recorded(Transition transition) {
    moved = true;
    if (transition.to() instanceof ShutdownMode) {
      shutdownAt = transition.at();
    }
  }

  /** Publishes what the last turns have changed. */
  void refresh(Supervisor core, long now) {
    // Attachments come and go without a record.
    if (moved || core.clients() != status.clients()) {
      moved = false;
      status = Statuses.of(options, core, startedAt, shutdownAt, now);
    }
  }

  /** How long the shutdown has taken by now, in milliseconds. */
  long shutdownMs() {
    return Math.max(0, System.currentTimeMillis() - shutdownAt);
  }
}
