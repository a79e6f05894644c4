package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.HandleStatus;
import dev.postmaster.Readiness;
import dev.postmaster.ShutdownMode;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import dev.postmaster.support.Emitted;
import java.time.Duration;
import java.util.List;
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
}
