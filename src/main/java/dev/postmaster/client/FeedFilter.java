package dev.postmaster.client;

import dev.postmaster.Cause;
import dev.postmaster.WorkerState;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which transitions of workers a feed sends: those that fit every part; an empty part fits all. The
 * postmaster's own records pass every filter.
 *
 * @param name a name, in which {@code *} stands for anything; empty: all
 * @param states those that a transition leads to
 */
public record FeedFilter(
    Set<Integer> slots,
    Set<String> types,
    String name,
    Set<WorkerState> states,
    Set<Cause> causes) {

  /** Everything. */
  public static final FeedFilter ALL = new FeedFilter(Set.of(), Set.of(), "", Set.of(), Set.of());

  public FeedFilter {
    slots = Set.copyOf(slots);
    types = Set.copyOf(types);
    states = Set.copyOf(states);
    causes = Set.copyOf(causes);
  }

  public FeedFilter slots(Integer... values) {
    return new FeedFilter(Set.of(values), types, name, states, causes);
  }

  public FeedFilter types(String... values) {
    return new FeedFilter(slots, Set.of(values), name, states, causes);
  }

  public FeedFilter name(String glob) {
    return new FeedFilter(slots, types, glob, states, causes);
  }

  public FeedFilter states(WorkerState... values) {
    return new FeedFilter(slots, types, name, Set.of(values), causes);
  }

  public FeedFilter causes(Cause... values) {
    return new FeedFilter(slots, types, name, states, Set.of(values));
  }

  boolean isAll() {
    return equals(ALL);
  }

  /** {@code {"slots", "types", "name", "states", "causes"}}, of each only what is not empty. */
  JsonObject toJson() {
    JsonObject json = new JsonObject();
    put(json, "slots", slots.stream().sorted(), slots);
    put(json, "types", types.stream().sorted(), types);
    if (!name.isEmpty()) {
      json.put("name", name);
    }
    put(json, "states", states.stream().sorted().map(WorkerState::word), states);
    put(json, "causes", causes.stream().sorted().map(Cause::word), causes);
    return json;
  }

  private static void put(JsonObject json, String part, Stream<?> values, Collection<?> of) {
    if (!of.isEmpty()) {
      json.put(part, new JsonArray(values.toList()));
    }
  }
}
