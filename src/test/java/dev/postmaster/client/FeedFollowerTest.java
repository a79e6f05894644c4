package dev.postmaster.client;

import static dev.postmaster.client.Messages.EPOCH;
import static dev.postmaster.client.Messages.OTHER;
import static dev.postmaster.client.Messages.free;
import static dev.postmaster.client.Messages.freed;
import static dev.postmaster.client.Messages.heartbeat;
import static dev.postmaster.client.Messages.missing;
import static dev.postmaster.client.Messages.slots;
import static dev.postmaster.client.Messages.snapshot;
import static dev.postmaster.client.Messages.stopping;
import static dev.postmaster.client.Messages.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Transition;
import dev.postmaster.TransitionLog.Gap;
import dev.postmaster.WorkerState;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a client makes of messages, message by message. */
class FeedFollowerTest implements FeedFollower.Listener {

  private final List<String> told = new ArrayList<>();
  private FeedClientOptions options = new FeedClientOptions();
  private LivePicture picture = new LivePicture();
  private FeedFollower follower = new FeedFollower(options, picture, this);

  private void with(FeedClientOptions other) {
    options = other;
    picture = new LivePicture();
    follower = new FeedFollower(options, picture, this);
  }

  @Override
  public void transition(Transition transition) {
    told.add("#" + transition.seq());
  }

  @Override
  public void gap(Gap gap) {
    told.add(gap.from() + "-" + gap.to() + " " + gap.reason());
  }

  @Override
  public void whole() {
    told.add("whole " + picture.read().seq());
  }

  @Override
  public void error(String code, String message, boolean answered) {
    told.add(code + " " + answered);
  }

  private JsonObject hello(String epoch, long head) {
    return follower.hello(new Wire(Messages.hello(epoch, head)), false);
  }

  private void take(JsonObject... messages) {
    for (JsonObject message : messages) {
      follower.take(message.getString("t"), Wire.parse(message.encode()));
    }
  }

  private void refuses(JsonObject message) {
    long before = follower.seq();
    assertThrows(WireFault.class, () -> take(message), message::encode);
    assertEquals(before, follower.seq());
  }

  /** Subscribed and live at 10, with workers in slots 0 and 1. */
  private void live() {
    hello(EPOCH, 10);
    take(snapshot(10, 1, 1, worker(EPOCH, 3, 0), worker(EPOCH, 10, 1)));
    told.clear();
  }

  @Test
  void aFirstSubscribeAsksForASnapshotAndALaterOneResumes() {
    assertEquals("{\"t\":\"subscribe\",\"snapshot\":true}", hello(EPOCH, 10).encode());

    take(snapshot(10, 1, 1), stopping(11, 0));

    assertEquals(
        new JsonObject().put("epoch", EPOCH).put("seq", 11L),
        hello(OTHER, 5).getJsonObject("resume"));
    assertFalse(follower.hello(new Wire(Messages.hello(EPOCH, 10)), true).containsKey("resume"));
  }

  @Test
  void filterAndWindowAreSentWhereThereAreAny() {
    with(
        new FeedClientOptions()
            .setWindow(5)
            .setFilter(
                FeedFilter.ALL
                    .types("b", "a")
                    .name("mail*")
                    .slots(4, 3)
                    .states(WorkerState.BACKOFF)
                    .causes(dev.postmaster.Cause.EXIT)));

    assertEquals(
        new JsonObject()
            .put("slots", new JsonArray().add(3).add(4))
            .put("types", new JsonArray().add("a").add("b"))
            .put("name", "mail*")
            .put("states", new JsonArray().add("BACKOFF"))
            .put("causes", new JsonArray().add("exit")),
        hello(EPOCH, 1).getJsonObject("filter"));
    assertEquals(5, hello(EPOCH, 1).getInteger("window"));
  }

  @Test
  void aSnapshotCountsWhenItsLastPartHasCome() {
    hello(EPOCH, 10);

    take(snapshot(10, 1, 3, worker(EPOCH, 3, 0)), snapshot(10, 2, 3));
    assertEquals(Map.of(), picture.read().workers());
    assertFalse(picture.read().whole());
    take(snapshot(10, 3, 3, worker(EPOCH, 4, 2)));

    assertEquals(List.of(0, 2), List.copyOf(picture.read().workers().keySet()));
    assertEquals(List.of("whole 10"), told);
  }

