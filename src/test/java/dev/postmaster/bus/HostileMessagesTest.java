package dev.postmaster.bus;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageCodec;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What nobody should send harms nobody. */
class HostileMessagesTest {

  private static final int MILLION = 1_000_000;
  private static final int BATCH = 10_000;

  private BusLife bus;

  @BeforeEach
  void start() throws Exception {
    bus = BusLife.started(BusLife.options().setJournalCapacity(64));
    bus.vertx.eventBus().registerCodec(new AsItIs());
  }

  @AfterEach
  void stop() {
    bus.close();
  }

  /** Brings a JsonObject to the receiver without a look at what is in it. */
  private record AsItIs() implements MessageCodec<JsonObject, JsonObject> {

    @Override
    public JsonObject transform(JsonObject json) {
      return json;
    }

    @Override
    public void encodeToWire(Buffer buffer, JsonObject json) {
      throw new UnsupportedOperationException();
    }

    @Override
    public JsonObject decodeFromWire(int position, Buffer buffer) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String name() {
      return "as-it-is";
    }

    @Override
    public byte systemCodecID() {
      return -1;
    }
  }

  private String refusedAsItIs(Object inner) {
    JsonObject body = new JsonObject().put("client", "c");
    body.getMap().put("x", inner);
    return refusedAsItIs(body);
  }

  private String refusedAsItIs(JsonObject body) {
    DeliveryOptions headers = BusLife.headers("attach").setCodecName("as-it-is");
    return bus.refused(ErrorCode.BAD_REQUEST, headers, body);
  }

  private static String nested(int depth) {
    return "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
  }

