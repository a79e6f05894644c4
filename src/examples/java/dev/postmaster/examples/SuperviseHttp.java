package dev.postmaster.examples;

import dev.postmaster.Postmaster;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.function.IntConsumer;

/** A verticle under supervision, as it is: one that fails is there again a moment later. */
public final class SuperviseHttp {

  private SuperviseHttp() {}

  /** Registers it; 0 is any port that is free, each time another. */
  public static Future<WorkerHandle> register(
      Postmaster postmaster, int port, IntConsumer listening) {
    return postmaster.register(
        WorkerSpec.ofVerticle("hello", () -> new HelloServer(listening))
            .args(new JsonObject().put("port", port)) // its config()
            .restartAfter(Duration.ofMillis(100)));
  }
}
