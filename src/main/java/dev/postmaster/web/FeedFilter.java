package dev.postmaster.web;

import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.Stage;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What a viewer wants to see: all of its parts must match, and of each part one entry; a part
 * without entries matches everything.
 *
 * <p>Slots, types, name and states choose workers, for pictures and for transitions; causes choose
 * among the transitions of those. The one by which a worker leaves the filter, be it gone or in
 * another state, passes whatever its cause: nobody is left with a worker that is not there any
 * more. The postmaster's own records always pass.
 */
record FeedFilter(
    Set<Integer> slots, Set<String> types, Glob name, Set<WorkerState> states, Set<Cause> causes) {

  /** Most entries of a part. */
  static final int ENTRIES_MAX = 1_024;

  static final FeedFilter ALL = new FeedFilter(Set.of(), Set.of(), Glob.ANY, Set.of(), Set.of());

  private static final Map<String, WorkerState> STATES =
      byWord(WorkerState.values(), WorkerState::word);
  private static final Map<String, Cause> CAUSES = byWord(Cause.values(), Cause::word);

  private static <T> Map<String, T> byWord(T[] values, Function<T, String> word) {
    Map<String, T> words = new LinkedHashMap<>();
    Stream.of(values).forEach(value -> words.put(word.apply(value), value));
    return words;
  }

  /** Of one slot, of one type; null for any. */
  static FeedFilter of(Integer slot, String type) {
    return new FeedFilter(
        slot == null ? Set.of() : Set.of(slot),
        type == null ? Set.of() : Set.of(type),
        Glob.ANY,
        Set.of(),
        Set.of());
  }

  /**
   * Reads {@code {"slots", "types", "name", "states", "causes"}}; what it does not know it ignores.
   *
   * @throws PostmasterException {@code BAD_REQUEST} with what is wrong, and what may be meant
   */
  static FeedFilter read(JsonObject json) {
    Set<Integer> slots = new LinkedHashSet<>();
    for (Object slot : entries(json, "slots")) {
      if (!(slot instanceof Integer number) || number < 0) {
        throw bad("an entry of slots is not a whole number from 0");
      }
      slots.add(number);
    }
    Set<String> types = new LinkedHashSet<>();
    entries(json, "types").forEach(type -> types.add(text("types", type)));
    return new FeedFilter(
        slots,
        types,
        name(json.getValue("name")),
        words(json, "states", "state", STATES),
        words(json, "causes", "cause", CAUSES));
  }

  private static JsonArray entries(JsonObject json, String part) {
    Object value = json.getValue(part);
    if (value == null) {
      return new JsonArray();
    }
    if (!(value instanceof JsonArray list)) {
      throw bad(part + " is not a list");
    }
    if (list.size() > ENTRIES_MAX) {
      throw bad(part + " has " + list.size() + " entries; " + ENTRIES_MAX + " is the most");
    }
    return list;
  }

  private static String text(String part, Object entry) {
    if (entry instanceof String text) {
      return text;
    }
    throw bad("an entry of " + part + " is not a text");
  }

  private static Glob name(Object value) {
    if (value == null || "".equals(value)) {
      return Glob.ANY;
    }
    try {
      return Glob.of(text("name", value));
    } catch (IllegalArgumentException stars) {
      throw bad("name: " + stars.getMessage());
    }
  }

  private static <T> Set<T> words(JsonObject json, String part, String what, Map<String, T> known) {
    Set<T> found = new LinkedHashSet<>();
    for (Object entry : entries(json, part)) {
      String word = text(part, entry);
      T value = known.get(word);
      if (value == null) {
        throw bad(Nearest.unknown(what, word, known.keySet()));
      }
      found.add(value);
    }
    return found;
  }

  private static PostmasterException bad(String what) {
    return PostmasterException.of(ErrorCode.BAD_REQUEST, what);
  }

  /** Whether a record is sent. */
  boolean passes(Transition record) {
    if (record.own()) {
      return true;
    }
    return picks(record)
        && (shows(record.to())
            ? causes.isEmpty() || causes.contains(record.cause())
            : shows(record.from()) || states.contains(record.to()));
  }

  /** Whether a record is of a worker that is chosen but for its state; names may be cut. */
  boolean picks(Transition record) {
    return picksSlot(record.slot())
        && (record.cut() || picksType(record.type()) && name.matches(record.name()));
  }

  /** Whether a worker comes into sight with this record: what it does not say must be told. */
  boolean enters(Transition record) {
    return !record.own() && shows(record.to()) && !shows(record.from());
  }

  /** Whether a worker is in a picture. */
  boolean shows(WorkerStatus worker) {
    return picksSlot(worker.slot())
        && picksType(worker.type())
        && name.matches(worker.name())
        && shows(worker.state());
  }

  /** Whether a worker that is chosen otherwise is seen in this state. */
  boolean shows(Stage state) {
    return state != WorkerState.FREE && (states.isEmpty() || states.contains(state));
  }

  private boolean picksSlot(int slot) {
    return slots.isEmpty() || slots.contains(slot);
  }

  private boolean picksType(String type) {
    return types.isEmpty() || types.contains(type);
  }
}