  @Test
  void whatIsNoJsonObjectIsRefused() {
    for (Object body :
        List.of(
            "",
            "null",
            "{",
            "{} {}",
            "[]",
            "1",
            "{'a':1}",
            "{\"a\":NaN}",
            "{\"a\":1e9999}",
            Buffer.buffer(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}),
            Buffer.buffer(),
            new JsonArray(),
            1,
            new byte[2],
            true)) {
      bus.refused(ErrorCode.BAD_REQUEST, "attach", body);
    }
    assertEquals(0, bus.life.postmaster.status().clients());
  }

  @Test
  void anActionThatThereIsNotIsRefused() {
    bus.refused(ErrorCode.BAD_REQUEST, new DeliveryOptions(), new JsonObject());
    bus.refused(ErrorCode.BAD_REQUEST, "", null);
    bus.refused(ErrorCode.BAD_REQUEST, "Register", null);
    String sentence = bus.refused(ErrorCode.BAD_REQUEST, "a\nb" + "x".repeat(1_000_000), null);

    assertTrue(sentence.length() < 200 && sentence.contains("a?b"), sentence);
  }

  @Test
  void aBodyMayHaveSixtyFourKibibytesAndNoMore() throws Exception {
    String before = "{\"client\":null,\"x\":\"";
    String fits = before + "x".repeat(64 * 1_024 - before.length() - 2) + "\"}";

    String unknown = bus.refused(ErrorCode.BAD_REQUEST, "attach", fits);
    String large = bus.refused(ErrorCode.BAD_REQUEST, "attach", fits + ' ');
    String wide =
        bus.refused(ErrorCode.BAD_REQUEST, "attach", "{\"€\":1}" + "\u20ac".repeat(21_850));

    assertTrue(unknown.contains("not a field"), unknown);
    assertTrue(large.contains("larger than 65536"), large);
    assertTrue(wide.contains("larger than 65536"), wide);
    assertEquals(
        "c", bus.ask("attach", "{\"client\":\"c\"" + " ".repeat(60_000) + "}").getString("client"));
  }

  @Test
  void fiftyMegabytesAreRefusedInWhateverForm() {
    String text = "x".repeat(50 << 20);

    bus.refused(ErrorCode.BAD_REQUEST, "register", text);
    bus.refused(ErrorCode.BAD_REQUEST, "register", Buffer.buffer(text));
    String sentence =
        bus.refused(ErrorCode.BAD_REQUEST, "register", new JsonObject().put("name", text));

    assertTrue(sentence.contains("larger"), sentence);
    assertTrue(refusedAsItIs(new byte[50 << 20]).contains("larger"));
    assertTrue(refusedAsItIs(Buffer.buffer(text)).contains("larger"));
    assertTrue(refusedAsItIs(BigInteger.ONE.shiftLeft(50 << 20)).contains("larger"));
  }

  @Test
  void depthIsBounded() throws Exception {
    for (int depth : new int[] {33, 900, 10_000}) {
      bus.refused(ErrorCode.BAD_REQUEST, "attach", nested(depth));
      bus.refused(ErrorCode.BAD_REQUEST, "attach", "[".repeat(depth));
    }
    JsonObject deep = new JsonObject();
    for (int level = 0; level < 10_000; level++) {
      deep = new JsonObject().put("a", deep);
    }

    assertTrue(refusedAsItIs(deep).contains("deeper than 32"));
    assertTrue(bus.refused(ErrorCode.BAD_REQUEST, "attach", nested(32)).contains("not a field"));
  }

  @Test
  void whatJsonCannotHoldIsRefused() {
    Map<String, Object> ofItself = new HashMap<>();
    ofItself.put("self", ofItself);
    List<Object> list = new ArrayList<>();
    list.add(list);
    Map<Object, Object> numbered = new HashMap<>();
    numbered.put(1, 2);
    Map<String, Object> throwing =
        new AbstractMap<>() {
          @Override
          public Set<Entry<String, Object>> entrySet() {
            throw new IllegalStateException("not for you");
          }
        };

    for (Object inner :
        List.of(
            ofItself,
            list,
            numbered,
            throwing,
            new Object(),
            Double.NaN,
            Float.NEGATIVE_INFINITY,
            new AtomicLong(),
            Thread.currentThread())) {
      refusedAsItIs(inner);
    }
    refusedAsItIs(new JsonObject(ofItself));
  }

  @Test
  void whatVertxWritesAsTextArrivesAsText() throws Exception {
    JsonObject args =
        new JsonObject()
            .put("at", Instant.EPOCH)
            .put("bytes", new byte[] {1, 2})
            .put("buffer", Buffer.buffer("x"))
            .put("enum", ErrorCode.INTERNAL)
            .put("big", new BigInteger("12345678901234567890"))
            .put("exact", new BigDecimal("0.1"))
            .put("float", 1.5f)
            .put("list", List.of(1, Map.of("a", "b")))
            .put("null", null);

    bus.ask("register", BusLife.spec("w", "idle").put("args", args));

    assertEquals(1, bus.workers().size());
  }

  @Test
  void aRequestThatWantsNoReplyIsObeyed() throws Exception {
    EventBus eventBus = bus.vertx.eventBus();
    eventBus.send(BusLife.CONTROL, BusLife.spec("w", "idle"), BusLife.headers("register"));
    eventBus.send(BusLife.CONTROL, "nonsense", BusLife.headers("register"));

    bus.life.watch.await(t -> t.name().equals("w"));
  }

  /** One of each kind, those that are dear to make made once. */
  private static List<Map.Entry<String, Object>> bad(String epoch) {
    String handle = epoch + ".0.1";
    return List.of(
        Map.entry("nosuch", new JsonObject()),
        Map.entry("register", "{"),
        Map.entry("register", new JsonObject()),
        Map.entry("register", BusLife.spec("w", "idle").put("restart", "soon")),
        Map.entry("register", nested(1_000)),
        Map.entry("terminate", new JsonObject().put("handle", "x")),
        Map.entry("terminate", new JsonObject().put("handle", epoch + ".64.1")),
        Map.entry("status", Buffer.buffer("[]")),
        Map.entry("list", new JsonObject().put("limit", "all")),
        Map.entry("await", new JsonObject().put("handle", handle).put("for", "ever")),
        Map.entry("signal", new JsonObject().put("handle", handle).put("signal", 9)),
        Map.entry("pause", new JsonObject()),
        Map.entry("drain", new JsonObject().put("all", "true")),
        Map.entry("advance", new JsonObject().put("phase", "STOP")),
        Map.entry("detach", 1),
        Map.entry("shutdown", new JsonObject().put("mode", "now")));
  }

  @Test
  void whateverIsInItTheAnswerIsOneShortLine() throws Exception {
    String hostile = "a\nb\u001b[31m\u202e\u2028" + "x".repeat(30_000);
    JsonObject spec = BusLife.spec("w", "idle");
    for (JsonObject body :
        List.of(
            spec.copy().put(hostile, 1),
            spec.copy().put("stop", new JsonObject().put(hostile, 1)),
            spec.copy().put("uncaught", hostile),
            spec.copy().put("restart", hostile),
            spec.copy().put("library", "a\nb\u001b[31m"),
            spec.copy().put("function", hostile),
            spec.copy().put("domain", hostile),
            spec.copy().put("notify", hostile),
            spec.copy().put("requires", new JsonArray().add("w").add(hostile)),
            spec.copy().put("flags", new JsonArray().add(hostile)))) {
      ReplyException failure = assertThrows(ReplyException.class, () -> bus.ask("register", body));
      String sentence = failure.getMessage();
      assertEquals(sentence.replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", "?"), sentence);
      assertTrue(sentence.length() < 1_000, () -> sentence.length() + " characters");
    }
  }

  @Test
  void aMillionBadMessagesChangeNothingAndLoseNoGoodOne() throws Exception {
    bus.running("w");
    String before = bus.workers().encode();
    long head = bus.life.postmaster.transitions().head();
    List<Map.Entry<String, Object>> bad = bad(bus.life.postmaster.epoch());
    List<DeliveryOptions> headers = bad.stream().map(e -> BusLife.headers(e.getKey())).toList();
    EventBus eventBus = bus.vertx.eventBus();

    int good = 0;
    for (int sent = 0; sent < MILLION; sent++) {
      int kind = sent % bad.size();
      eventBus.send(BusLife.CONTROL, bad.get(kind).getValue(), headers.get(kind));
      if (sent % BATCH == BATCH / 2) {
        get(bus.vertx.eventBus().request(BusLife.CONTROL, null, BusLife.headers("attach")));
        good++;
      }
    }
    bus.register("x", "idle");

    assertEquals(good, bus.life.postmaster.status().clients());
    bus.life.watch.await(t -> t.name().equals("x") && t.ready());
    var log = bus.life.postmaster.transitions();
    long refused =
        log.read(head, 1_000).transitions().stream()
            .filter(t -> t.cause() == dev.postmaster.Cause.REFUSED)
            .count();
    assertEquals(head + 3 + refused, log.head());
    assertTrue(refused > 0 && refused < 10, () -> refused + " records of refusals");
    assertEquals(
        before,
        bus.ask("list", new JsonObject().put("name", "w")).getJsonArray("workers").encode());
  }
}
