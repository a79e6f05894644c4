package dev.postmaster.examples;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerStatus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;

/** The README's example: a postmaster in somebody's own program, with one worker. */
public final class Embed {

  private Embed() {}

  /** Starts it; done when the worker runs. */
  public static Future<WorkerStatus> start(Vertx vertx, Runnable hello) {
    Postmaster postmaster = Postmaster.create(vertx, new PostmasterOptions().setMaxWorkers(8));
    BackgroundWorker greeter =
        context -> {
          while (true) {
            context.checkInterrupts(); // throws once termination was asked for
            hello.run();
            context.awaitLatch(Duration.ofSeconds(1)); // a signal or a stop ends it
          }
        };
    return postmaster
        .start()
        .compose(started -> started.register(WorkerSpec.of("greeter", () -> greeter)))
        .compose(WorkerHandle::awaitStarted);
  }
}
