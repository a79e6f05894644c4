package dev.postmaster.examples;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.EntryPoint;
import dev.postmaster.WorkerLibrary;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Supplier;

/** The library {@code examples}; {@link Demo} has a specification of each of its workers. */
public final class Examples implements WorkerLibrary {

  static final String NAME = "examples";

  static final System.Logger LOG = System.getLogger("dev.postmaster.examples");

  private static final JsonObject TIME =
      new JsonObject().put("type", "string").put("pattern", "^[0-9]{1,12}(ms|s|m|h)$");

  /** For the ServiceLoader. */
  public Examples() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<EntryPoint> entryPoints() {
    return List.of(
        point(
            "counter",
            "adds the delta rows of a table to its total, in one transaction; rereads its naptime"
                + " from its settings table on HUP",
            schema().put("naptime", time("1s")).put("schema", identifier("counter")),
            Counter::new),
        point(
            "ingest",
            "follows an access log in combined format through rotation and truncation; counts its"
                + " lines by minute and status class, each line once",
            schema()
                .put("path", text("the log").put("maxLength", Ingest.PATH_CHARS_MAX))
                .put("schema", identifier("ingest"))
                .put("naptime", time("500ms"))
                .put("rotateWait", time("2s")),
            Ingest::new,
            "path"),
        point(
            "ticker",
            "inserts a delta row for the counter at each interval, and reads a URL of this machine",
            schema()
                .put("interval", time("1s"))
                .put("schema", identifier("counter"))
                .put("url", text("http, of this machine; empty for none").put("default", ""))
                .put("getEvery", time("5s"))
                .put("getTimeout", time("2s")),
            Ticker::new),
        point("one-shot", "is done soon", schema().put("takes", time("100ms")), OneShot::new),
        point("crasher", "fails after a while", schema().put("after", time("8s")), Crasher::new),
        point(
            "slow-start",
            "says that it is ready after a while (readiness: said), then idles",
            schema().put("readyAfter", time("3s")),
            SlowStart::new),
        point(
            "stubborn",
            "hears neither stop nor interrupt until its time is over",
            schema().put("lasts", time("24h")),
            Stubborn::new),
        point(
            "memory-holder",
            "sends its beats to memory-friend through shared memory; crashes after a while, again"
                + " and again, and on USR1",
            schema().put("beat", time("1s")).put("first", time("20s")).put("every", time("5m")),
            MemoryHolder::new),
        point(
            "memory-friend",
            "receives the beats of memory-holder; goes through its crash cycles with it",
            schema().put("beat", time("1s")),
            MemoryFriend::new));
  }

  private static EntryPoint point(
      String name,
      String description,
      JsonObject properties,
      Supplier<? extends BackgroundWorker> factory,
      String... required) {
    JsonObject schema =
        new JsonObject()
            .put("type", "object")
            .put("properties", properties)
            .put("required", new JsonArray(List.of(required)))
            .put("additionalProperties", false);
    return EntryPoint.of(name, description, schema, factory);
  }

  private static JsonObject schema() {
    return new JsonObject();
  }

  private static JsonObject time(String otherwise) {
    return TIME.copy().put("default", otherwise);
  }

  private static JsonObject text(String description) {
    return new JsonObject().put("type", "string").put("description", description);
  }

  private static JsonObject identifier(String otherwise) {
    return new JsonObject()
        .put("type", "string")
        .put("pattern", "^" + Args.IDENTIFIER + "$")
        .put("description", "the SQL schema, made where it does not exist")
        .put("default", otherwise);
  }
}
