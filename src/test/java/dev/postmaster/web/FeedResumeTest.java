package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.postmaster.Cause;
import dev.postmaster.support.Life;
import dev.postmaster.support.Viewer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Coming back to the feed, from where one was. */
class FeedResumeTest extends FeedSetup {

  @Test
  void randomDisconnectsLoseNothingAndRepeatNothing() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    storm(2);
    Viewer viewer = subscribed();
    viewer.await("snapshot", 1);
    for (int turn = 0; turn < 25; turn++) {
      viewer.awaitSeq(viewer.seq() + random.nextInt(200));
      get(viewer.socket().close());
      viewer.awaitClose();
      viewer.assertWhole();
      long last = viewer.seq();
      viewer = Life.get(Viewer.connect(client, server.port()));
      viewer.expectFrom(last);
      viewer.send(Viewer.resume(postmaster.epoch(), last));
      viewer.awaitSeq(last + 1);
      assertEquals(List.of(), viewer.all("gap"), "seed " + seed);
      assertEquals(List.of(), viewer.all("snapshot"), "seed " + seed);
    }
    calm(2);
    long head = postmaster.transitions().head();
    viewer.awaitSeq(head);
    viewer.assertWhole();
  }

  @Test
  void aResumeAtTheHeadGoesOnLive() throws Exception {
    get(register("w").awaitReady());
    long head = postmaster.transitions().head();
    Viewer viewer = Life.get(Viewer.connect(client, server.port()));
    viewer.expectFrom(head);
    viewer.send(Viewer.resume(postmaster.epoch(), head));

    get(register("x").awaitReady());

    viewer.awaitSeq(postmaster.transitions().head());
    viewer.assertWhole();
    assertEquals(List.of(), viewer.all("snapshot"));
  }

  /** The connection may have been lost between the two messages. */
  @Test
  void aResumeAtARegistrationBringsTheWorkerAgain() throws Exception {
    get(register("w").awaitReady());
    long registered = life.watch.await(t -> t.cause() == Cause.REGISTERED).seq();
    Viewer viewer = Life.get(Viewer.connect(client, server.port()));
    viewer.expectFrom(registered);
    viewer.send(Viewer.resume(postmaster.epoch(), registered));

    JsonObject worker = viewer.await("worker", 1);

    assertEquals("w", worker.getJsonObject("worker").getString("name"));
    viewer.awaitSeq(postmaster.transitions().head());
    viewer.assertWhole();
    assertEquals(List.of("hello", "worker", "transition"), viewer.types().subList(0, 3));
  }

  @Test
  void aResumeOlderThanTheJournalIsAGapAndASnapshot() throws Exception {
    storm(8);
    awaitHead(postmaster.transitions().capacity() + 100);
    calm(8);

    Viewer viewer = subscribed(Viewer.resume(postmaster.epoch(), 3));

    JsonObject gap = viewer.await("gap", 1);
    assertEquals("overrun", gap.getString("reason"));
    assertEquals(4, gap.getLong("from"));
    assertSeesTheTable(viewer);
    assertEquals(gap.getLong("to"), viewer.await("snapshot", 1).getLong("seq"));
  }

  @Test
  void aResumeOfAnotherEpochIsAGapAndASnapshot() throws Exception {
    get(register("w").awaitReady());

    Viewer viewer = subscribed(Viewer.resume("01JDA3K5ZV7Q0000000000000A", 1));

    assertEquals("epoch", viewer.await("gap", 1).getString("reason"));
    assertSeesTheTable(viewer);
  }

  @Test
  void aResumeAheadOfTheJournalIsAnErrorAndASnapshot() throws Exception {
    get(register("w").awaitReady());

    Viewer viewer = subscribed(Viewer.resume(postmaster.epoch(), 1_000_000));

    JsonObject error = viewer.await("error", 1);
    assertEquals("RESUME_AHEAD", error.getString("code"));
    assertFalse(error.getBoolean("fatal"));
    assertSeesTheTable(viewer);
  }

  @Test
  void aResumeThatIsImpossibleWithoutASnapshotEndsTheFeed() throws Exception {
    for (JsonObject resume :
        List.of(
            Viewer.resume(postmaster.epoch(), 1_000_000),
            Viewer.resume("01JDA3K5ZV7Q0000000000000A", 1))) {
      Viewer viewer = subscribed(resume.put("snapshot", false));

      assertEquals(4410, viewer.awaitClose());
      assertEquals(4410, viewer.await("bye", 1).getInteger("code"));
    }
  }

  @Test
  void withoutASnapshotTheFeedIsLiveOnly() throws Exception {
    get(register("w").awaitReady());
    long head = postmaster.transitions().head();
    Viewer viewer = subscribed(Viewer.subscribe().put("snapshot", false));
    viewer.send(new JsonObject().put("t", "ping"));
    assertEquals(head, viewer.await("heartbeat", 1).getLong("sent"));

    get(register("x").awaitReady());

    assertEquals(head + 1, viewer.await("transition", 1).getLong("seq"));
    assertEquals(List.of(), viewer.all("snapshot"));
  }
}
