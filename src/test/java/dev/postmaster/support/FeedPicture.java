package dev.postmaster.support;

import dev.postmaster.WorkerState;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a viewer makes of the messages of a feed, as protocols §4 tells it to: holds the sequence to
 * its promise, and draws the picture from snapshots, slots, workers and transitions.
 */
public final class FeedPicture {

  private final List<JsonObject> parts = new ArrayList<>();
  private final Map<Integer, JsonObject> workers = new TreeMap<>();
  private final List<String> broken = new ArrayList<>();
  private long seq = -1;
  private String phase = "";

  /** Takes the next message. */
  public void received(JsonObject message) {
    switch (message.getString("t")) {
      case "snapshot" -> snapshot(message);
      case "slots" -> slots(message);
      case "gap" -> gap(message);
      case "worker" -> put(message.getJsonObject("worker"));
      case "transition" -> transition(message);
      default -> {}
    }
  }

  /** Goes on counting where another viewer left off. */
  void expectFrom(long last) {
    seq = last;
  }

  /** What came so far, or lies in a gap; -1 before the first. */
  public long seq() {
    return seq;
  }

  /** Empty before the first snapshot. */
  public String phase() {
    return phase;
  }

  /** By slot: what is there, by the fields of WORKER. */
  public Map<Integer, JsonObject> workers() {
    return workers;
  }

  /** What came against the promise, in words. */
  public List<String> broken() {
    return broken;
  }

  private void snapshot(JsonObject part) {
    if (part.getInteger("part") == 1) {
      parts.clear();
    }
    parts.add(part);
    if (parts.size() != part.getInteger("part")) {
      broken.add("part out of order " + part);
    }
    if (part.getInteger("part").equals(part.getInteger("parts"))) {
      workers.clear();
      parts.forEach(p -> workers(p).forEach(w -> workers.put(w.getInteger("slot"), w)));
      phase = part.getString("phase");
      moveTo(part.getLong("seq"));
    }
  }

  private static List<JsonObject> workers(JsonObject message) {
    return message.getJsonArray("workers").stream().map(JsonObject.class::cast).toList();
  }

  private void slots(JsonObject message) {
    workers(message).forEach(this::put);
    message.getJsonArray("free").stream()
        .map(JsonObject.class::cast)
        .forEach(free -> workers.remove(free.getInteger("slot")));
  }

  private void gap(JsonObject gap) {
    if (seq >= 0 && gap.getLong("from") > seq + 1) {
      broken.add("after " + seq + " came " + gap);
    }
    moveTo(gap.getLong("to"));
  }

  private void moveTo(long to) {
    if (to < seq) {
      broken.add("went back from " + seq + " to " + to);
    }
    seq = to;
  }

  private void put(JsonObject worker) {
    JsonObject known = workers.get(worker.getInteger("slot"));
    if (known == null || worker.getLong("seq") >= known.getLong("seq")) {
      workers.put(worker.getInteger("slot"), worker);
    }
  }

  private void transition(JsonObject edge) {
    long at = edge.getLong("seq");
    if (seq >= 0 && at != seq + 1) {
      broken.add("after " + seq + " came " + edge);
    }
    seq = at;
    int slot = edge.getInteger("slot");
    if (slot < 0) {
      phase = edge.getString("cause").equals("phase") ? edge.getString("to") : phase;
      return;
    }
    JsonObject known = workers.get(slot);
    if (known != null && at <= known.getLong("seq")) {
      return;
    }
    WorkerState to = WorkerState.valueOf(edge.getString("to"));
    if (to == WorkerState.FREE) {
      workers.remove(slot);
      return;
    }
    JsonObject next = known == null ? new JsonObject() : known.copy();
    for (String field :
        List.of("seq", "slot", "generation", "name", "type", "ready", "terminate", "starts")) {
      next.put(field, edge.getValue(field));
    }
    next.put("runId", to.hasRun() ? edge.getValue("runId") : null);
    workers.put(slot, next.put("state", edge.getString("to")));
  }
}
