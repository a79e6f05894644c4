package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

/**
 * What a viewer may say: it changes what the viewer sees, and nothing else.
 *
 * @param resume where it left off; null for nowhere
 * @param snapshot whether it takes a snapshot where it cannot resume
 * @param filter what it wants to see
 * @param badFilter what is wrong with the filter; else empty
 * @param window how many transitions it takes without acknowledging them; 0 for any number
 * @param acknowledged the last record that has arrived, of an {@code ack}
 */
record ClientMessage(
    Kind kind,
    Resume resume,
    boolean snapshot,
    FeedFilter filter,
    String badFilter,
    int window,
    long acknowledged) {

  private static final char REPLACEMENT = '\uFFFD';

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
    // What is not UTF-8 has this in its place by now, and nobody has anything to say with it.
    if (text.indexOf(REPLACEMENT) >= 0) {
      throw bad("the message is not UTF-8");
    }
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
      return new ClientMessage(
          Kind.ACK, null, false, FeedFilter.ALL, "", AckWindow.NONE, seq(json, "ack"));
    }
    if ("ping".equals(type)) {
      return new ClientMessage(Kind.PING, null, false, FeedFilter.ALL, "", AckWindow.NONE, 0);
    }
    throw bad("t is none of subscribe, ack, ping");
  }

  private static ClientMessage subscribe(JsonObject json) {
    Object snapshot = json.getValue("snapshot", true);
    if (!(snapshot instanceof Boolean)) {
      throw bad("snapshot is not true or false");
    }
    Object filter = json.getValue("filter", new JsonObject());
    if (filter != null && !(filter instanceof JsonObject)) {
      throw bad("filter is not an object");
    }
    FeedFilter read = FeedFilter.ALL;
    String fault = "";
    try {
      read = filter == null ? FeedFilter.ALL : FeedFilter.read((JsonObject) filter);
    } catch (PostmasterException unknown) {
      fault = unknown.getMessage();
    }
    return new ClientMessage(
        Kind.SUBSCRIBE,
        resume(json.getValue("resume")),
        (Boolean) snapshot,
        read,
        fault,
        window(json.getValue("window")),
        0);
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

  private static int window(Object value) {
    if (value == null) {
      return AckWindow.NONE;
    }
    if ((value instanceof Integer || value instanceof Long) && ((Number) value).longValue() >= 1) {
      return (int) Math.min(AckWindow.MAX, ((Number) value).longValue());
    }
    throw bad("window is not a whole number from 1");
  }

  private static PostmasterException bad(String what) {
    return PostmasterException.of(ErrorCode.BAD_REQUEST, what);
  }
}
