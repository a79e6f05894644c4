package dev.postmaster.runtime;

import dev.postmaster.EntryPoint;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerLibrary;
import dev.postmaster.builtin.BuiltIn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * The libraries of one postmaster (contract §12): the one that is built in, those given in code,
 * and those found by ServiceLoader that the options name. Each is asked once for what it has; what
 * is wrong with it is a fault of the start, and whatever it throws stays here.
 */
final class Libraries {

  /** What a library said of itself, when it was asked. */
  record Known(String name, WorkerLibrary library, List<EntryPoint> points) {

    boolean isBuiltIn() {
      return library instanceof BuiltIn;
    }
  }

  /** A library and the name that it gave. */
  private record Named(String name, WorkerLibrary library) {}

  private static final int NAME_BYTES_MAX = 95;

  private final List<String> faults;
  private final Map<String, Known> known = new LinkedHashMap<>();

  /** Asks them all; adds what is wrong to the faults. */
  Libraries(PostmasterOptions options, List<String> faults) {
    this.faults = faults;
    add(new Named(BuiltIn.NAME, new BuiltIn()));
    for (WorkerLibrary library : options.addedLibraries()) {
      if (library == null) {
        faults.add("libraries: null was added");
      } else {
        named(library).ifPresent(this::add);
      }
    }
    if (!options.libraries().isEmpty()) {
      choose(options.libraries(), find());
    }
  }

  Collection<Known> all() {
    return known.values();
  }

  private void choose(List<String> names, List<Named> found) {
    Set<String> chosen = new HashSet<>();
    for (String name : names) {
      List<Named> candidates = found.stream().filter(one -> one.name().equals(name)).toList();
      if (!chosen.add(name)) {
        faults.add("libraries: \"" + name + "\" is named twice");
      } else if (candidates.isEmpty() && !name.equals(BuiltIn.NAME)) {
        faults.add("libraries: \"" + name + "\" is not on the class path");
      } else {
        candidates.forEach(this::add);
      }
    }
  }

  /** One that cannot be loaded is a fault; those behind it are looked at all the same. */
  private List<Named> find() {
    List<Named> found = new ArrayList<>();
    Iterator<WorkerLibrary> all = ServiceLoader.load(WorkerLibrary.class).iterator();
    while (true) {
      try {
        if (!all.hasNext()) {
          return found;
        }
        named(all.next()).ifPresent(found::add);
      } catch (ServiceConfigurationError | LinkageError bad) {
        faults.add("libraries: " + bad.getMessage());
      }
    }
  }

  private Optional<Named> named(WorkerLibrary library) {
    String type = library.getClass().getName();
    try {
      String name = library.name();
      Optional<String> fault = nameFault(name);
      if (fault.isEmpty()) {
        return Optional.of(new Named(name, library));
      }
      faults.add("libraries: the name of " + type + ", " + fault.get());
    } catch (Throwable thrown) {
      faults.add("libraries: the name of " + type + ", " + Faults.message(thrown));
    }
    return Optional.empty();
  }

  private void add(Named named) {
    if (known.containsKey(named.name())) {
      faults.add(
          "libraries: \""
              + named.name()
              + (named.name().equals(BuiltIn.NAME) ? "\" is built in" : "\" is there twice"));
    } else {
      known.put(
          named.name(), new Known(named.name(), named.library(), points(named.name(), named)));
    }
  }

  private List<EntryPoint> points(String name, Named named) {
    Map<String, EntryPoint> points = new LinkedHashMap<>();
    try {
      List<EntryPoint> all = named.library().entryPoints();
      if (all == null) {
        faults.add("libraries: the entry points of \"" + name + "\" are null");
      } else {
        all.forEach(point -> add(name, point, points));
      }
    } catch (Throwable thrown) {
      faults.add("libraries: the entry points of \"" + name + "\": " + Faults.message(thrown));
    }
    return List.copyOf(points.values());
  }

  private void add(String library, EntryPoint point, Map<String, EntryPoint> points) {
    Optional<String> fault = fault(point);
    if (fault.isPresent()) {
      faults.add("libraries: an entry point of \"" + library + "\", " + fault.get());
    } else if (points.putIfAbsent(point.name(), kept(point)) != null) {
      faults.add("libraries: entry point \"" + library + '/' + point.name() + "\" is there twice");
    }
  }

  private static Optional<String> fault(EntryPoint point) {
    if (point == null) {
      return Optional.of("null");
    }
    return nameFault(point.name())
        .or(
            () ->
                point.description() == null || point.schema() == null || point.factory() == null
                    ? Optional.of("\"" + point.name() + "\" has no description, schema or factory")
                    : Optional.empty());
  }

  /** What the library does to its own schema later has no effect. */
  private static EntryPoint kept(EntryPoint point) {
    return new EntryPoint(
        point.name(), point.description(), point.schema().copy(), point.factory());
  }

  private static Optional<String> nameFault(String name) {
    if (name == null) {
      return Optional.of("null");
    }
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > NAME_BYTES_MAX) {
      return Optional.of(
          "\"" + Faults.cut(name) + "\" has " + bytes + " bytes, not 1 to " + NAME_BYTES_MAX);
    }
    // With a slash library and entry point could not be told apart.
    return name.chars().anyMatch(c -> c == '/' || Character.isISOControl(c))
        ? Optional.of("\"" + Faults.onOneLine(name) + "\" has a control character or a slash in it")
        : Optional.empty();
  }
}
