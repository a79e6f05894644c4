package dev.postmaster.core;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.Threading;
import dev.postmaster.WorkerTerms;
import java.util.List;
import java.util.Optional;

/**
 * Whether a registration is accepted: contract §3, all rules in their order; a refusal changes
 * nothing.
 *
 * <p>Source: PostgreSQL {@code RegisterBackgroundWorker} and {@code
 * RegisterDynamicBackgroundWorker}.
 */
final class Admission {

  private final Table table;
  private final Shutdown shutdown;

  Admission(Table table, Shutdown shutdown) {
    this.table = table;
    this.shutdown = shutdown;
  }

  void check(WorkerTerms terms, boolean dynamic, boolean started, long now) {
    Sanity.check(terms);
    threading(terms);
    Optional<List<String>> cycle = table.names.cycle(terms);
    if (cycle.isPresent()) {
      throw refusal(
          ErrorCode.INVALID_SPEC,
          "requires, after: a cycle, \"" + String.join("\" -> \"", cycle.get()) + '"');
    }
    table.options.entryPoints().accept(terms);
    if (!dynamic && !terms.notifyAddress().isEmpty()) {
      throw refusal(
          ErrorCode.NOTIFY_NOT_ALLOWED,
          "notify: \"" + terms.notifyAddress() + "\" is for dynamic registrations only");
    }
    if (!dynamic && started) {
      throw refusal(
          ErrorCode.STATIC_TOO_LATE, "static worker \"" + terms.name() + "\" came after the start");
    }
    unique(terms, now);
    limits(terms, now);
  }

  private void threading(WorkerTerms terms) {
    if (terms.threading() == Threading.EVENT_LOOP && !terms.verticle()) {
      throw refusal(
          ErrorCode.INVALID_SPEC,
          "threading: \"EVENT_LOOP\" is for verticles, a worker with a main may block");
    }
    if (terms.threading() == Threading.VIRTUAL_THREAD && !table.options.virtualThreads()) {
      throw refusal(
          ErrorCode.INVALID_SPEC,
          "threading: \"VIRTUAL_THREAD\" needs a JVM that has them, 21 or later");
    }
  }

  private void unique(WorkerTerms terms, long now) {
    Name name = table.options.uniqueNames() ? table.names.find(terms.name()) : null;
    if (name != null && !name.holders.isEmpty()) {
      throw PostmasterException.limit(
          ErrorCode.ALREADY_REGISTERED,
          "the unique name \"" + terms.name() + "\" is taken",
          1,
          1,
          table.holders(name.holders, now));
    }
  }

  /** The parallel limit is tested before the slots are searched. */
  private void limits(WorkerTerms terms, long now) {
    if (shutdown.gateClosed()) {
      throw refusal(
          ErrorCode.SHUTTING_DOWN, "no worker is registered any more, shutdown has begun");
    }
    int limit = table.options.maxParallelWorkers();
    boolean parallel = terms.flags().contains(dev.postmaster.Flag.PARALLEL);
    if (parallel && table.parallelActive() >= limit) {
      throw PostmasterException.limit(
          ErrorCode.PARALLEL_LIMIT,
          "maxParallelWorkers is " + limit + ", " + table.parallelActive() + " are registered",
          limit,
          table.parallelActive(),
          table.holders(table.parallel(), now));
    }
    int slots = table.slots.length;
    if (table.used() == slots) {
      throw PostmasterException.limit(
          ErrorCode.NO_FREE_SLOT,
          "maxWorkers is " + slots + ", " + slots + " slots are taken",
          slots,
          slots,
          table.holders(table.registered, now));
    }
  }

  private static PostmasterException refusal(ErrorCode code, String message) {
    return PostmasterException.of(code, message);
  }
}
