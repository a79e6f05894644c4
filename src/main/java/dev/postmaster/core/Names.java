package dev.postmaster.core;

import dev.postmaster.WorkerTerms;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The names, and what depends on them (contract §5, requires and after). */
final class Names {

  /**
   * How many names are remembered as completed. A service that runs a job under a new name each
   * time would fill the heap without a bound; the oldest go first.
   */
  static final int COMPLETED_MAX = 65_536;

  private final Map<String, Name> names = new HashMap<>();
  private final Set<Name> completed = new LinkedHashSet<>();

  /** Names whose meaning for their dependents may have changed since this was last emptied. */
  private final Set<Name> touched = new LinkedHashSet<>();

  /** Null if nobody is registered under it, depends on it, or has completed under it. */
  Name find(String text) {
    return names.get(text);
  }

  private Name get(String text) {
    return names.computeIfAbsent(text, Name::new);
  }

  void add(Slot slot) {
    slot.name = get(slot.terms.name());
    slot.name.holders.add(slot);
    touch(slot.name);
    if (depends(slot.terms)) {
      dependencies(slot.terms).forEach(text -> get(text).dependents.add(slot));
    }
  }

  void remove(Slot slot) {
    slot.name.holders.remove(slot);
    touch(slot.name);
    drop(slot.name);
    if (!depends(slot.terms)) {
      return;
    }
    dependencies(slot.terms)
        .forEach(
            text -> {
              Name name = get(text);
              name.dependents.remove(slot);
              drop(name);
            });
  }

  private void drop(Name name) {
    if (name.holders.isEmpty() && name.dependents.isEmpty() && !name.completed) {
      names.remove(name.text);
    }
  }

  void ready(Slot slot, boolean ready) {
    slot.name.ready += ready ? 1 : -1;
    touch(slot.name);
  }

  /** Before {@link #remove}, which has its dependents looked at. */
  void completed(Slot slot) {
    Name name = slot.name;
    if (name.completed) {
      return;
    }
    name.completed = true;
    completed.add(name);
    if (completed.size() > COMPLETED_MAX) {
      Name oldest = completed.iterator().next();
      completed.remove(oldest);
      oldest.completed = false;
      touch(oldest);
      drop(oldest);
    }
  }

  private void touch(Name name) {
    if (!name.dependents.isEmpty()) {
      touched.add(name);
    }
  }

  /** Takes one of the touched names, or null. */
  Name nextTouched() {
    if (touched.isEmpty()) {
      return null;
    }
    Name name = touched.iterator().next();
    touched.remove(name);
    return name;
  }

  private static boolean depends(WorkerTerms terms) {
    return !terms.requires().isEmpty() || !terms.after().isEmpty();
  }

  private static Stream<String> dependencies(WorkerTerms terms) {
    return Stream.concat(terms.requires().stream(), terms.after().stream());
  }

  /** The shortest cycle that these terms would close over the names registered now. */
  Optional<List<String>> cycle(WorkerTerms terms) {
    if (!depends(terms)) {
      return Optional.empty();
    }
    String goal = terms.name();
    Map<String, String> reachedFrom = new HashMap<>();
    Deque<String> open = new ArrayDeque<>();
    reach(terms, goal, reachedFrom, open);
    while (!open.isEmpty() && !reachedFrom.containsKey(goal)) {
      String text = open.remove();
      Name name = names.get(text);
      if (name != null) {
        name.holders.forEach(slot -> reach(slot.terms, text, reachedFrom, open));
      }
    }
    return reachedFrom.containsKey(goal) ? Optional.of(path(goal, reachedFrom)) : Optional.empty();
  }

  private static void reach(
      WorkerTerms terms, String from, Map<String, String> reachedFrom, Deque<String> open) {
    dependencies(terms)
        .filter(text -> reachedFrom.putIfAbsent(text, from) == null)
        .forEach(open::add);
  }

  private static List<String> path(String goal, Map<String, String> reachedFrom) {
    Deque<String> path = new ArrayDeque<>();
    path.add(goal);
    for (String step = reachedFrom.get(goal); !step.equals(goal); step = reachedFrom.get(step)) {
      path.addFirst(step);
    }
    path.addFirst(goal);
    return List.copyOf(path);
  }

  Names copy(Slot[] slots) {
    Names copy = new Names();
    names.forEach(
        (text, name) -> {
          Name twin = new Name(text);
          name.holders.forEach(slot -> twin.holders.add(slots[slot.index]));
          name.dependents.forEach(slot -> twin.dependents.add(slots[slot.index]));
          twin.ready = name.ready;
          twin.completed = name.completed;
          twin.requiring = name.requiring;
          copy.names.put(text, twin);
        });
    completed.forEach(name -> copy.completed.add(copy.names.get(name.text)));
    return copy;
  }

  /** The completed names, oldest first. */
  Stream<String> completed() {
    return completed.stream().map(name -> name.text);
  }
}
