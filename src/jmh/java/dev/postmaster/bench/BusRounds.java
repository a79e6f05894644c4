package dev.postmaster.bench;

import dev.postmaster.EntryPoint;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerLibrary;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whole cycles over the local bus with JSON, pipelined, beside raw deployment in the same run: two
 * requests each, {@code register} and {@code await} until it is gone, and two replies.
 */
public final class BusRounds {

  private static final String CONTROL = "postmaster.bus-rounds.control";
  private static final int SLOTS = 64;

  private BusRounds() {}

  /** Prints the figures. */
  public static void main(String[] args) throws Exception {
    Vertx vertx = Rounds.vertx();
    AtomicInteger ran = new AtomicInteger();
    PostmasterOptions options =
        new PostmasterOptions()
            .setName("bus-rounds")
            .setMaxWorkers(SLOTS)
            .addLibrary(new Library(ran));
    Postmaster postmaster = get(Postmaster.create(vertx, options).start());
    Rounds.Raw raw = new Rounds.Raw(vertx, "raw", SLOTS);
    double[] perSecond =
        Rounds.medians(
            () -> Rounds.pipelined(SLOTS, () -> raw.enter(ran::incrementAndGet)),
            () -> Rounds.pipelined(SLOTS, () -> cycle(vertx)));
    System.out.printf(
        "whole cycles over the bus, pipelined, %d slots: raw %.0f/s, ours %.0f/s, ratio %.2f%n",
        SLOTS, perSecond[0], perSecond[1], perSecond[1] / perSecond[0]);
    get(postmaster.close());
    raw.close();
    get(vertx.close());
  }

  private static Future<?> cycle(Vertx vertx) {
    JsonObject worker =
        new JsonObject().put("name", "w").put("library", "bench").put("function", "once");
    return request(vertx, "register", worker)
        .compose(
            registered -> {
              JsonObject gone =
                  new JsonObject().put("handle", registered.getString("handle")).put("for", "gone");
              return request(vertx, "await", gone);
            });
  }

  private static Future<JsonObject> request(Vertx vertx, String action, JsonObject body) {
    DeliveryOptions delivery = new DeliveryOptions().addHeader("action", action);
    return vertx.eventBus().<JsonObject>request(CONTROL, body, delivery).map(reply -> reply.body());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get();
  }

  private record Library(AtomicInteger ran) implements WorkerLibrary {

    @Override
    public String name() {
      return "bench";
    }

    @Override
    public List<EntryPoint> entryPoints() {
      return List.of(
          EntryPoint.of(
              "once", "returns", new JsonObject(), () -> context -> ran.incrementAndGet()));
    }
  }
}
