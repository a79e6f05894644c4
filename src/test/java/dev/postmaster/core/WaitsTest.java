package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.HandleStatus;
import dev.postmaster.Phase;
import dev.postmaster.Readiness;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.support.CoreRig;
import dev.postmaster.support.Emitted;
import dev.postmaster.support.Terms;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Contract §11: waits and notifications, and their order. */
class WaitsTest {

  private final CoreRig rig = CoreRig.started();

  @Test
  void whatIsTrueAlreadyIsAnsweredAtOnce() {
    Handle handle = rig.running(worker("w"));

    assertEquals("ok", rig.outcome(rig.await(handle, AwaitFor.STARTED)));
    assertEquals("ok", rig.outcome(rig.await(handle, AwaitFor.READY)));
    assertEquals("waits", rig.outcome(rig.await(handle, AwaitFor.STOPPED)));
    assertEquals("waits", rig.outcome(rig.await(handle, AwaitFor.GONE)));
  }

  @Test
  void aStartWasTrueAlsoForARunThatHasEndedSince() {
    Handle handle = rig.running(worker("w"));
    rig.fail(handle);

    Object waiter = rig.await(handle, AwaitFor.STARTED);

    assertEquals("ok", rig.outcome(waiter));
    assertEquals(WorkerState.BACKOFF, rig.answer(waiter).orElseThrow().status().state());
  }

  @Test
  void eachWaitEndsWithWhatItAskedFor() {
    Handle handle = rig.register(worker("w").ready(Readiness.SAID).restart(1));
    Object started = rig.await(handle, AwaitFor.STARTED);
    Object ready = rig.await(handle, AwaitFor.READY);
    rig.begin(handle);
    assertEquals("ok", rig.outcome(started));
    assertEquals("waits", rig.outcome(ready));
    rig.core.ready(rig.run(handle), true, rig.now());
    assertEquals("ok", rig.outcome(ready));

    Object stopped = rig.await(handle, AwaitFor.STOPPED);
    Object gone = rig.await(handle, AwaitFor.GONE);
    rig.fail(handle);
    assertEquals("ok", rig.outcome(stopped));
    assertEquals("waits", rig.outcome(gone));
    rig.terminate(handle);
    assertEquals("ok", rig.outcome(gone));
  }

  @Test
  void whoWasForgottenBeforeIsNotStartedWithExitAndReason() {
    Handle handle = rig.register(worker("w").never());
    Object waiter = rig.await(handle, AwaitFor.STARTED);

    rig.exit(handle, End.startFailed("no thread"));

    assertEquals("NOT_STARTED", rig.outcome(waiter));
    assertEquals(Exit.START_FAILED, rig.answer(waiter).orElseThrow().status().last().exit());
  }

  @Test
  void aFailedLaunchOfARestartableWorkerEndsNoWait() {
    Handle handle = rig.register(worker("w").restart(1));
    Object waiter = rig.await(handle, AwaitFor.STARTED);

    rig.exit(handle, End.startFailed("no thread"));
    assertEquals("waits", rig.outcome(waiter));
    rig.advance(1);
    rig.begin(handle);

    assertEquals("ok", rig.outcome(waiter));
  }

  @Test
  void aWaitEndsWhenItsTimeIsOverAndNotBefore() {
    Handle handle = rig.running(worker("w"));
    Object waiter = rig.await(handle, AwaitFor.GONE, Duration.ofSeconds(3));

    rig.advance(Duration.ofMillis(2_999));
    assertEquals("waits", rig.outcome(waiter));
    rig.advance(Duration.ofMillis(1));
    assertEquals("TIMEOUT", rig.outcome(waiter));

    rig.terminate(handle);
    rig.leave(handle);
    assertEquals("TIMEOUT", rig.outcome(waiter));
  }

  @Test
  void aStallDoesNotMoveAWait() {
    Handle handle = rig.running(worker("w"));
    Object waiter = rig.await(handle, AwaitFor.GONE, Duration.ofSeconds(3));

    rig.stall(Duration.ofSeconds(3));
    rig.wake();

    assertEquals("TIMEOUT", rig.outcome(waiter));
  }

