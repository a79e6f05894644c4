package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import dev.postmaster.web.RawFeed.Frame;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Messages that are nearly right. Each has its own seed, its number; {@code -Dpostmaster.fuzz} says
 * how many, half of them as requests.
 */
class FeedFuzzTest {

  private static final int MESSAGES = Integer.getInteger("postmaster.fuzz") / 2;

  /** What comes at once and is not yet too many. */
  private static final int OF_ONE_VIEWER = 8;

  /** Those of protocols §4, and the viewer's own come back. */
  private static final Set<Integer> CODES =
      Set.of(1000, 1001, 1009, 4400, 4401, 4403, 4408, 4410, 4429, 4430);

  private static final Set<String> TYPES =
      Set.of(
          "hello", "snapshot", "transition", "worker", "slots", "heartbeat", "gap", "error", "bye");

  private final Logged logged = new Logged(Level.ERROR);
  private final Map<Integer, Integer> codes = new TreeMap<>();
  private Web web;
  private long head;

  @BeforeEach
  void start() throws Exception {
    web =
        Web.started(
            new WebOptions()
                .setToken(Web.TOKEN)
                .setMaxConnections(1_000)
                .setMaxConnectionsPerAddress(1_000));
    for (int n = 0; n < 3; n++) {
      web.idle("worker-" + n);
    }
    head = web.postmaster.transitions().head();
  }

  @AfterEach
  void end() {
    logged.close();
    web.close();
  }

  private List<JsonObject> right() {
    JsonObject filter =
        new JsonObject()
            .put("slots", new JsonArray())
            .put("types", new JsonArray())
            .put("name", "*")
            .put("states", new JsonArray())
            .put("causes", new JsonArray());
    JsonObject resume = new JsonObject().put("epoch", web.postmaster.epoch()).put("seq", 1L);
    JsonObject subscribe = new JsonObject().put("t", "subscribe");
    return List.of(
        subscribe,
        subscribe.copy().put("resume", resume).put("snapshot", true),
        subscribe.copy().put("resume", resume).put("snapshot", false).put("filter", filter),
        subscribe.copy().put("filter", filter.copy().put("name", "work*")).put("window", 512),
        subscribe.copy().put("filter", filter.copy().put("states", new JsonArray().add("RUNNING"))),
        new JsonObject().put("t", "ack").put("seq", 1L),
        new JsonObject().put("t", "ping"));
  }

  @Test
  void nearlyRightMessagesEndAFeedWithACodeOrAreAnswered() throws Exception {
    List<JsonObject> right = right();
    for (int n = 0; n < MESSAGES; n += OF_ONE_VIEWER) {
      try (RawFeed feed = new RawFeed(web.server.port())) {
        boolean broken = false;
        for (int m = n; m < n + OF_ONE_VIEWER; m++) {
          Mutations mutations = new Mutations(m);
          byte[] frame = RawFeed.text(text(mutations, right));
          if (mutations.oneIn(50)) {
            frame[mutations.next(Math.min(frame.length, 14))] ^= (byte) (1 << mutations.next(8));
            broken = true;
          }
          feed.sendUntilCut(frame, 1);
        }
        feed.sayClose();
        if (broken) {
          // What came last may have been taken for the rest of a frame.
          feed.finish();
        }
        int code = readToTheEnd(feed);
        codes.merge(code, 1, Integer::sum);
        assertTrue(CODES.contains(code) || broken && code == 1005, "closed with " + code);
      } catch (Throwable fault) {
        throw new AssertionError("messages from " + n, fault);
      }
    }

    try (RawFeed feed = new RawFeed(web.server.port())) {
      feed.send(RawFeed.text("{\"t\":\"subscribe\"}"));
      assertEquals("snapshot", new JsonObject(feed.frame().text()).getString("t"));
    }
    assertEquals(head, web.postmaster.transitions().head());
    assertTrue(codes.keySet().containsAll(Set.of(1000, 4400)), codes::toString);
    logged.assertNoBug();
  }

  private static String text(Mutations mutations, List<JsonObject> right) {
    JsonObject template = mutations.any(right);
    return mutations.oneIn(3) ? template.encode() : mutations.json(template);
  }

  /** Reads until the close; all before that is a message of the feed, or a pong. */
  private static int readToTheEnd(RawFeed feed) throws Exception {
    while (true) {
      Frame next = feed.frame();
      if (next.opcode() == RawFeed.CLOSE) {
        return next.code();
      }
      if (next.opcode() == RawFeed.TEXT) {
        assertTrue(TYPES.contains(new JsonObject(next.text()).getString("t")), next::text);
        assertFalse(next.text().contains("Exception"), next::text);
        assertFalse(next.text().contains("at dev.postmaster"), next::text);
      } else {
        assertEquals(RawFeed.PONG, next.opcode());
      }
    }
  }
}
