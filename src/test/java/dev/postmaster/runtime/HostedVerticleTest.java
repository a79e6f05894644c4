package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.Exit;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Life;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Verticles that know nothing of us. */
class HostedVerticleTest {

  private final List<String> calls = new CopyOnWriteArrayList<>();

  private final class Plain extends VerticleBase {

    @Override
    public Future<?> start() {
      calls.add("start " + config().getString("greeting"));
      return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
      calls.add("stop");
      return Future.succeededFuture();
    }
  }

  @Test
  void aVerticleIsStartedWithItsArgsAndStoppedWhenItIsTerminated() throws Exception {
    try (Life life = Life.started()) {
      WorkerSpec spec =
          WorkerSpec.ofVerticle("v", Plain::new).args(new JsonObject().put("greeting", "hi"));
      WorkerHandle handle = get(life.postmaster.register(spec));
      get(handle.awaitStarted());
      assertEquals(1, life.vertx.deploymentIDs().size());

      get(handle.terminate());

      assertEquals(Exit.TERMINATED, get(handle.awaitGone()).last().exit());
      assertEquals(List.of("start hi", "stop"), calls);
      assertEquals(Set.of(), life.vertx.deploymentIDs());
    }
  }

  @Test
  void aVerticleWhoseStopIsOverIsGoneWithoutWaitingForItsGrace() throws Exception {
    Duration hour = Duration.ofHours(1);
    try (Life life = Life.started()) {
      WorkerSpec spec = WorkerSpec.ofVerticle("v", Plain::new).stop(hour, hour);
      WorkerHandle handle = get(life.postmaster.register(spec));
      get(handle.awaitStarted());

      get(handle.terminate());

      assertEquals(Exit.TERMINATED, get(handle.awaitGone()).last().exit());
    }
  }

  @Test
  void aVerticleWhoseStartReturnsNullHasFailedToStart() throws Exception {
    try (Life life = Life.started()) {
      WorkerSpec spec = WorkerSpec.ofVerticle("v", () -> context -> null).neverRestart();

      WorkerHandle handle = get(life.postmaster.register(spec));

      assertEquals(Exit.START_FAILED, get(handle.awaitGone()).last().exit());
    }
  }
}
