package dev.postmaster.runtime;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.Threading;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerTerms;
import dev.postmaster.core.Sanity;
import dev.postmaster.runtime.Completions.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Static registrations, collected before the start (PostgreSQL {@code RegisterBackgroundWorker}). A
 * refused one stops the start, with all such faults at once.
 *
 * <p>Threading: any.
 */
final class Statics {

  /** One that was accepted so far; the reply is null for one of a library. */
  record Entry(WorkerSpec spec, WorkerTerms terms, Reply<WorkerHandle> reply) {}

  private final EntryPoints entryPoints;
  private final List<String> faults = new ArrayList<>();
  private final List<PostmasterException> refusals = new ArrayList<>();
  private final List<Entry> entries = new ArrayList<>();
  private boolean closed;

  Statics(PostmasterOptions options) {
    faults.addAll(options.faults());
    entryPoints = new EntryPoints(options, faults);
  }

  EntryPoints entryPoints() {
    return entryPoints;
  }

  /** Takes a static registration; its refusal, or empty. Does nothing once closed. */
  synchronized Optional<PostmasterException> add(WorkerSpec spec, Reply<WorkerHandle> reply) {
    if (closed) {
      return Optional.empty();
    }
    try {
      entries.add(new Entry(spec, check(spec), reply));
      return Optional.empty();
    } catch (PostmasterException refusal) {
      refusals.add(refusal);
      return Optional.of(refusal);
    }
  }

  /** What can be said against a static registration before there is a core. */
  private WorkerTerms check(WorkerSpec spec) {
    WorkerTerms terms = spec.terms();
    Sanity.check(terms);
    checkHosting(terms);
    entryPoints.check(terms, spec.factory().isPresent());
    if (!terms.notifyAddress().isEmpty()) {
      throw PostmasterException.of(
          ErrorCode.NOTIFY_NOT_ALLOWED,
          "notify: \"" + terms.notifyAddress() + "\" is for dynamic registrations only");
    }
    return terms;
  }

  /** Blocking workers are all that is hosted so far. */
  static void checkHosting(WorkerTerms terms) {
    if (terms.threading() != Threading.WORKER) {
      throw PostmasterException.of(
          ErrorCode.INVALID_SPEC,
          "threading: \"" + terms.threading() + "\" is not supported yet, only WORKER is");
    }
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** No more: libraries register theirs, before all others. */
  void close() {
    List<WorkerSpec> preloaded = new ArrayList<>();
    entryPoints.libraries().forEach(library -> library.preload(preloaded::add));
    synchronized (this) {
      List<Entry> own = List.copyOf(entries);
      entries.clear();
      preloaded.forEach(spec -> add(spec, null));
      entries.addAll(own);
      closed = true;
    }
  }

  synchronized List<Entry> entries() {
    return List.copyOf(entries);
  }

  synchronized void refused(PostmasterException refusal) {
    refusals.add(refusal);
  }

  /** All faults as one exception; the only one keeps its code. */
  synchronized Optional<PostmasterException> faults() {
    if (faults.isEmpty() && refusals.isEmpty()) {
      return Optional.empty();
    }
    if (faults.isEmpty() && refusals.size() == 1) {
      return Optional.of(refusals.get(0));
    }
    List<String> all = new ArrayList<>(faults);
    refusals.forEach(refusal -> all.add(refusal.getMessage()));
    return Optional.of(PostmasterException.of(ErrorCode.INVALID_SPEC, String.join("; ", all)));
  }
}
