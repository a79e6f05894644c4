package dev.postmaster.bus;

import static dev.postmaster.bus.BusLife.spec;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is known of a run by its id alone. */
class RunLookupTest {

  private static List<String> types(BusLife bus, long run) throws Exception {
    List<String> types = new ArrayList<>();
    bus.ask("list", new JsonObject().put("runId", run))
        .getJsonArray("workers")
        .forEach(worker -> types.add(((JsonObject) worker).getString("type")));
    return types;
  }

  @Test // T-211
  void theTypeOfARunIsFoundWhileItGoesOnAndNotAfter() throws Exception {
    try (BusLife bus = BusLife.started()) {
      bus.running("other");
      JsonObject handle =
          new JsonObject()
              .put(
                  "handle",
                  bus.ask("register", spec("w", "idle").put("type", "kind")).getString("handle"));
      bus.ask("await", handle.copy().put("for", "started"));
      long run = bus.ask("status", handle).getLong("runId");

      assertEquals(List.of("kind"), types(bus, run));
      assertEquals(List.of(), types(bus, Long.MAX_VALUE));
      bus.ask("terminate", handle);
      bus.ask("await", handle.copy().put("for", "gone"));
      assertEquals(List.of(), types(bus, run));
    }
  }
}
