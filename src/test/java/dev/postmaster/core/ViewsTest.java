package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.Handle;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.Readiness;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Target;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.support.CoreRig;
import dev.postmaster.support.CoreSetup;
import dev.postmaster.support.Emitted;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is shown: of a slot, of the postmaster, and when it is shown again. */
class ViewsTest {

  private final CoreRig rig = CoreRig.started();

  private long wall() {
    return Duration.ofNanos(rig.now()).toMillis();
  }

  private int changes(int mark) {
    return (int) rig.effects.since(mark).stream().filter(e -> e instanceof Emitted.Changed).count();
  }

  @Test
  void whoRestsShowsWhenItStartsAgainUntilItIsDue() {
    Handle handle = rig.running(worker("w").restart(5));
    rig.fail(handle);
    long at = wall() + 5_000;
    Transition record = rig.lastRecord(handle);
    assertEquals(at, record.restartAt());
    assertEquals(5_000, record.restartInMs());

    rig.advance(Duration.ofMillis(1_500));
    assertEquals(at, rig.status(handle).restartAt());
    assertEquals(3_500, rig.status(handle).restartInMs());

    rig.core.pause(Target.all(), Long.MAX_VALUE, By.OPERATOR, rig.now());
    rig.advance(Duration.ofMillis(3_500));
    assertEquals(0, rig.status(handle).restartAt());
    assertEquals(-1, rig.status(handle).restartInMs());
  }

  @Test
  void whoStartsAgainAtOnceWaitsForNothing() {
    Handle handle = rig.running(worker("w").restart(0));

    rig.fail(handle);

    Transition rests = rig.effects.records().get(rig.effects.records().size() - 2);
    assertEquals("RUNNING>BACKOFF exit", CoreRig.edge(rests));
    assertEquals(0, rests.restartAt());
    assertEquals(-1, rests.restartInMs());
  }

  @Test
  void whoHasARunShowsTheDeadlineThatJudgesItWhichAStallMoves() {
    Handle handle = rig.register(worker("w").startTimeout(Duration.ofSeconds(20)));
    long limit = wall() + 20_000;
    assertEquals(limit, rig.status(handle).deadlineAt());

    rig.stall(Duration.ofSeconds(3));
    assertEquals(limit + 3_000, rig.status(handle).deadlineAt());

    rig.begin(handle);
    assertEquals(0, rig.status(handle).deadlineAt());
  }

  @Test
  void aPauseIsShownOfWhoIsHereAndOfNobodyWhoIsGone() {
    Handle gone = rig.running(worker("gone"));
    Handle here = rig.running(worker("here"));
    rig.exit(gone, End.returned());

    rig.core.pause(Target.all(), Long.MAX_VALUE, By.OPERATOR, rig.now());

    assertTrue(rig.status(here).paused());
    assertEquals(0, rig.status(here).pausedUntil());
    assertFalse(rig.status(gone).paused());
    long until = rig.now() + Duration.ofSeconds(9).toNanos();
    rig.core.pause(Target.all(), until, By.OPERATOR, rig.now());
    assertEquals(wall() + 9_000, rig.status(here).pausedUntil());
    assertEquals(0, rig.status(gone).pausedUntil());
  }

  @Test
  void domainsAreShownWithTheirCyclesWhileTheyHaveMembersOrHadCycles() {
    Handle calm = rig.running(worker("calm").shared().domain("calm"));
    Handle torn = rig.running(worker("torn").shared().domain("torn"));
    Handle other = rig.running(worker("other").shared().domain("torn"));
    rig.crash(torn);
    assertEquals(
        List.of(new DomainStatus("calm", false, 0), new DomainStatus("torn", true, 1)),
        rig.core.domains());

    rig.leave(other);
    rig.exit(calm, End.returned());
    rig.terminate(torn);
    rig.leave(torn);
    rig.terminate(other);
    rig.leave(other);

    assertEquals(0, rig.core.used());
    assertEquals(List.of(new DomainStatus("torn", false, 1)), rig.core.domains());
  }

  @Test
  void thePostmasterShowsItsEpochItsWorkersAndSinceWhenItGoesDown() {
    rig.running(worker("a"));
    rig.running(worker("b"));
    rig.fail(rig.running(worker("c")));

    assertEquals(CoreSetup.EPOCH, rig.core.epoch());
    assertEquals(2, rig.core.inState(WorkerState.RUNNING));
    assertEquals(1, rig.core.inState(WorkerState.BACKOFF));
    rig.advance(1);
    long since = rig.now();
    rig.shutdown(ShutdownMode.FAST);
    rig.advance(1);
    assertEquals(since, rig.core.modeSince());
  }

  @Test
  void stallsAreWatchedForOnlyWhileAWorkerIsJudged() {
    assertFalse(rig.core.judging());

    Handle handle = rig.register(worker("w"));
    assertTrue(rig.core.judging());
    rig.begin(handle);
    assertFalse(rig.core.judging());
    rig.terminate(handle);
    assertTrue(rig.core.judging());
    rig.leave(handle);
    assertFalse(rig.core.judging());
  }

