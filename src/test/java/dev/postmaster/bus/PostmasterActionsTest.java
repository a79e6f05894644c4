package dev.postmaster.bus;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Phase;
import dev.postmaster.ShutdownMode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What can be asked of the postmaster as a whole over the bus. */
class PostmasterActionsTest {

  private static final JsonObject ALL = new JsonObject().put("all", true);

  private BusLife bus;

  @BeforeEach
  void start() throws Exception {
    bus = BusLife.started(BusLife.options().setPhase(Phase.CONSISTENT));
  }

  @AfterEach
  void stop() {
    bus.close();
  }

  private static JsonObject of(String field, Object value) {
    return new JsonObject().put(field, value);
  }

  private JsonObject worker() throws Exception {
    return bus.workers().getJsonObject(0);
  }

  // ---- pause, drain, resume

  @Test
  void pauseMeetsAWorkerATypeADomainOrAll() throws Exception {
    String handle = bus.register("w", "idle");
    bus.register("x", "idle");

    assertEquals(of("workers", 1), bus.ask("pause", of("handle", handle)));
    assertEquals(of("workers", 1), bus.ask("pause", of("type", "x")));
    assertEquals(of("workers", 2), bus.ask("pause", of("domain", "main")));
    assertEquals(of("workers", 2), bus.ask("pause", ALL));
    assertEquals(of("workers", 0), bus.ask("pause", of("type", "nobody")));
    assertTrue(worker().getBoolean("paused"));
    assertEquals(of("workers", 2), bus.ask("resume", ALL));
    assertFalse(worker().getBoolean("paused"));
    assertEquals(By.BUS, bus.life.watch.await(t -> t.cause() == Cause.PAUSE).by());
  }

  @Test
  void aPauseEndsAtItsTime() throws Exception {
    long until = System.currentTimeMillis() + 3_600_000;
    bus.register("w", "idle");

    bus.ask("pause", ALL.copy().put("until", until));

    assertTrue(Math.abs(until - worker().getLong("pausedUntil")) < 1_000);
    assertEquals(
        of("workers", 1), bus.ask("pause", ALL.copy().put("until", 9_007_199_254_740_992L)));
  }

  @Test
  void drainStopsAndResumeStartsAgain() throws Exception {
    bus.ask("advance", of("phase", "RUN"));
    String handle = bus.running("w");

    assertEquals(of("workers", 1), bus.ask("drain", ALL));
    bus.ask("await", of("handle", handle).put("for", "stopped"));
    bus.ask("resume", ALL);

    bus.life.watch.await(t -> t.cause() == Cause.STARTED, 2);
  }

  @Test
  void aTargetOfNonsenseIsRefused() throws Exception {
    for (String action : List.of("pause", "drain", "resume")) {
      bus.refused(ErrorCode.BAD_REQUEST, action, new JsonObject());
      bus.refused(ErrorCode.BAD_REQUEST, action, of("all", false));
      bus.refused(ErrorCode.BAD_REQUEST, action, of("type", ""));
      bus.refused(ErrorCode.BAD_REQUEST, action, of("type", 1));
      bus.refused(ErrorCode.BAD_REQUEST, action, of("type", "t".repeat(96)));
      bus.refused(ErrorCode.BAD_REQUEST, action, of("type", "a").put("domain", "b"));
      bus.refused(ErrorCode.BAD_REQUEST, action, of("name", "w"));
      bus.refused(ErrorCode.BAD_REQUEST, action, ALL.copy().put("until", "tomorrow"));
      bus.refused(ErrorCode.BAD_REQUEST, action, ALL.copy().put("until", -1));
    }
    bus.refused(ErrorCode.BAD_REQUEST, "resume", ALL.copy().put("until", 1));
  }

  @Test
  void aGroupIsRefusedAsNotThereYet() {
    String sentence = bus.refused(ErrorCode.BAD_REQUEST, "pause", of("group", "g"));

    assertTrue(sentence.contains("not supported yet"), sentence);
  }

  // ---- advance

  @Test
  void advanceMovesThePhaseForwardOnly() throws Exception {
    assertEquals(new JsonObject(), bus.ask("advance", of("phase", "CONSISTENT")));
    assertEquals(new JsonObject(), bus.ask("advance", of("phase", "RUN")));

    bus.refused(ErrorCode.BAD_REQUEST, "advance", of("phase", "STARTUP"));
    bus.refused(ErrorCode.BAD_REQUEST, "advance", of("phase", "run"));
    bus.refused(ErrorCode.BAD_REQUEST, "advance", null);
    assertEquals(Phase.RUN, bus.life.postmaster.status().phase());
  }

