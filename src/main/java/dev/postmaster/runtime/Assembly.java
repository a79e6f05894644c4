package dev.postmaster.runtime;

import dev.postmaster.Handle;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerHandle;
import dev.postmaster.core.Supervisor;
import io.vertx.core.internal.VertxInternal;

/**
 * Makes the core and what stands around it, and gives the static registrations their slots.
 *
 * <p>Threading: the postmaster's loop.
 */
final class Assembly {

  private final PostmasterOptions options;
  private final EventLoopPostmaster postmaster;
  final EntryPoints.Rule rule;
  final RunHost host;
  Performer performer;
  Supervisor core;

  Assembly(
      VertxInternal vertx,
      PostmasterOptions options,
      EventLoopPostmaster postmaster,
      EntryPoints entryPoints,
      Turns turns,
      FirstFailures failures) {
    this.options = options;
    this.postmaster = postmaster;
    rule = entryPoints.new Rule();
    host = new RunHost(vertx, options, postmaster, entryPoints, turns, failures);
  }

  void assemble(RingLog log, Performer.Sinks sinks) {
    performer = new Performer(sinks, host);
    core =
        new Supervisor(
            Statuses.coreOptions(options, log.epoch(), log.head(), log.past(), rule), performer);
    host.core(core);
  }

  /** Those that are refused are kept by the statics. */
  void place(Statics statics, long now) {
    core.open("vertx-postmaster", now);
    for (Statics.Entry entry : statics.entries()) {
      try {
        place(entry, now);
      } catch (PostmasterException refusal) {
        statics.refused(refusal);
      }
    }
  }

  private void place(Statics.Entry entry, long now) {
    Handle handle = core.registerStatic(entry.terms(), now);
    host.tenant(handle, entry.spec(), entry.terms());
    if (entry.reply() != null) {
      WorkerHandle inHand = postmaster.handle(handle, entry.terms().name());
      performer.then(() -> entry.reply().succeed(inHand));
    }
  }
}
