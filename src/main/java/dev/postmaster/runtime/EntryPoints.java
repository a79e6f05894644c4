package dev.postmaster.runtime;

import dev.postmaster.EntryPoint;
import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerFactory;
import dev.postmaster.WorkerLibrary;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerTerms;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * The allow-list of entry points (contract §12): libraries given in code, or found by ServiceLoader
 * and named in the options. Nothing else is ever resolved.
 *
 * <p>Source: PostgreSQL {@code LookupBackgroundWorkerFunction}.
 */
final class EntryPoints {

  private final Map<String, WorkerLibrary> libraries = new LinkedHashMap<>();
  private final Map<String, EntryPoint> points = new TreeMap<>();
  private final boolean virtualThreads;

  /** Adds what stands in the options; a name that is on no class path is one fault. */
  EntryPoints(PostmasterOptions options, boolean virtualThreads, List<String> faults) {
    this.virtualThreads = virtualThreads;
    options.addedLibraries().forEach(library -> libraries.put(library.name(), library));
    Map<String, WorkerLibrary> found = new LinkedHashMap<>();
    if (!options.libraries().isEmpty()) {
      find(found, faults);
    }
    for (String name : options.libraries()) {
      WorkerLibrary library = found.get(name);
      if (library == null) {
        faults.add("libraries: \"" + name + "\" is not on the class path");
      } else {
        libraries.put(name, library);
      }
    }
    libraries.forEach(
        (name, library) ->
            library.entryPoints().forEach(point -> points.put(name + '/' + point.name(), point)));
  }

  /** One that cannot be loaded is a fault; those behind it are looked at all the same. */
  private static void find(Map<String, WorkerLibrary> found, List<String> faults) {
    Iterator<WorkerLibrary> all = ServiceLoader.load(WorkerLibrary.class).iterator();
    while (true) {
      try {
        if (!all.hasNext()) {
          return;
        }
        WorkerLibrary library = all.next();
        found.put(library.name(), library);
      } catch (ServiceConfigurationError bad) {
        faults.add("libraries: " + bad.getMessage());
      }
    }
  }

  /** Whether this JVM can host what is to run on one. */
  boolean virtualThreads() {
    return virtualThreads;
  }

  List<WorkerLibrary> libraries() {
    return List.copyOf(libraries.values());
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
   * Looks whether the terms name an entry point that exists, if they name one at all.
   *
   * @throws PostmasterException {@code UNKNOWN_ENTRY_POINT} with the known ones
   */
  void check(WorkerTerms terms) {
    if (!terms.library().isEmpty() || !terms.function().isEmpty()) {
      find(terms.library() + '/' + terms.function());
    }
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
