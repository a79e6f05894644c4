package dev.postmaster.web;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.StatusJson;
import dev.postmaster.TransitionLog;
import dev.postmaster.WorkerStatus;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/** The small messages of the feed, protocols §4. */
final class FeedText {

  /** When a viewer that was sent away for now may come back, in milliseconds. */
  private static final int RETRY_MS = 2_000;

  private FeedText() {}

  static String hello(Postmaster postmaster, long heartbeatMs, String role) {
    TransitionLog log = postmaster.transitions();
    PostmasterStatus status = postmaster.status();
    return new JsonObject()
        .put("t", "hello")
        .put("v", 1)
        .put("name", postmaster.name())
        .put("epoch", log.epoch())
        .put("head", log.head())
        .put("oldest", log.oldest())
        .put("now", System.currentTimeMillis())
        .put("upMs", status.upMs())
        .put("heartbeatMs", heartbeatMs)
        .put("role", role)
        .put("slots", status.slotsTotal())
        .put("phase", status.phase().word())
        .encode();
  }

  /** {@code sent} is a bookmark: a viewer may resume from it. */
  static String heartbeat(Postmaster postmaster, Optional<Long> sent) {
    return new JsonObject()
        .put("t", "heartbeat")
        .put("now", System.currentTimeMillis())
        .put("upMs", postmaster.status().upMs())
        .put("head", postmaster.transitions().head())
        .put("sent", sent.orElse(null))
        .encode();
  }

  /** A worker; {@code seq} is that of the record it follows, or the head if it follows none. */
  static String worker(long seq, WorkerStatus worker) {
    return new JsonObject()
        .put("t", "worker")
        .put("seq", seq)
        .put("worker", StatusJson.worker(worker))
        .encode();
  }

  static String gap(long from, long to, String reason) {
    return new JsonObject()
        .put("t", "gap")
        .put("from", from)
        .put("to", to)
        .put("reason", reason)
        .encode();
  }

  static String error(String code, String message, boolean fatal) {
    return new JsonObject()
        .put("t", "error")
        .put("code", code)
        .put("message", message)
        .put("fatal", fatal)
        .encode();
  }

  static String bye(CloseCode code) {
    return new JsonObject()
        .put("t", "bye")
        .put("code", code.number())
        .put("reason", code.reason())
        .put("retryMs", code.retry() ? RETRY_MS : null)
        .encode();
  }
}
