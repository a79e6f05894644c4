package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.postmaster.Exit;
import dev.postmaster.ShutdownReport;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Contract §11: who is told by {@code notify}, and who need not be there. */
class NotifyTest {

  @Test // T-027
  void anAddressThatNobodyHearsHarmsNobody() throws Exception {
    Life life = Life.started();
    WorkerHandle handle =
        get(life.postmaster.register(Workers.of("w", context -> {}).notify("nobody")));

    assertEquals(Exit.COMPLETED, get(handle.awaitGone()).last().exit());
    ShutdownReport report = get(life.postmaster.close());
    assertFalse(report.abnormal());
    life.close();
  }

  @Test // T-028
  void aWorkerGoesOnWhenItsRegistrantHasLeft() throws Exception {
    try (Life life = Life.started()) {
      List<String> told = new CopyOnWriteArrayList<>();
      CountDownLatch started = new CountDownLatch(1);
      MessageConsumer<JsonObject> consumer =
          life.vertx
              .eventBus()
              .localConsumer(
                  "me",
                  message -> {
                    told.add(message.body().getString("state"));
                    started.countDown();
                  });
      WorkerHandle handle = get(life.postmaster.register(Workers.idle("w").notify("me")));
      Workers.await(started);

      get(consumer.unregister());
      assertEquals(WorkerState.RUNNING, handle.status().state());
      get(handle.terminate());

      assertEquals(Exit.TERMINATED, get(handle.awaitGone()).last().exit());
      assertEquals(List.of("RUNNING"), told);
    }
  }

  @Test // T-139
  void aWorkerWithoutAnyFlagIsToldOfThoseThatItRegistered() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    try (Life life = Life.started()) {
      WorkerHandle registrant =
          get(
              life.postmaster.register(
                  Workers.of(
                      "registrant",
                      context -> {
                        Promise<Void> gone = Promise.promise();
                        MessageConsumer<JsonObject> consumer =
                            context
                                .vertx()
                                .eventBus()
                                .localConsumer(
                                    "registrant",
                                    message -> {
                                      told.add(message.body().getString("state"));
                                      if (message.body().getBoolean("gone")) {
                                        gone.complete();
                                      }
                                    });
                        context.await(consumer.completion());
                        context.await(
                            context
                                .postmaster()
                                .register(Workers.of("child", c -> {}).notify("registrant")));
                        context.await(gone.future(), Duration.ofSeconds(10));
                      })));

      assertEquals(Exit.COMPLETED, get(registrant.awaitGone()).last().exit());
      assertEquals(List.of("RUNNING", "FREE"), told);
    }
  }
}
