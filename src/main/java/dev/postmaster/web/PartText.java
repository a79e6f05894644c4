package dev.postmaster.web;

import dev.postmaster.StatusJson;
import dev.postmaster.WorkerStatus;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;

/**
 * One part of a picture, written worker by worker as long as it fits into a frame.
 *
 * <p>Units: bytes of UTF-8.
 */
final class PartText {

  /** Largest message of the feed. */
  static final int BYTES_MAX = 60 * 1_024;

  private final StringBuilder text;
  private final int room;
  private int bytes;
  private boolean any;

  /**
   * Begins one.
   *
   * @param head what stands before the workers
   * @param reserved so many bytes stay free for what comes after them
   */
  PartText(JsonObject head, int reserved) {
    String json = head.encode();
    bytes = bytes(json) + ",\"workers\":[]".length();
    room = BYTES_MAX - reserved;
    text = new StringBuilder(room);
    text.append(json, 0, json.length() - 1).append(",\"workers\":[");
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Writes a worker; false if it does not fit any more. */
  boolean add(WorkerStatus worker) {
    String json = StatusJson.worker(worker).encode();
    int more = bytes(json) + (any ? 1 : 0);
    if (bytes + more > room) {
      return false;
    }
    if (any) {
      text.append(',');
    }
    any = true;
    bytes += more;
    text.append(json);
    return true;
  }

  String end() {
    return text.append("]}").toString();
  }

  /** Ends it with another list. */
  String end(String key, String list) {
    return text.append("],\"").append(key).append("\":").append(list).append('}').toString();
  }
}
