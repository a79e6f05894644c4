package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Life;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.net.NetServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What runs open of Vert.x and leave open is closed with them, however often they die. */
class LeaksTest {

  private static final int RUNS = 300;

  private final Queue<Long> timers = new ConcurrentLinkedQueue<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger opened = new AtomicInteger();
  private Life life;
  private NetServer peer;
  private int port;

  @BeforeEach
  void start() throws Exception {
    life = Life.startedNatively();
    peer =
        life.vertx
            .createNetServer()
            .connectHandler(
                socket -> {
                  opened.incrementAndGet();
                  open.incrementAndGet();
                  socket.closeHandler(closed -> open.decrementAndGet());
                });
    get(peer.listen(0, "127.0.0.1"));
    // Below those from which anybody's outgoing connections have theirs.
    do {
      port = 20_000 + ThreadLocalRandom.current().nextInt(12_000);
    } while (!isFree());
  }

  @AfterEach
  void end() {
    life.close();
  }

  private static ServerSocket bind(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"));
  }

  private static final class Child extends VerticleBase {
    @Override
    public Future<?> start() {
      vertx.eventBus().consumer("left by a child", message -> message.reply("here"));
      return Future.succeededFuture();
    }
  }

  /** Opens one of each, and closes nothing. */
  private Future<?> litter(Vertx vertx) {
    timers.add(vertx.setPeriodic(1, id -> {}));
    timers.add(vertx.setTimer(3_600_000, id -> {}));
    vertx.eventBus().consumer("left", message -> message.reply("here"));
    return vertx
        .deployVerticle(new Child())
        .compose(
            child ->
                vertx
                    .createHttpServer()
                    .requestHandler(request -> request.response().end("here"))
                    .listen(port, "127.0.0.1"))
        .compose(server -> vertx.createNetClient().connect(peer.actualPort(), "127.0.0.1"))
        .compose(socket -> socket.write("here"));
  }

  private WorkerSpec litterer(boolean verticle) {
    WorkerSpec spec =
        verticle
            ? WorkerSpec.ofVerticle(
                "w",
                () ->
                    new VerticleBase() {
                      @Override
                      public Future<?> start() {
                        return litter(vertx).onSuccess(done -> vertx.setTimer(1, id -> die()));
                      }
                    })
            : Workers.of(
                "w",
                context -> {
                  context.await(litter(context.vertx()));
                  die();
                });
    return spec.restartAfter(Duration.ZERO).stop(Duration.ofSeconds(10), Duration.ofSeconds(5));
  }

  private static void die() {
    throw new IllegalStateException("and leaves it all");
  }

  private boolean isFree() {
    try (ServerSocket again = bind(port)) {
      return again.isBound();
    } catch (BindException taken) {
      return false;
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private void assertNobody(String address) {
    ReplyException nobody =
        assertThrows(
            ReplyException.class, () -> get(life.vertx.eventBus().request(address, "there?")));
    assertEquals(ReplyFailure.NO_HANDLERS, nobody.failureType());
  }

  @ParameterizedTest(name = "verticle: {0}")
  @ValueSource(booleans = {true, false})
  void hundredsOfRunsLeaveNothingBehind(boolean verticle) throws Exception {
    WorkerHandle handle = get(life.postmaster.register(litterer(verticle)));
    life.watch.await(t -> t.cause() == Cause.STARTED, RUNS);

    get(handle.terminate());
    get(handle.awaitGone());

    assertTrue(handle.status().starts() >= RUNS);
    assertTrue(opened.get() >= RUNS - 1, () -> opened + " connections");
    // What the last run was about to open when it was told is closed once it is open.
    Workers.until(() -> life.vertx.deploymentIDs().isEmpty() && open.get() == 0 && isFree());
    timers.forEach(id -> assertFalse(life.vertx.cancelTimer(id), "a timer still runs"));
    assertNobody("left");
    assertNobody("left by a child");
  }
}
