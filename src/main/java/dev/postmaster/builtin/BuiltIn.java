package dev.postmaster.builtin;

import dev.postmaster.EntryPoint;
import dev.postmaster.WorkerLibrary;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** The library {@code postmaster}: small workers for the event bus, verticles on event loops. */
public final class BuiltIn implements WorkerLibrary {

  public static final String NAME = "postmaster";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<EntryPoint> entryPoints() {
    return List.of(
        EntryPoint.ofVerticle(
            "publisher",
            "publishes or sends a JSON object to an event-bus address of this Vertx, at its start"
                + " and then at each interval",
            schema(
                new JsonObject()
                    // Whoever hears our own addresses believes what comes there.
                    .put("address", address("where to").put("pattern", "^(?!postmaster[.])"))
                    .put("body", body("what"))
                    .put("interval", time("1s"))
                    .put(
                        "mode",
                        new JsonObject()
                            .put("enum", new JsonArray().add("publish").add("send"))
                            .put("description", "to all who listen, or to one of them")
                            .put("default", "publish"))),
            Publisher::new),
        EntryPoint.ofVerticle(
            "sentinel",
            "is ready while an event-bus address of this Vertx answers requests in time, so that"
                + " others can require it; to be registered with ready: said, and with a"
                + " startTimeout as long as the first answer may take",
            schema(
                new JsonObject()
                    .put("address", address("whom to ask"))
                    .put("body", body("what to ask"))
                    .put("interval", time("1s").put("description", "from question to question"))
                    .put("timeout", time("500ms").put("description", "for the answer"))),
            Sentinel::new));
  }

  private static JsonObject schema(JsonObject properties) {
    return new JsonObject()
        .put("type", "object")
        .put("properties", properties)
        .put("required", new JsonArray().add("address"))
        .put("additionalProperties", false);
  }

  private static JsonObject address(String description) {
    return new JsonObject()
        .put("type", "string")
        .put("minLength", 1)
        .put("maxLength", 255)
        .put("description", description);
  }

  private static JsonObject body(String description) {
    return new JsonObject()
        .put("type", "object")
        .put("description", description)
        .put("default", new JsonObject());
  }

  /** From 1 ms to some days: what has more digits is not meant. */
  private static JsonObject time(String otherwise) {
    return new JsonObject()
        .put("type", "string")
        .put(
            "pattern",
            "^([1-9][0-9]{0,7}ms|[1-9][0-9]{0,4}s|[1-9][0-9]{0,3}m|([1-9]|1[0-9]|2[0-4])h)$")
        .put("default", otherwise);
  }
}