  @Test
  void theSlotIsFreeAndTheRecordWrittenBeforeAnybodyIsTold() {
    CoreRig small = CoreRig.with().workers(1).started();
    Handle handle = small.running(worker("w").notify("address").never());
    Object waiter = small.await(handle, AwaitFor.GONE);
    int mark = small.effects.mark();
    freeWhenTold(small, handle);

    small.exit(handle, End.returned());

    List<Emitted> since =
        small.effects.since(mark).stream().filter(e -> !(e instanceof Emitted.Changed)).toList();
    assertEquals("RUNNING>FREE exit", CoreRig.edge(((Emitted.Recorded) since.get(0)).transition()));
    assertEquals(3, since.size());
    assertTrue(since.stream().skip(1).anyMatch(e -> e instanceof Emitted.Answered));
    assertTrue(since.stream().skip(1).anyMatch(e -> e instanceof Emitted.Notified));
    assertEquals("ok", small.outcome(waiter));
    assertEquals(0, small.core.used());
  }

  @Test
  void notifyTellsOfEachStartAndEachEnd() {
    Handle handle = rig.running(worker("w").notify("address").restart(1));
    rig.fail(handle);
    rig.advance(1);
    rig.begin(handle);
    rig.exit(handle, End.returned());

    List<HandleStatus> told =
        rig.effects.notifies().stream().map(notified -> notified.status().status()).toList();
    assertEquals(
        List.of(
            HandleStatus.STARTED, HandleStatus.STOPPED, HandleStatus.STARTED, HandleStatus.STOPPED),
        told);
    assertTrue(rig.effects.notifies().stream().allMatch(n -> n.address().equals("address")));
  }

  @Test
  void aCrashCycleKeepsTheNotifyAddressAndAnswersWaitsOnWhatEnded() {
    Handle crashes = rig.running(worker("a").shared().notify("address"));
    Object stopped = rig.await(crashes, AwaitFor.STOPPED);
    Object gone = rig.await(crashes, AwaitFor.GONE);

    rig.crash(crashes);
    int told = rig.effects.notifies().size();
    rig.begin(crashes);

    assertEquals("ok", rig.outcome(stopped));
    assertEquals("waits", rig.outcome(gone));
    assertEquals(told + 1, rig.effects.notifies().size());
  }

  @Test
  void afterTheEndEveryWaitIsAnsweredThatThePostmasterDied() {
    Handle handle = rig.running(worker("w").stop(0, 0));
    rig.shutdown(ShutdownMode.FAST);
    rig.wake();

    Object late = rig.await(handle, AwaitFor.GONE);

    assertEquals("POSTMASTER_DIED", rig.outcome(late));
    assertFalse(rig.effects.ends().isEmpty());
  }

  /** Whoever is told finds the slot free: he may register again at once. */
  private static void freeWhenTold(CoreRig rig, Handle handle) {
    rig.effects.probe(
        effect -> {
          if (effect instanceof Emitted.Answered || effect instanceof Emitted.Notified) {
            assertTrue(rig.core.table.free.isFree(handle.slot()), effect.toString());
          }
        });
  }

  private static void isFreedThenToldAndNeverStarts(CoreRig rig, Handle handle) {
    String name = rig.status(handle).name();
    long launches = rig.launched().stream().filter(name::equals).count();
    int notifies = rig.effects.notifies().size();
    Object gone = rig.await(handle, AwaitFor.GONE);
    freeWhenTold(rig, handle);

    assertEquals(WorkerState.FREE, rig.terminate(handle));

    assertEquals("ok", rig.outcome(gone));
    assertEquals(notifies + 1, rig.effects.notifies().size());
    assertEquals(HandleStatus.STOPPED, rig.effects.notifies().get(notifies).status().status());
    rig.effects.probe(effect -> {});
    rig.core.advance(Phase.RUN, By.CODE, rig.now());
    rig.advance(60);
    assertEquals(launches, rig.launched().stream().filter(name::equals).count());
  }

