package dev.postmaster.runtime;

import dev.postmaster.EntryPoint;
import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerFactory;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerTerms;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The allow-list of entry points (contract §12): libraries given in code, or found by ServiceLoader
 * and named in the options, and the one that is built in. Nothing else is ever resolved.
 *
 * <p>Source: PostgreSQL {@code LookupBackgroundWorkerFunction}.
 */
final class EntryPoints {

  private final Libraries libraries;
  private final Map<String, EntryPoint> points = new TreeMap<>();
  private final ArgsSchemas schemas;
  private final boolean virtualThreads;

  /** Adds what stands in the options; what is wrong with it is added to the faults. */
  EntryPoints(PostmasterOptions options, boolean virtualThreads, List<String> faults) {
    this.virtualThreads = virtualThreads;
    libraries = new Libraries(options, faults);
    for (Libraries.Known library : libraries.all()) {
      library.points().forEach(point -> points.put(library.name() + '/' + point.name(), point));
    }
    schemas = new ArgsSchemas(libraries, faults);
  }

  Collection<Libraries.Known> libraries() {
    return libraries.all();
  }

  Map<String, EntryPoint> all() {
    return Collections.unmodifiableMap(points);
  }

  /** The plain part of a specification, with what its entry point says if it names one. */
  WorkerTerms terms(WorkerSpec spec) {
    Optional<WorkerFactory> maker = spec.factory();
    return spec.terms(
        maker.isPresent()
            ? maker
            : Optional.ofNullable(points.get(spec.path())).map(EntryPoint::factory));
  }

  /**
   * Rule 7 as a core asks for it at its place among the others: the entry point, and behind it what
   * was found against the arguments of the registration in hand.
   *
   * <p>Threading: one at a time, as its core.
   */
  final class Rule implements Consumer<WorkerTerms> {

    private Optional<PostmasterException> argsFault = Optional.empty();

    /** Whether this JVM can host what is to run on one. */
    boolean virtualThreads() {
      return virtualThreads;
    }

    /** Takes the next registration in hand. */
    void argsFault(Optional<PostmasterException> found) {
      argsFault = found;
    }

    @Override
    public void accept(WorkerTerms terms) {
      check(terms);
      if (argsFault.isPresent()) {
        throw argsFault.get();
      }
    }
  }

  /**
   * Looks whether the terms name an entry point that exists, if they name one at all.
   *
   * @throws PostmasterException {@code UNKNOWN_ENTRY_POINT} with the known ones
   */
  void check(WorkerTerms terms) {
    if (!terms.library().isEmpty() || !terms.function().isEmpty()) {
      find(terms.library() + '/' + terms.function());
    }
  }

  /**
   * What the schema of its entry point says against a specification's arguments. That may take long
   * (patterns are the library's), so that the postmaster's loop is told of it and never asks.
   */
  Optional<PostmasterException> argsFault(WorkerSpec spec) {
    if (spec.factory().isPresent()) {
      return Optional.empty();
    }
    try {
      // What is too large or too deep is not looked at, and refused for that.
      spec.terms();
    } catch (PostmasterException refusal) {
      return Optional.empty();
    }
    return schemas
        .fault(spec.path(), spec.args())
        .map(fault -> PostmasterException.of(ErrorCode.INVALID_SPEC, fault));
  }

  private EntryPoint find(String path) {
    EntryPoint point = points.get(path);
    if (point == null) {
      throw PostmasterException.of(
          ErrorCode.UNKNOWN_ENTRY_POINT,
          "entry point \"" + path + "\" is not known, these are: " + points.keySet());
    }
    return point;
  }

  /**
   * What makes the worker; by name it is resolved at each launch.
   *
   * @throws PostmasterException {@code UNKNOWN_ENTRY_POINT}
   */
  WorkerFactory factory(WorkerSpec spec) {
    return spec.factory().orElseGet(() -> find(spec.path()).factory());
  }
}