  @Test
  void aTransitionThatTheObjectAlreadyHasChangesNothingAndIsTold() {
    hello(EPOCH, 10);
    take(snapshot(10, 1, 1, worker(EPOCH, 12, 0)));

    take(stopping(11, 0), freed(12, 0));
    assertEquals(WorkerState.RUNNING, picture.read().slot(0).orElseThrow().state());
    take(stopping(13, 0));

    assertEquals(WorkerState.STOPPING, picture.read().slot(0).orElseThrow().state());
    assertEquals(List.of("whole 10", "#11", "#12", "#13"), told);
  }

  @Test
  void aGapIsToldWithThePictureThatStandsForIt() {
    live();

    take(missing(11, 90, "overrun"), snapshot(90, 1, 2));
    assertEquals(List.of(), told);
    assertEquals(10, follower.seq());
    take(snapshot(90, 2, 2));

    assertEquals(List.of("11-90 overrun", "whole 90"), told);
    assertEquals(90, follower.seq());
  }

  @Test
  void aConnectionThatBreaksInAGapIsResumedFromBeforeIt() {
    live();
    take(missing(11, 90, "overrun"), snapshot(90, 1, 2));

    JsonObject again = hello(EPOCH, 95);
    take(stopping(11, 0));

    assertEquals(10, again.getJsonObject("resume").getLong("seq"));
    assertEquals(List.of("#11"), told);
  }

  @Test
  void slotsEndWithTheNextRecordOrABookmark() {
    live();

    take(missing(11, 60, "slow-consumer"), slots(10, 60, worker(EPOCH, 50, 1), free(0, 40)));
    take(slots(10, 60, worker(EPOCH, 55, 4), free(5, 40)), heartbeat(null));
    assertEquals(List.of(), told);
    assertEquals(List.of(1, 4), List.copyOf(picture.read().workers().keySet()));
    take(heartbeat(60L));
    assertEquals(List.of("11-60 slow-consumer", "whole 60"), told);

    take(missing(61, 70, "slow-consumer"), stopping(71, 1));
    assertEquals(List.of("61-70 slow-consumer", "whole 70", "#71"), told.subList(2, 5));
  }

  @Test
  void anotherEpochBeginsWithItsSnapshot() {
    live();
    hello(OTHER, 5);
    take(missing(1, 5, "epoch"), snapshot(5, 1, 1, worker(OTHER, 2, 3)), stopping(6, 3));

    assertEquals(List.of("1-5 epoch", "whole 5", "#6"), told);
    assertEquals(new FeedPosition(OTHER, 6), picture.read().position());
    assertEquals(List.of(3), List.copyOf(picture.read().workers().keySet()));
  }

  @Test
  void aServerThatIsBehindShowsItsOwnPicture() {
    live();
    hello(EPOCH, 5);
    take(
        new JsonObject().put("t", "error").put("code", "RESUME_AHEAD").put("message", "x"),
        snapshot(5, 1, 1),
        stopping(6, 0));

    assertEquals(List.of("RESUME_AHEAD false", "whole 5", "#6"), told);
  }

  @Test
  void withoutASnapshotItGoesOnAtTheHeadAndSaysWhatItMissed() {
    with(new FeedClientOptions().setSnapshot(false));
    hello(EPOCH, 10);
    take(stopping(12, 0));
    follower.hello(new Wire(Messages.hello(EPOCH, 50)), true);
    take(heartbeat(52L), stopping(53, 0));
    follower.hello(new Wire(Messages.hello(OTHER, 3)), true);
    take(freed(4, 0));

    assertEquals(
        List.of(
            "11-11 subscribe", "#12", "13-50 overrun", "51-52 subscribe", "#53", "1-3 epoch", "#4"),
        told);
  }

  @Test
  void withAFilterRecordsMayBeMissingAndABookmarkMovesOn() {
    with(new FeedClientOptions().setFilter(FeedFilter.ALL.types("t")));
    live();

    take(stopping(20, 0), heartbeat(33L), missing(40, 50, "slow-consumer"), freed(51, 0));

    assertEquals(List.of("#20", "40-50 slow-consumer", "whole 50", "#51"), told);
  }

  @Test
  void aRecordOfALaterVersionIsAGapOfOne() {
    live();

    take(stopping(11, 0).put("cause", "moonrise"), freed(12, 0));

    assertEquals(List.of("11-11 unknown", "#12"), told);
  }

