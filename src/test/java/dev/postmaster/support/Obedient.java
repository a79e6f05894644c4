package dev.postmaster.support;

import dev.postmaster.EntryPoint;
import dev.postmaster.Signal;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerLibrary;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;

/**
 * Workers that do what a test wants when it sends them USR1, as the argument {@code then} says:
 * {@code complete}, {@code fail}, {@code crash} (these two in their first run only), {@code ready}
 * or {@code not-ready} by turns. Each begins by publishing what it was given under {@link #HEARD}.
 */
public final class Obedient implements WorkerLibrary {

  public static final String NAME = "obedient";

  /** Where each run says {@code {"name", "mainArg", "args", "config"}}. */
  public static final String HEARD = "obedient.heard";

  private static final JsonObject SCHEMA =
      new JsonObject()
          .put("properties", new JsonObject().put("count", new JsonObject().put("type", "integer")))
          .put("additionalProperties", false);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<EntryPoint> entryPoints() {
    JsonObject any = new JsonObject();
    return List.of(
        EntryPoint.of("main", "obeys", any, () -> Obedient::main),
        EntryPoint.ofVerticle("verticle", "obeys", any, Verticle::new),
        EntryPoint.of("unmakeable", "cannot be made", any, Obedient::unmakeable),
        EntryPoint.ofVerticle(
            "unstartable", "fails to start", any, () -> context -> Future.failedFuture(no())),
        EntryPoint.ofVerticle(
            "endless", "never starts", any, () -> context -> Promise.promise().future()),
        EntryPoint.of("exits", "exits the JVM", any, () -> context -> System.exit(7)),
        EntryPoint.of("halts", "halts the JVM", any, () -> context -> Runtime.getRuntime().halt(9)),
        EntryPoint.of("counted", "takes a count", SCHEMA, () -> Obedient::main));
  }

  private static dev.postmaster.BackgroundWorker unmakeable() {
    throw no();
  }

  private static IllegalStateException no() {
    return new IllegalStateException("not today");
  }

  private static void main(WorkerContext context) throws Exception {
    context.onSignal(Signal.USR1, order(context));
    say(context, null);
    while (true) {
      context.checkInterrupts();
      context.awaitLatch(Duration.ofHours(1));
    }
  }

  private static final class Verticle extends VerticleBase {

    @Override
    public Future<?> start() {
      WorkerContext own = WorkerContext.current(vertx);
      own.onSignal(Signal.USR1, order(own));
      say(own, context);
      return Future.succeededFuture();
    }
  }

  private static void say(WorkerContext worker, Context verticle) {
    JsonObject said =
        new JsonObject()
            .put("name", worker.name())
            .put("type", worker.type())
            .put("mainArg", Long.toString(worker.mainArg()))
            .put("args", worker.args())
            .put("config", verticle == null ? null : verticle.config());
    worker.vertx().eventBus().publish(HEARD, said);
  }

  private static Runnable order(WorkerContext context) {
    boolean first = context.postmaster().handle(context.handle()).status().starts() == 1;
    return new Runnable() {
      private boolean ready;

      @Override
      public void run() {
        switch (context.args().getString("then", "")) {
          case "complete" -> throw context.exit(0);
          case "fail" -> fail(first);
          case "crash" -> crash(context, first);
          case "ready" -> turn();
          default -> {}
        }
      }

      private void turn() {
        ready = !ready;
        if (ready) {
          context.ready();
        } else {
          context.notReady();
        }
      }
    };
  }

  private static void fail(boolean first) {
    if (first) {
      throw new IllegalStateException("as it was asked");
    }
  }

  private static void crash(WorkerContext context, boolean first) {
    if (first) {
      throw context.exit(3, "torn");
    }
  }
}