  @Test
  void aDeadlineThatMovesIsPublishedAndOneThatDoesNotIsNot() {
    Handle starts = rig.register(worker("starts"));
    Handle stops = rig.running(worker("stops"));
    rig.terminate(stops);

    for (int times = 0; times < Ladder.EXTENSIONS_MAX; times++) {
      int mark = rig.effects.mark();
      rig.core.extendStart(rig.run(starts), rig.now());
      rig.core.extendStop(rig.run(stops), rig.now());
      assertEquals(
          List.of(new Emitted.Changed(starts.slot()), new Emitted.Changed(stops.slot())),
          rig.effects.since(mark));
    }
    int mark = rig.effects.mark();
    rig.core.extendStart(rig.run(starts), rig.now());
    rig.core.extendStop(rig.run(stops), rig.now());

    assertEquals(List.of(), rig.effects.since(mark));
  }

  @Test
  void aPauseIsPublishedOfWhoRunsToo() {
    rig.running(worker("w"));
    int mark = rig.effects.mark();

    rig.core.pause(Target.all(), rig.now() + 1, By.OPERATOR, rig.now());
    assertEquals(1, changes(mark));
    rig.advance(1);

    assertEquals(2, changes(mark), "its end too");
  }

  @Test
  void whatAWorkerWaitsForIsPublishedWhenItIsAnotherName() {
    Handle needy = rig.register(worker("needy").requires("a", "b"));
    assertEquals("requires:a", rig.status(needy).waiting());
    int mark = rig.effects.mark();

    rig.running(worker("a"));

    assertEquals("requires:b", rig.status(needy).waiting());
    assertTrue(rig.effects.since(mark).contains(new Emitted.Changed(needy.slot())));
    rig.wake();
    int again = rig.effects.mark();
    rig.core.resume(Target.type("nobody"), By.OPERATOR, rig.now());
    rig.running(worker("a"));
    assertEquals(0, changes(again), "nothing that it waits for has changed");
  }

  /** Whoever could start is held as soon as what it needs goes, not with the next event. */
  @Test
  void whoNeedsAVerticleIsHeldInTheTurnInWhichThatIsToldToStop() {
    CoreRig one = CoreRig.with().threads(1).started();
    one.running(worker("blocks"));
    Handle signalled = one.running(worker("signalled").verticle());
    Handle ends = one.running(worker("ends").verticle());
    Handle needy = one.register(worker("needy").requires("signalled"));
    Handle other = one.register(worker("other").requires("ends"));
    assertEquals("threads", one.status(needy).waiting());

    one.core.signalAll(dev.postmaster.Signal.HUP, By.OPERATOR, one.now());
    assertEquals("threads", one.status(needy).waiting());
    one.core.ended(one.run(ends), End.threw("it failed"), one.now());
    assertEquals("requires:ends", one.status(other).waiting());
    one.core.signalAll(dev.postmaster.Signal.TERM, By.OPERATOR, one.now());

    assertEquals("requires:signalled", one.status(needy).waiting());
    assertEquals(WorkerState.STOPPING, one.state(signalled));
  }

  /** No record says it: it stays in BACKOFF. */
  @Test
  void whoIsDueAndFindsNoThreadIsShownAsWaitingForOne() {
    CoreRig one = CoreRig.with().threads(1).started();
    Handle due = one.running(worker("due").restart(Duration.ofSeconds(5)));
    one.fail(due);
    one.running(worker("blocks"));
    int mark = one.effects.mark();

    one.advance(5);

    assertEquals(WorkerState.BACKOFF, one.state(due));
    assertEquals("threads", one.status(due).waiting());
    assertTrue(one.effects.since(mark).contains(new Emitted.Changed(due.slot())));
    int again = one.effects.mark();
    one.wake();
    assertTrue(one.effects.since(again).isEmpty(), "it is said once");
  }

  @Test
  void whoIsReadyByUptimeShowsTheLimitOfItsStart() {
    Handle handle =
        rig.running(
            worker("w")
                .ready(Readiness.after(Duration.ofSeconds(1)))
                .startTimeout(Duration.ofSeconds(2)));

    WorkerStatus status = rig.status(handle);

    assertEquals(wall() + 2_000, status.deadlineAt());
    assertEquals(Cause.STARTED, rig.lastRecord(handle).cause());
  }

  @Test
  void aRefusalIsRecordedBetweenTheStartAndTheEnd() {
    CoreRig early = CoreRig.with().notStarted();
    early.core.refused("too early", By.BUS, early.now());
    early.start();
    early.core.refused("a reason", By.BUS, early.now());
    early.shutdown(ShutdownMode.FAST);
    early.core.refused("too late", By.BUS, early.now());

    List<String> refusals =
        early.effects.records().stream()
            .filter(record -> record.cause() == Cause.REFUSED)
            .map(Transition::message)
            .toList();
    assertEquals(List.of("a reason"), refusals);
  }
}
