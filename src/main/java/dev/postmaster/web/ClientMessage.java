package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/**
 * What a viewer may say: it changes what the viewer sees, and nothing else.
 *
 * @param resume where it left off; null for nowhere
 * @param snapshot whether it takes a snapshot where it cannot resume
 * @param unsupported names a part of the subscription that is not served yet; else empty
 */
record ClientMessage(Kind kind, Resume resume, boolean snapshot, String unsupported) {

  enum Kind {
    SUBSCRIBE,
    ACK,
    PING
  }

  /** The last record that it has seen. */
  record Resume(String epoch, long seq) {}

  /**
   * Reads one.
   *
   * @throws PostmasterException {@code BAD_REQUEST}, saying what is wrong
   */
  static ClientMessage read(String text) {
    JsonObject json;
    try {
      json = new JsonObject(text);
    } catch (DecodeException | ClassCastException notAnObject) {
      throw bad("the message is not a JSON object");
    }
    Object type = json.getValue("t");
    if ("subscribe".equals(type)) {
      return subscribe(json);
    }
    if ("ack".equals(type)) {
      seq(json, "ack");
      return new ClientMessage(Kind.ACK, null, false, "");
    }
    if ("ping".equals(type)) {
      return new ClientMessage(Kind.PING, null, false, "");
    }
    throw bad("t is none of subscribe, ack, ping");
  }

  private static ClientMessage subscribe(JsonObject json) {
    Object snapshot = json.getValue("snapshot", true);
    if (!(snapshot instanceof Boolean)) {
      throw bad("snapshot is not true or false");
    }
    return new ClientMessage(
        Kind.SUBSCRIBE, resume(json.getValue("resume")), (Boolean) snapshot, unsupported(json));
  }

  private static Resume resume(Object value) {
    if (value == null) {
      return null;
    }
    if (value instanceof JsonObject json && json.getValue("epoch") instanceof String epoch) {
      return new Resume(epoch, seq(json, "resume"));
    }
    throw bad("resume is not {epoch, seq}");
  }

  private static long seq(JsonObject json, String of) {
    Object value = json.getValue("seq");
    if (value instanceof Integer || value instanceof Long) {
      long seq = ((Number) value).longValue();
      if (seq >= 0) {
        return seq;
      }
    }
    throw bad("seq of " + of + " is not a whole number from 0");
  }

  private static String unsupported(JsonObject json) {
    Object filter = json.getValue("filter");
    if (filter != null && !(filter instanceof JsonObject)) {
      throw bad("filter is not an object");
    }
    if (filter instanceof JsonObject object
        && !object.stream().allMatch(ClientMessage::matchesAll)) {
      return "filter";
    }
    return json.getValue("window") == null ? "" : "window";
  }

  private static boolean matchesAll(Map.Entry<String, Object> part) {
    return part.getValue() == null
        || part.getValue() instanceof JsonArray list && list.isEmpty()
        || "*".equals(part.getValue());
  }

  private static PostmasterException bad(String what) {
    return PostmasterException.of(ErrorCode.BAD_REQUEST, what);
  }
}
