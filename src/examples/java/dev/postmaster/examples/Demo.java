package dev.postmaster.examples;

import dev.postmaster.Flag;
import dev.postmaster.Readiness;
import dev.postmaster.WorkerSpec;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The workers that {@code run --demo} registers: one of each, under the names of their kinds. */
public final class Demo {

  private static final Duration RESTART = Duration.ofSeconds(5);

  private Demo() {}

  /**
   * Their specifications.
   *
   * @param statusUrl what the ticker reads; it reads nothing if this is no address of the machine
   * @param accessLog what the ingest follows; need not exist yet
   */
  public static List<WorkerSpec> workers(String statusUrl, Path accessLog) {
    String url = Ticker.isLoopback(statusUrl) ? statusUrl : "";
    String log = accessLog.toAbsolutePath().toString();
    return List.of(
        withDatabase("counter", new JsonObject()),
        withDatabase("ingest", new JsonObject().put("path", log)),
        withDatabase("ticker", new JsonObject().put("url", url)),
        worker("one-shot"),
        worker("crasher"),
        worker("slow-start").ready(Readiness.SAID),
        // Nobody is to wait long for one that will not come.
        worker("stubborn").stop(Duration.ofSeconds(2), Duration.ofSeconds(1)),
        worker("memory-holder").flags(Flag.SHARED_MEMORY).domain("demo"),
        worker("memory-friend").flags(Flag.SHARED_MEMORY).domain("demo"));
  }

  private static WorkerSpec worker(String name) {
    return WorkerSpec.of(name, Examples.NAME, name).restartAfter(RESTART);
  }

  private static WorkerSpec withDatabase(String name, JsonObject args) {
    return worker(name).flags(Flag.SHARED_MEMORY, Flag.DATABASE_CONNECTION).args(args);
  }
}