  // ---- attach, detach

  @Test
  void aClientIsAttachedUntilItIsDetached() throws Exception {
    JsonObject named = bus.ask("attach", of("client", "me"));
    JsonObject again = bus.ask("attach", of("client", "me"));
    JsonObject other = bus.ask("attach", null);

    assertEquals(of("client", "me").put("renewMs", 30_000), named);
    assertEquals(named, again);
    assertEquals(36, other.getString("client").length());
    assertEquals(2, clients());
    assertEquals(new JsonObject(), bus.ask("detach", of("client", "me")));
    assertEquals(new JsonObject(), bus.ask("detach", of("client", "me")));
    bus.ask("detach", of("client", other.getString("client")));
    assertEquals(0, clients());
  }

  /** The figure is as old as the last record. */
  private int clients() throws Exception {
    bus.register("w", "idle");
    return bus.life.postmaster.status().clients();
  }

  @Test
  void aClientOfNonsenseIsRefused() {
    bus.refused(ErrorCode.BAD_REQUEST, "attach", of("client", ""));
    bus.refused(ErrorCode.BAD_REQUEST, "attach", of("client", 1));
    bus.refused(ErrorCode.BAD_REQUEST, "attach", of("client", "c".repeat(96)));
    bus.refused(ErrorCode.BAD_REQUEST, "attach", of("clinet", "c"));
    bus.refused(ErrorCode.BAD_REQUEST, "detach", null);
  }

  // ---- shutdown

  @Test
  void aShutdownIsAnsweredAtOnceAndModesOnlyGoUp() throws Exception {
    bus.ask("advance", of("phase", "RUN"));
    bus.ask("attach", of("client", "me"));

    assertEquals(of("mode", "smart"), bus.ask("shutdown", of("mode", "smart")));
    bus.life.watch.await(t -> t.to() == ShutdownMode.SMART);
    bus.refused(ErrorCode.SHUTTING_DOWN, "attach", of("client", "another"));
    assertEquals(of("mode", "smart"), bus.ask("shutdown", of("mode", "smart")));
    bus.running("w");

    assertEquals(of("mode", "fast"), bus.ask("shutdown", of("mode", "fast")));

    assertFalse(get(bus.life.postmaster.ended()).abnormal());
    assertEquals(By.BUS, bus.life.watch.await(t -> t.to() == ShutdownMode.FAST).by());
  }

  @Test
  void afterTheGateNobodyIsRegistered() throws Exception {
    bus.ask("advance", of("phase", "RUN"));
    String handle = bus.ask("register", BusLife.spec("deaf", "deaf")).getString("handle");
    bus.ask("await", of("handle", handle).put("for", "started"));

    bus.ask("shutdown", of("mode", "fast"));

    bus.refused(ErrorCode.SHUTTING_DOWN, "register", BusLife.spec("late", "once"));
  }

  @Test
  void aModeOfNonsenseIsRefused() {
    bus.refused(ErrorCode.BAD_REQUEST, "shutdown", null);
    bus.refused(ErrorCode.BAD_REQUEST, "shutdown", of("mode", "none"));
    bus.refused(ErrorCode.BAD_REQUEST, "shutdown", of("mode", "FAST"));
    assertEquals(ShutdownMode.NONE, bus.life.postmaster.status().shutdown());
  }

  // ---- entryPoints

  @Test
  void entryPointsAreNamedAndDescribed() throws Exception {
    JsonObject reply = bus.ask("entryPoints", null);

    JsonArray all = reply.getJsonArray("entryPoints");
    JsonObject last = all.getJsonObject(all.size() - 1);
    assertEquals(
        of("library", "t")
            .put("function", "once")
            .put("description", "returns")
            .put("schema", new JsonObject()),
        last);
    bus.refused(ErrorCode.BAD_REQUEST, "entryPoints", of("library", "t"));
  }

  @Test
  void aBugOfOursIsAnsweredWithAReference() throws Exception {
    try (BusLife broken = BusLife.started(BusLife.options())) {
      // What it shows of itself can be spoilt so that it cannot be sent.
      broken.life.postmaster.entryPoints().get("t/once").schema().put("x", new Object());
      String sentence = broken.refused(ErrorCode.INTERNAL, "entryPoints", null);

      assertTrue(sentence.matches(".* reference [0-9a-f-]{36}"), sentence);
      broken.running("w");
    }
  }
}