  @Test // T-112
  void whoIsTerminatedBeforeItsTurnIsFreedThenToldAndNeverStarts() {
    CoreRig large = CoreRig.with().workers(200).phase(Phase.STARTUP).started();
    IntStream.range(0, 100).forEach(n -> large.register(worker("before " + n)));
    Handle handle = large.register(worker("w").notify("address"));
    large.core.advance(Phase.RUN, By.CODE, large.now());
    assertEquals("turn", large.status(handle).waiting());

    isFreedThenToldAndNeverStarts(large, handle);
  }

  @Test // T-113
  void whoIsTerminatedBeforeItsPhaseIsFreedThenToldAndNeverStarts() {
    CoreRig early = CoreRig.with().phase(Phase.STARTUP).started();

    isFreedThenToldAndNeverStarts(early, early.register(worker("w").notify("address")));
  }

  @Test // T-114
  void whoIsTerminatedBetweenItsRunsIsFreedThenToldAndNeverStarts() {
    Handle handle = rig.running(worker("w").notify("address").restart(5));
    rig.fail(handle);

    isFreedThenToldAndNeverStarts(rig, handle);
  }

  @Test // T-133
  void whatIsNotAskedForEndsNoWait() {
    Handle handle = rig.running(worker("w").ready(Readiness.SAID).shared());
    Handle neighbour = rig.running(worker("n").notify("address"));
    Object ready = rig.await(handle, AwaitFor.READY);
    Object gone = rig.await(handle, AwaitFor.GONE);

    rig.core.signal(handle, Signal.USR1, By.CODE, rig.now());
    rig.exit(neighbour, End.returned());
    rig.core.ready(rig.run(handle), false, rig.now());
    rig.crash(handle);
    rig.begin(handle);

    assertEquals("waits", rig.outcome(ready));
    assertEquals("waits", rig.outcome(gone));
    rig.core.ready(rig.run(handle), true, rig.now());
    assertEquals("ok", rig.outcome(ready));
    assertEquals("waits", rig.outcome(gone));
  }

  @Test // T-134
  void whoHasComeAndGoneWasStartedAndHasStopped() {
    Handle handle = rig.running(worker("w"));
    rig.exit(handle, End.returned());

    for (AwaitFor what : List.of(AwaitFor.STARTED, AwaitFor.STOPPED, AwaitFor.GONE)) {
      Object waiter = rig.await(handle, what);

      assertEquals("ok", rig.outcome(waiter), what::name);
      WorkerStatus status = rig.answer(waiter).orElseThrow().status();
      assertEquals(HandleStatus.STOPPED, status.status());
      assertEquals(Exit.COMPLETED, status.last().exit());
    }
  }

  @Test // T-135
  void theEndAnswersWaitsForAStartAndForAnEndAlike() {
    Handle begun = rig.running(worker("begun").stop(0, 0));
    Handle fresh = rig.register(worker("fresh").stop(0, 0));
    Object gone = rig.await(begun, AwaitFor.GONE);
    Object stopped = rig.await(begun, AwaitFor.STOPPED);
    Object started = rig.await(fresh, AwaitFor.STARTED);

    rig.shutdown(ShutdownMode.FAST);
    rig.wake();

    assertFalse(rig.effects.ends().isEmpty());
    for (Object waiter : List.of(gone, stopped, started)) {
      assertEquals("POSTMASTER_DIED", rig.outcome(waiter));
    }
    assertEquals("ok", rig.outcome(rig.await(begun, AwaitFor.STARTED)), "that was decided before");
  }

  @Test // T-140
  void aNotificationGoesToTheAddressOfItsOwnRegistrationOnly() {
    CoreRig small = CoreRig.with().workers(1).started();
    for (Terms tenant :
        List.of(worker("a").notify("one"), worker("silent"), worker("b").notify("two"))) {
      small.exit(small.running(tenant), End.returned());
    }

    List<String> told =
        small.effects.notifies().stream()
            .map(n -> n.address() + ' ' + n.status().name() + ' ' + n.status().generation())
            .toList();
    assertEquals(List.of("one a 1", "one a 1", "two b 3", "two b 3"), told);
  }
}
