package dev.postmaster.bench;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.Signal;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Semaphore;

/**
 * A hundred thousand verticles under supervision: the heap of each with all that belongs to it, the
 * cost of one more beside that with ten, and how long they take to stop; raw Vert.x in the same
 * run.
 */
public final class EventLoopWorkers {

  private static final int WORKERS = 100_000;
  private static final int IN_FLIGHT = 1_000;
  private static final int SAMPLES = 3_000;

  private EventLoopWorkers() {}

  /** Prints the figures. */
  public static void main(String[] args) throws Exception {
    System.out.printf("raw: %d B each%n", raw());
    supervised("no signals", EventLoopWorkers::plain);
    supervised("signals", EventLoopWorkers::listening);
  }

  private static Deployable plain() {
    return context -> Future.succeededFuture();
  }

  private static Deployable listening() {
    return context -> {
      WorkerContext.current(context.owner()).onSignal(Signal.HUP, () -> {});
      return Future.succeededFuture();
    };
  }

  private static long raw() throws Exception {
    Vertx vertx = Rounds.vertx();
    Semaphore places = new Semaphore(IN_FLIGHT);
    long before = heap();
    for (int n = 0; n < WORKERS; n++) {
      places.acquire();
      vertx
          .deployVerticle(EventLoopWorkers::plain, new DeploymentOptions())
          .onComplete(done -> places.release());
    }
    places.acquire(IN_FLIGHT);
    long each = (heap() - before) / WORKERS;
    get(vertx.close());
    return each;
  }

  private static void supervised(String what, java.util.function.Supplier<Deployable> verticle)
      throws Exception {
    Vertx vertx = Rounds.vertx();
    PostmasterOptions options =
        new PostmasterOptions().setMaxWorkers(WORKERS + 16).setAwaitTimeout(Duration.ofHours(1));
    Postmaster postmaster = get(Postmaster.create(vertx, options).start());
    WorkerSpec spec = WorkerSpec.ofVerticle("worker", verticle);
    for (int n = 0; n < 10; n++) {
      get(get(postmaster.register(spec)).awaitStarted());
    }
    oneMore(postmaster, spec);
    double withTen = oneMore(postmaster, spec);
    long before = heap();
    Semaphore places = new Semaphore(IN_FLIGHT);
    long start = System.nanoTime();
    for (int n = 0; n < WORKERS; n++) {
      places.acquire();
      postmaster
          .register(spec)
          .compose(WorkerHandle::awaitStarted)
          .onComplete(done -> places.release());
    }
    places.acquire(IN_FLIGHT);
    double startedMs = (System.nanoTime() - start) / 1e6;
    long each = (heap() - before) / WORKERS;
    double withAll = oneMore(postmaster, spec);
    start = System.nanoTime();
    var report = get(postmaster.close());
    double stoppedMs = (System.nanoTime() - start) / 1e6;
    System.out.printf(
        "%s: %d B each, all started in %.0f ms, all stopped in %.0f ms (%d abandoned);"
            + " one more %.1f us with 10, %.1f us with %d, ratio %.2f%n",
        what,
        each,
        startedMs,
        stoppedMs,
        report.abandoned().size(),
        withTen,
        withAll,
        WORKERS,
        withAll / withTen);
    get(vertx.close());
  }

  /** Median of a whole life of one more: register, started, terminated, gone. */
  private static double oneMore(Postmaster postmaster, WorkerSpec spec) throws Exception {
    long[] took = new long[SAMPLES];
    for (int n = 0; n < SAMPLES; n++) {
      long start = System.nanoTime();
      WorkerHandle handle = get(postmaster.register(spec));
      get(handle.awaitStarted());
      get(handle.terminate());
      get(handle.awaitGone());
      took[n] = System.nanoTime() - start;
    }
    Arrays.sort(took);
    return took[SAMPLES / 2] / 1e3;
  }

  private static long heap() {
    Runtime runtime = Runtime.getRuntime();
    long used = Long.MAX_VALUE;
    for (int n = 0; n < 5; n++) {
      System.gc();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get();
  }
}
