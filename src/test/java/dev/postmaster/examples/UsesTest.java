package dev.postmaster.examples;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Exit;
import dev.postmaster.Flag;
import dev.postmaster.Transition;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The examples of how to use it, used. */
class UsesTest {

  private Life life;

  @BeforeEach
  void open() throws Exception {
    life = Life.started();
  }

  @AfterEach
  void close() {
    life.close();
  }

  private static Predicate<Transition> end(String name, Exit exit) {
    return seen -> seen.name().equals(name) && seen.exit() == exit;
  }

  private String get200(int port) throws Exception {
    return get(
        life.vertx
            .createHttpClient()
            .request(HttpMethod.GET, port, "127.0.0.1", "/")
            .compose(request -> request.send())
            .compose(HttpClientResponse::body)
            .map(body -> body.toString()));
  }

  @Test
  void anHttpServerIsServedStartedAgainWhenItFailsAndClosedWhenItIsTerminated() throws Exception {
    BlockingQueue<Integer> ports = new LinkedBlockingQueue<>();
    WorkerHandle handle = get(SuperviseHttp.register(life.postmaster, 0, ports::add));
    int first = ports.poll(20, TimeUnit.SECONDS);
    assertEquals("hello", get200(first));

    life.vertx
        .createHttpClient()
        .request(HttpMethod.GET, first, "127.0.0.1", "/fail")
        .compose(request -> request.send());

    assertEquals("asked to fail", failure());
    int second = ports.poll(20, TimeUnit.SECONDS);
    assertEquals("hello", get200(second));
    get(handle.terminate());
    assertEquals(WorkerState.FREE, get(handle.awaitGone()).state());
    assertThrows(ConnectException.class, () -> get200(second));
  }

  private String failure() throws Exception {
    String message = life.watch.await(end("hello", Exit.FAILED)).message();
    return message.substring(message.indexOf(": ") + 2);
  }

  @Test
  void theForemanAddsUpWhatItsWorkersFound() throws Exception {
    CompletableFuture<Long> sum = new CompletableFuture<>();

    WorkerHandle handle =
        get(
            life.postmaster.register(
                WorkerSpec.of("foreman", () -> new Foreman(4, 100_000, sum::complete))));

    assertEquals(4_999_950_000L, sum.get(20, TimeUnit.SECONDS));
    assertEquals(Exit.COMPLETED, get(handle.awaitGone()).last().exit());
    for (int part = 0; part < 4; part++) {
      life.watch.await(end("part-" + part, Exit.COMPLETED));
    }
    assertEquals(0, life.postmaster.status().slotsUsed());
  }

  @Test
  void linesAreStreamedInOrderAndBothEndWhenAllIsThere() throws Exception {
    List<String> source = IntStream.range(0, 1_000).mapToObj(n -> "line " + n).toList();
    List<String> sunk = new ArrayList<>();
    List<WorkerHandle> handles = new ArrayList<>();
    for (WorkerSpec spec : Stream.workers(source, sunk::add)) {
      handles.add(get(life.postmaster.register(spec)));
    }

    for (WorkerHandle handle : handles) {
      assertEquals(Exit.COMPLETED, get(handle.awaitGone()).last().exit());
    }

    assertEquals(source, sunk);
  }

  @Test
  void aProducerWhoseConsumerHasLeftFails() throws Exception {
    CountDownLatch received = new CountDownLatch(1);
    List<WorkerSpec> both =
        Stream.workers(
            () -> IntStream.iterate(0, n -> n + 1).mapToObj(n -> "line " + n).iterator(),
            line -> received.countDown());
    WorkerHandle producer = get(life.postmaster.register(both.get(0).neverRestart()));
    WorkerHandle consumer = get(life.postmaster.register(both.get(1)));
    assertTrue(received.await(20, TimeUnit.SECONDS));

    get(consumer.terminate());

    assertEquals("the consumer has left", get(producer.awaitGone()).last().message());
    assertTrue(both.get(0).terms().flags().contains(Flag.SHARED_MEMORY));
  }
}
