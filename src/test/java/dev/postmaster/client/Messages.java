package dev.postmaster.client;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.StatusJson;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Messages of the feed, as a server may send them. */
final class Messages {

  static final String EPOCH = "01JDA3K5ZV7Q0000000000000A";
  static final String OTHER = "01JDA3K5ZV7Q0000000000000B";

  private Messages() {}

  static JsonObject hello(String epoch, long head) {
    return new JsonObject()
        .put("t", "hello")
        .put("v", 1)
        .put("name", "default")
        .put("epoch", epoch)
        .put("head", head)
        .put("oldest", 1)
        .put("now", 1)
        .put("upMs", 1)
        .put("heartbeatMs", 5_000)
        .put("role", "viewer")
        .put("slots", 8)
        .put("phase", "RUN");
  }

  static JsonObject missing(long from, long to, String reason) {
    return new JsonObject().put("t", "gap").put("from", from).put("to", to).put("reason", reason);
  }

  static JsonObject heartbeat(Long sent) {
    return new JsonObject()
        .put("t", "heartbeat")
        .put("now", 1)
        .put("upMs", 1)
        .put("head", 1)
        .put("sent", sent);
  }

  static JsonObject worker(String epoch, long seq, int slot) {
    WorkerStatus gone = WorkerStatus.gone(new Handle(epoch, slot, 1));
    return StatusJson.worker(gone)
        .put("seq", seq)
        .put("name", "w" + slot)
        .put("type", "t")
        .put("state", "RUNNING")
        .put("status", "STARTED");
  }

  static JsonObject snapshot(long seq, int part, int parts, JsonObject... workers) {
    return new JsonObject()
        .put("t", "snapshot")
        .put("seq", seq)
        .put("part", part)
        .put("parts", parts)
        .put("phase", "RUN")
        .putNull("shutdown")
        .put("domains", new JsonArray())
        .put("parallel", new JsonObject().put("active", 0).put("limit", 8))
        .put("clients", 0)
        .put("workers", new JsonArray(List.of((Object[]) workers)));
  }

  static JsonObject slots(long since, long seq, JsonObject worker, JsonObject free) {
    return new JsonObject()
        .put("t", "slots")
        .put("since", since)
        .put("seq", seq)
        .put("workers", worker == null ? new JsonArray() : new JsonArray().add(worker))
        .put("free", free == null ? new JsonArray() : new JsonArray().add(free));
  }

  static JsonObject free(int slot, long seq) {
    return new JsonObject().put("slot", slot).put("generation", 1).put("seq", seq);
  }

  static JsonObject transition(long seq, int slot, WorkerState from, WorkerState to, Cause cause) {
    return StatusJson.transition(
        new Transition(
            seq,
            1,
            slot,
            1,
            7,
            "w" + slot,
            "t",
            false,
            from,
            to,
            cause,
            false,
            false,
            1,
            0,
            -1,
            Exit.NONE,
            Transition.NO_CODE,
            "",
            By.POSTMASTER));
  }

  /** A run of {@code w<slot>} begins to end. */
  static JsonObject stopping(long seq, int slot) {
    return transition(seq, slot, WorkerState.RUNNING, WorkerState.STOPPING, Cause.TERMINATE);
  }

  static JsonObject freed(long seq, int slot) {
    return transition(seq, slot, WorkerState.STOPPING, WorkerState.FREE, Cause.EXIT);
  }
}
