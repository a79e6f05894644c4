package dev.postmaster.runtime;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerTerms;
import dev.postmaster.core.Past;
import dev.postmaster.core.Supervisor;
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

  /** Nobody registers so many by hand; a limit that is wrong itself is held against nobody. */
  private static final int UNLIMITED = 1_024;

  private final EntryPoints entryPoints;
  private final EntryPoints.Rule rule;
  private final List<String> faults = new ArrayList<>();
  private final List<PostmasterException> refusals = new ArrayList<>();
  private final List<Entry> entries = new ArrayList<>();

  /** Says at once what the real core will say at the start: limits, names, cycles. */
  private Supervisor rehearsal;

  private boolean closed;

  Statics(PostmasterOptions options, boolean virtualThreads) {
    faults.addAll(options.faults());
    PostmasterOptions usable = faults.isEmpty() ? options : usable(options);
    entryPoints = new EntryPoints(options, virtualThreads, faults);
    rule = entryPoints.new Rule();
    rehearsal =
        new Supervisor(
            Statuses.coreOptions(usable, Ulid.next(0), 0, Past.NONE, rule), NoEffects.NONE);
  }

  /** What a registration is held to of options with faults, so that its own are found too. */
  private static PostmasterOptions usable(PostmasterOptions options) {
    PostmasterOptions usable = new PostmasterOptions().setUniqueNames(options.uniqueNames());
    usable.setMaxWorkers(options.maxWorkers()).setMaxParallelWorkers(options.maxParallelWorkers());
    return usable.faults().isEmpty()
        ? usable
        : usable.setMaxWorkers(UNLIMITED).setMaxParallelWorkers(UNLIMITED);
  }

  EntryPoints entryPoints() {
    return entryPoints;
  }

  /**
   * Takes a static registration; false once closed, and nothing was done then.
   *
   * @throws PostmasterException if it is refused; the start will fail too
   */
  synchronized boolean add(WorkerSpec spec, Reply<WorkerHandle> reply) {
    if (closed) {
      return false;
    }
    try {
      entries.add(new Entry(spec, check(spec), reply));
      return true;
    } catch (PostmasterException refusal) {
      refusals.add(refusal);
      throw refusal;
    }
  }

  /** What can be said against a static registration before there is a core. */
  private WorkerTerms check(WorkerSpec spec) {
    WorkerTerms terms = entryPoints.terms(spec);
    rule.argsFault(entryPoints.argsFault(spec));
    rehearsal.registerStatic(terms, 0);
    return terms;
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /**
   * No more: libraries register theirs, before all others.
   *
   * @param begin submits the start: within the lock, so that no registration that comes too late
   *     for this can overtake it
   * @return false if it was closed before; nothing was done then
   */
  boolean close(Runnable begin) {
    if (isClosed()) {
      return false;
    }
    List<WorkerSpec> preloaded = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    entryPoints.libraries().forEach(library -> preload(library, preloaded, failures));
    synchronized (this) {
      if (closed) {
        return false;
      }
      faults.addAll(failures);
      List<Entry> own = List.copyOf(entries);
      entries.clear();
      preloaded.forEach(this::preload);
      entries.addAll(own);
      rehearsal = null;
      closed = true;
      begin.run();
      return true;
    }
  }

  private static void preload(
      Libraries.Known library, List<WorkerSpec> preloaded, List<String> failures) {
    Preload registrar = new Preload(library.name());
    try {
      library.library().preload(registrar);
    } catch (Throwable failure) {
      failures.add("libraries: preload of \"" + library.name() + "\": " + Faults.message(failure));
    }
    registrar.end(preloaded, failures);
  }

  private void preload(WorkerSpec spec) {
    try {
      add(spec, null);
    } catch (PostmasterException kept) {
      // With the others, for the start to fail with.
    }
  }

  /** No more, because there will be no start; those who wait are told. */
  void abandon(PostmasterException why) {
    synchronized (this) {
      rehearsal = null;
      closed = true;
    }
    entries().stream()
        .filter(entry -> entry.reply() != null)
        .forEach(entry -> entry.reply().fail(why));
  }

  synchronized List<Entry> entries() {
    return List.copyOf(entries);
  }

  synchronized void refused(PostmasterException refusal) {
    refusals.add(refusal);
  }

  /** Those that no registration was refused with. */
  synchronized List<String> known() {
    return List.copyOf(faults);
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
