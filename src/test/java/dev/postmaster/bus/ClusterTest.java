package dev.postmaster.bus;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hazelcast.cluster.Address;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import io.vertx.spi.cluster.hazelcast.ConfigUtil;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the other node of a cluster can do with a postmaster: all of it, or nothing. */
class ClusterTest {

  private static final String LOOPBACK = "127.0.0.1";

  private static Vertx home;
  private static Vertx elsewhere;

  private Postmaster postmaster;

  @BeforeAll
  static void cluster() throws Exception {
    HazelcastClusterManager first = manager(List.of());
    home = joined(first);
    Address there = first.getHazelcastInstance().getCluster().getLocalMember().getAddress();
    elsewhere = joined(manager(List.of(LOOPBACK + ':' + there.getPort())));
  }

  /** One that listens on a free port of loopback, and finds others there alone. */
  private static HazelcastClusterManager manager(List<String> others) {
    Config config = ConfigUtil.loadConfig();
    config.setProperty("hazelcast.logging.type", "none");
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.wait.seconds.before.join", "0");
    config.getNetworkConfig().setPort(0);
    config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface(LOOPBACK);
    JoinConfig join = config.getNetworkConfig().getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true).setMembers(others);
    return new HazelcastClusterManager(config);
  }

  private static Vertx joined(HazelcastClusterManager manager) throws Exception {
    EventBusOptions bus = new EventBusOptions().setHost(LOOPBACK);
    return get(
        Vertx.builder()
            .with(new VertxOptions().setEventBusOptions(bus))
            .withClusterManager(manager)
            .buildClustered());
  }

  @AfterAll
  static void closed() throws Exception {
    get(elsewhere.close());
    get(home.close());
  }

  @AfterEach
  void ended() throws Exception {
    get(postmaster.close());
  }

  private static JsonObject last(List<JsonObject> all) {
    return all.get(all.size() - 1);
  }

  /** Each has a name of its own: a cluster forgets an address a little after it was closed. */
  private void start(boolean remoteControl) throws Exception {
    String name = remoteControl ? "open" : "closed";
    PostmasterOptions options = BusLife.options().setRemoteControl(remoteControl).setName(name);
    postmaster = get(Postmaster.create(home, options).start());
  }

  private String address(String what) {
    return "postmaster." + postmaster.name() + '.' + what;
  }

  private JsonObject ask(String action, JsonObject body) throws Exception {
    Message<JsonObject> reply =
        get(elsewhere.eventBus().request(address("control"), body, BusLife.headers(action)));
    return reply.body();
  }

  private static BlockingQueue<JsonObject> listen(String address) throws Exception {
    BlockingQueue<JsonObject> heard = new LinkedBlockingQueue<>();
    MessageConsumer<JsonObject> consumer =
        elsewhere.eventBus().consumer(address, message -> heard.add(message.body()));
    get(consumer.completion());
    return heard;
  }

  /** What came, up to one for which a field has that value. */
  private static List<JsonObject> until(BlockingQueue<JsonObject> heard, String field, Object value)
      throws Exception {
    List<JsonObject> all = new ArrayList<>();
    while (all.isEmpty() || !value.equals(last(all).getValue(field))) {
      JsonObject next = heard.poll(20, TimeUnit.SECONDS);
      assertFalse(next == null, () -> "nothing after " + all);
      all.add(next);
    }
    return all;
  }

  /** Sends a signal to the first generation of the first slot; whether somebody is there. */
  private Future<Boolean> signalled(String signal) {
    DeliveryOptions headers = new DeliveryOptions().addHeader("signal", signal);
    return elsewhere
        .eventBus()
        .sender(address("worker.0.1"), headers)
        .write(null)
        .transform(sent -> Future.succeededFuture(sent.succeeded()));
  }

  private void awaitSignalled(boolean somebodyIsThere) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (get(signalled("TERM")) != somebodyIsThere) {
      assertTrue(System.nanoTime() < deadline, "it never came to that");
    }
  }

  @Test
  void withRemoteControlAnotherNodeDoesWhatThisOneCan() throws Exception {
    start(true);
    BlockingQueue<JsonObject> transitions = listen(address("transitions"));
    BlockingQueue<JsonObject> notified = listen(address("notify"));

    JsonObject spec =
        BusLife.spec("w", "idle").put("notify", address("notify")).put("restart", "0s");
    JsonObject worker = new JsonObject().put("handle", ask("register", spec).getString("handle"));
    ask("await", worker.copy().put("for", "started"));
    ask("signal", worker.copy().put("signal", "TERM"));
    until(transitions, "exit", "FAILED");
    until(transitions, "cause", "started");
    // A cluster learns of an address a little after it was opened.
    awaitSignalled(true);
    until(transitions, "exit", "FAILED");
    ask("terminate", worker);
    JsonObject gone = ask("await", worker.copy().put("for", "gone"));

    assertEquals("FREE", gone.getString("state"));
    assertEquals("FREE", last(until(transitions, "to", "FREE")).getString("to"));
    assertEquals("w", last(until(notified, "gone", true)).getString("name"));
    ask("shutdown", new JsonObject().put("mode", "fast"));
    until(transitions, "cause", "closed");
    awaitSignalled(false);
  }

  @Test
  void withoutItAnotherNodeIsNobodyAndHearsNothing() throws Exception {
    start(false);
    BlockingQueue<JsonObject> transitions = listen(address("transitions"));
    BlockingQueue<JsonObject> notified = listen(address("notify"));

    WorkerSpec spec = WorkerSpec.of("w", "t", "idle").notify(address("notify"));
    WorkerHandle worker = get(postmaster.register(spec));
    get(worker.awaitStarted());
    Future<Message<Object>> asked =
        elsewhere.eventBus().request(address("control"), null, BusLife.headers("list"));

    ReplyException failure = assertThrows(ReplyException.class, () -> get(asked));
    assertEquals(ReplyFailure.NO_HANDLERS, failure.failureType(), failure::getMessage);
    assertFalse(get(signalled("TERM")));
    get(worker.terminate());
    get(worker.awaitGone());
    get(postmaster.close());
    // Messages from one node to another keep their order: what had been sent before were here.
    JsonObject end = new JsonObject().put("end", true);
    home.eventBus().publish(address("transitions"), end).publish(address("notify"), end);
    assertEquals(List.of(end), until(transitions, "end", true));
    assertEquals(List.of(end), until(notified, "end", true));
  }
}
