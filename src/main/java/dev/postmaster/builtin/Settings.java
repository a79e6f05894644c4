package dev.postmaster.builtin;

import dev.postmaster.DurationText;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;

/**
 * The arguments that both workers have; in the shape that their schemas ask for.
 *
 * @param intervalMs from one message to the next
 */
record Settings(String address, JsonObject body, long intervalMs) {

  static Settings of(JsonObject args) {
    return new Settings(
        args.getString("address"),
        args.getJsonObject("body", new JsonObject()),
        timeMs(args, "interval", "1s"));
  }

  /**
   * A duration in milliseconds.
   *
   * @throws IllegalArgumentException if it is none that a timer can have
   */
  static long timeMs(JsonObject args, String field, String otherwise) {
    String text = args.getString(field, otherwise);
    return DurationText.parse(text)
        .map(java.time.Duration::toMillis)
        .filter(ms -> ms >= 1)
        .orElseThrow(
            () -> new IllegalArgumentException(field + ": \"" + text + "\" is no time to wait"));
  }

  /** Nothing of ours leaves this Vertx. */
  static DeliveryOptions locally() {
    return new DeliveryOptions().setLocalOnly(true);
  }
}
