package dev.postmaster.support;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A real postmaster on a Vertx of its own, for one test. */
public final class Life implements AutoCloseable {

  public final Vertx vertx;
  public final Postmaster postmaster;
  public final Watch watch;

  private Life(Vertx vertx, PostmasterOptions options) {
    this.vertx = vertx;
    postmaster = Postmaster.create(vertx, options);
    watch = Watch.on(postmaster);
  }

  /** Options with room for every test, and an end that does not last. */
  public static PostmasterOptions options() {
    return new PostmasterOptions()
        .setMaxWorkers(64)
        .setShutdownTimeout(Duration.ofSeconds(5))
        .setAwaitTimeout(Duration.ofSeconds(20));
  }

  public static Life started() throws Exception {
    return started(options());
  }

  public static Life started(PostmasterOptions options) throws Exception {
    Life life = built(options);
    get(life.postmaster.start());
    return life;
  }

  public static Life built(PostmasterOptions options) {
    return new Life(Vertx.vertx(), options);
  }

  /**
   * With the native transport, as the program has it. Java's own closes a listening socket with the
   * next look at its selector only, after Netty has said that it is closed.
   */
  public static Life startedNatively() throws Exception {
    Life life = new Life(Vertx.vertx(new VertxOptions().setPreferNativeTransport(true)), options());
    get(life.postmaster.start());
    return life;
  }

  /** Waits for a future, for at most 20 seconds; throws its failure. */
  public static <T> T get(Future<T> future) throws Exception {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException failed) {
      if (failed.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw failed;
    }
  }

  @Override
  public void close() {
    try {
      get(postmaster.close());
      get(vertx.close());
      Journals.check(postmaster);
    } catch (Exception failure) {
      throw new AssertionError("the end failed", failure);
    }
  }
}
