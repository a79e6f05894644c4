package dev.postmaster.examples;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;

/** A postmaster asked with messages: for code that has no reference to it, in any language. */
public final class OverTheBus {

  private OverTheBus() {}

  /** Registers a worker and waits until it runs; its handle. */
  public static Future<String> register(Vertx vertx, JsonObject specification) {
    return ask(vertx, "register", specification)
        .map(registered -> new JsonObject().put("handle", registered.getString("handle")))
        .compose(
            handle -> ask(vertx, "await", handle.put("for", "started").put("timeoutMs", 5_000)))
        .map(started -> started.getString("handle"));
  }

  /** Terminates a worker; never started again once this is answered. */
  public static Future<JsonObject> terminate(Vertx vertx, String handle) {
    return ask(vertx, "terminate", new JsonObject().put("handle", handle));
  }

  private static Future<JsonObject> ask(Vertx vertx, String action, JsonObject body) {
    return vertx
        .eventBus()
        .<JsonObject>request(
            "postmaster.default.control", body, new DeliveryOptions().addHeader("action", action))
        .map(Message::body);
  }
}
