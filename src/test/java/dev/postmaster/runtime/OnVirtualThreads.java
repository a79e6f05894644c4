package dev.postmaster.runtime;

import dev.postmaster.Exit;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.Signal;
import dev.postmaster.Threading;
import dev.postmaster.WaitResult;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerStatus;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Workers on virtual threads, for a JVM that has them: the build's own has none. {@code .ci/run}
 * runs it on Java 25; it ends with 0 if all that it asks for is so.
 */
public final class OnVirtualThreads {

  private static final Duration LONG = Duration.ofHours(1);

  private OnVirtualThreads() {}

  public static void main(String[] args) throws Exception {
    Vertx vertx = Vertx.vertx();
    Postmaster postmaster = get(Postmaster.create(vertx, new PostmasterOptions()).start());
    aMain(postmaster);
    aDeafMain(postmaster);
    aVerticle(vertx, postmaster);
    that(get(postmaster.close()).abandoned().isEmpty(), "nobody is left");
    get(vertx.close());
    System.out.println("workers live on virtual threads");
  }

  /** It waits for its latch and for futures, is told, and comes again after a failure. */
  private static void aMain(Postmaster postmaster) throws Exception {
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    WorkerSpec spec =
        WorkerSpec.of(
                "main",
                () ->
                    context -> {
                      said.add(isVirtual() + " " + context.await(Future.succeededFuture("x")));
                      context.awaitLatch(LONG);
                      if (context.postmaster().handle(context.handle()).status().starts() == 1) {
                        throw new IllegalStateException("once");
                      }
                      idle(context);
                    })
            .threading(Threading.VIRTUAL_THREAD)
            .restartAfter(Duration.ZERO);
    WorkerHandle worker = get(postmaster.register(spec));
    for (int run = 0; run < 2; run++) {
      that("true x".equals(said.poll(20, TimeUnit.SECONDS)), "a main is on a virtual thread");
      get(worker.signal(Signal.USR1));
    }
    get(worker.terminate());
    that(get(worker.awaitGone()).last().exit() == Exit.TERMINATED, "it leaves when it is told");
  }

  /** It hears nothing but the interrupt. */
  private static void aDeafMain(Postmaster postmaster) throws Exception {
    WorkerSpec spec =
        WorkerSpec.of("deaf", () -> context -> new CountDownLatch(1).await())
            .threading(Threading.VIRTUAL_THREAD)
            .stop(Duration.ofMillis(10), Duration.ofSeconds(20));
    WorkerHandle worker = get(postmaster.register(spec));
    get(worker.awaitStarted());
    get(worker.terminate());
    that(get(worker.awaitGone()).last().exit() == Exit.KILLED, "it is interrupted");
  }

  /** Its start may block, and its context takes messages meanwhile. */
  private static void aVerticle(Vertx vertx, Postmaster postmaster) throws Exception {
    WorkerSpec spec =
        WorkerSpec.ofVerticle("verticle", Greeter::new)
            .threading(Threading.VIRTUAL_THREAD)
            .args(new JsonObject().put("greeting", "hello"));
    WorkerHandle worker = get(postmaster.register(spec));
    WorkerStatus status = get(worker.awaitStarted());
    that(status.threading() == Threading.VIRTUAL_THREAD, "it is shown");
    Object answer = get(vertx.eventBus().request("greet", "")).body();
    that("true hello".equals(answer), "a verticle is on a virtual thread, " + answer);
    get(worker.terminate());
    that(get(worker.awaitGone()).last().exit() == Exit.TERMINATED, "its stop() is waited for");
  }

  /** Some verticle. */
  private static final class Greeter extends VerticleBase {

    @Override
    public Future<?> start() {
      String greeting = config().getString("greeting");
      vertx.eventBus().consumer("greet", message -> message.reply(isVirtual() + " " + greeting));
      return Future.succeededFuture();
    }
  }

  private static void idle(WorkerContext context) throws InterruptedException {
    for (WaitResult woken = null; woken != WaitResult.POSTMASTER_DIED; ) {
      context.checkInterrupts();
      woken = context.awaitLatch(LONG);
    }
  }

  /** {@code Thread.isVirtual()}, which Java 17 does not have. */
  private static boolean isVirtual() {
    try {
      return (boolean) Thread.class.getMethod("isVirtual").invoke(Thread.currentThread());
    } catch (ReflectiveOperationException none) {
      return false;
    }
  }

  private static void that(boolean so, String what) {
    if (!so) {
      System.out.println("it is not so: " + what);
      System.exit(1);
    }
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
