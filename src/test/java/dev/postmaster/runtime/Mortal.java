package dev.postmaster.runtime;

import dev.postmaster.Flag;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.ShutdownReport;
import dev.postmaster.Transition;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Watch;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Somebody's program whose worker does to its JVM what it should not; says what it saw, one line a
 * fact. {@link MortalTest} runs it in a JVM of its own and reads that.
 */
public final class Mortal {

  private static final int CRASHES = 10;

  private Mortal() {}

  public static void main(String[] args) throws Exception {
    Vertx vertx = Vertx.vertx();
    Postmaster postmaster =
        Postmaster.create(
            vertx,
            new PostmasterOptions()
                .setCrashLimit(CRASHES + 1, Duration.ofMinutes(10))
                .setShutdownTimeout(Duration.ofSeconds(20)));
    Watch watch = Watch.on(postmaster);
    get(postmaster.start());
    boolean verticle = args[1].equals("verticle");
    switch (args[0]) {
      case "exit" -> get(postmaster.register(doing(verticle, () -> System.exit(7))));
      case "halt" -> get(postmaster.register(doing(verticle, () -> Runtime.getRuntime().halt(9))));
      default -> {
        exhaust(postmaster, watch, verticle);
        ShutdownReport report = get(postmaster.close());
        say("abnormal", report.abnormal());
        say("abandoned", report.abandoned().size());
        get(vertx.close());
      }
    }
  }

  private static WorkerSpec doing(boolean verticle, Runnable what) {
    return verticle
        ? WorkerSpec.ofVerticle(
            "w",
            () ->
                context -> {
                  context.runOnContext(nothing -> what.run());
                  return Future.succeededFuture();
                })
        : Workers.of("w", context -> what.run());
  }

  /** A real one: takes all there is and gives it back when it dies. */
  private static void hog() {
    List<byte[]> all = new ArrayList<>();
    while (true) {
      all.add(new byte[128 * 1_024]);
    }
  }

  private static void exhaust(Postmaster postmaster, Watch watch, boolean verticle)
      throws Exception {
    WorkerHandle friend = get(postmaster.register(sharing(Workers.idle("friend"))));
    WorkerHandle bystander = get(postmaster.register(Workers.idle("bystander")));
    get(friend.awaitStarted());
    get(bystander.awaitStarted());

    WorkerHandle hog =
        get(postmaster.register(sharing(doing(verticle, Mortal::hog)).restartAfter(Duration.ZERO)));
    Transition crash = watch.await(t -> t.code() == 2, CRASHES);
    get(hog.terminate());
    get(hog.awaitGone());
    watch.await(t -> t.name().equals("friend") && t.cause().word().equals("started"), CRASHES);

    say("exit", crash.exit());
    say("message", crash.message());
    say("bystander", bystander.status().starts());
    say("next", get(get(postmaster.register(Workers.of("next", c -> {}))).awaitGone()).state());
  }

  private static WorkerSpec sharing(WorkerSpec spec) {
    return spec.flags(Flag.SHARED_MEMORY);
  }

  private static void say(String what, Object value) {
    System.out.println(what + ": " + value);
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
