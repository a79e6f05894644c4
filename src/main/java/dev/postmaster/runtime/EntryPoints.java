package dev.postmaster.runtime;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.EntryPoint;
import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerLibrary;
import dev.postmaster.WorkerTerms;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  /** Adds what stands in the options; a name that is on no class path is one fault. */
  EntryPoints(PostmasterOptions options, List<String> faults) {
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

  List<WorkerLibrary> libraries() {
    return List.copyOf(libraries.values());
  }

  Map<String, EntryPoint> all() {
    return Collections.unmodifiableMap(points);
  }

  /**
   * Looks whether the terms name an entry point that exists, if they name one at all.
   *
   * @throws PostmasterException {@code UNKNOWN_ENTRY_POINT} with the known ones
   */
  void check(WorkerTerms terms, boolean hasFactory) {
    if (!hasFactory) {
      find(terms);
    }
  }

  private EntryPoint find(WorkerTerms terms) {
    String name = terms.library() + '/' + terms.function();
    EntryPoint point = points.get(name);
    if (point == null) {
      throw PostmasterException.of(
          ErrorCode.UNKNOWN_ENTRY_POINT,
          "entry point \"" + name + "\" is not known, these are: " + points.keySet());
    }
    return point;
  }

  /** A fresh worker, by name; resolved at each launch. */
  BackgroundWorker make(WorkerTerms terms) {
    return find(terms).factory().get();
  }
}