  @Test
  void whatIsOutOfOrderIsRefusedAndThePositionStays() {
    live();

    refuses(stopping(10, 0));
    refuses(stopping(12, 0));
    refuses(missing(13, 14, "x"));
    refuses(missing(12, 11, "x"));
    refuses(snapshot(9, 1, 1));
    refuses(snapshot(11, 2, 2));
    refuses(slots(3, 4, null, null));
    refuses(heartbeat(12L));
    refuses(stopping(11, 8));
    refuses(snapshot(11, 1, 1, worker(OTHER, 1, 1)));
    refuses(snapshot(11, 1, 1, worker(EPOCH, 1, 9)));
    hello(OTHER, 50);
    refuses(stopping(11, 0));
    take(missing(1, 50, "epoch"));
    refuses(stopping(51, 0));
    refuses(slots(3, 60, null, null));
  }

  @Test
  void unknownTypesAndFieldsAreIgnored() {
    live();

    take(
        new JsonObject().put("t", "rates").put("x", 1),
        stopping(11, 0).put("colour", "red").put("cut", true));

    assertEquals(List.of("#11"), told);
  }

  /** Every field of every message once replaced by each of many things. */
  @Test
  void wrongTypesAreRefusedAndNothingElseIsThrown() {
    List<Object> wrong =
        List.of(
            -1,
            1.5,
            1L << 60,
            "x",
            "y".repeat(5_000),
            true,
            new JsonArray().add(1),
            new JsonObject().put("a", 1));
    JsonObject full = worker(EPOCH, 11, 0).put("last", new JsonObject().put("exit", 4));
    for (JsonObject message :
        List.of(
            snapshot(11, 1, 1, full),
            stopping(11, 0),
            new JsonObject().put("t", "worker").put("worker", full),
            slots(10, 11, full, free(0, 11)),
            missing(11, 12, "x"),
            heartbeat(11L),
            new JsonObject().put("t", "error").put("code", "x").put("message", "y"))) {
      for (String field : message.fieldNames()) {
        for (Object value : wrong) {
          takeAny(message.copy().put(field, value));
        }
        takeAny(message.copy().putNull(field));
      }
    }
    for (String field : full.fieldNames()) {
      for (Object value : wrong) {
        JsonObject bad = full.copy().put(field, value);
        takeAny(new JsonObject().put("t", "worker").put("worker", bad));
      }
    }
  }

  private void takeAny(JsonObject message) {
    with(options);
    live();
    try {
      if (message.getValue("t") instanceof String type) {
        follower.take(type, Wire.parse(message.encode()));
      }
    } catch (WireFault fault) {
      assertTrue(fault.getMessage().length() < 400, fault::getMessage);
    }
    assertTrue(picture.read().workers().size() <= 8);
  }

  @Test
  void randomMessagesNeverTellARecordTwice() {
    Random random = new Random(11);
    for (int life = 0; life < 300; life++) {
      with(new FeedClientOptions().setSnapshot(random.nextBoolean()));
      told.clear();
      List<Long> seqs = new ArrayList<>();
      for (int step = 0; step < 60; step++) {
        if (step == 0 || random.nextInt(15) == 0) {
          follower.hello(new Wire(Messages.hello(EPOCH, random.nextInt(30))), false);
        }
        try {
          take(any(random, follower.seq()));
        } catch (WireFault fault) {
          follower.hello(new Wire(Messages.hello(EPOCH, random.nextInt(30))), false);
        }
      }
      told.stream()
          .filter(t -> t.startsWith("#"))
          .forEach(t -> seqs.add(Long.parseLong(t.substring(1))));
      assertEquals(seqs.stream().sorted().distinct().toList(), seqs);
    }
  }

  private static JsonObject any(Random random, long at) {
    long near = Math.max(0, at + random.nextInt(4) - 1);
    int slot = random.nextInt(8);
    return switch (random.nextInt(8)) {
      case 0 -> snapshot(near, 1, 1, worker(EPOCH, near, slot));
      case 1 -> snapshot(near, random.nextInt(3) + 1, 3);
      case 2 -> missing(at + 1, near + 3, "x");
      case 3 -> slots(at, near + 2, worker(EPOCH, near, slot), free(slot, near));
      case 4 -> heartbeat(near);
      case 5 -> freed(near, slot);
      default -> stopping(at + 1, slot);
    };
  }
}
