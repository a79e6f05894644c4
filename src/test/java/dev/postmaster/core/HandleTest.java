package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.HandleStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract §4: slots, generations and what a handle answers in every state. */
class HandleTest {

  private static final String OTHER_EPOCH = "01JDA3AN0THER0EPOCH0000000";

  private final CoreRig rig = CoreRig.started();

  @Test // T-020
  void statusIsNotYetStartedThenStartedWithTheRun() {
    Handle handle = rig.register(worker("a"));

    assertEquals(WorkerState.STARTING, rig.state(handle));
    assertEquals(HandleStatus.NOT_YET_STARTED, rig.status(handle).status());

    Run run = rig.begin(handle);

    assertEquals(HandleStatus.STARTED, rig.status(handle).status());
    assertEquals(run.runId(), rig.status(handle).runId());
  }

  @Test
  void runIdIsTheSequenceNumberOfItsLaunchRecord() {
    CoreRig later = CoreRig.with().headSeq(1_000).started();
    Handle handle = later.register(worker("a"));

    assertEquals(1_002, later.run(handle).runId());
    assertEquals(1_002, later.core.seq());
  }

  @Test // T-095
  void handleStaysValidAcrossRestartsAndEachRunHasItsOwnId() {
    Handle handle = rig.running(worker("a").restart(5));
    Run first = rig.run(handle);

    rig.fail(handle);
    HandleStatus between = rig.status(handle).status();
    rig.advance(5);
    rig.begin(handle);

    assertEquals(HandleStatus.STOPPED, between);
    assertEquals(HandleStatus.STARTED, rig.status(handle).status());
    assertEquals(first.generation(), rig.run(handle).generation());
    assertNotEquals(first.runId(), rig.run(handle).runId());
  }

  @Test
  void statusIsWhatItWasBeforeWhileARunIsLaunchedAndHasNotBegun() {
    Handle handle = rig.running(worker("a").restart(0));
    rig.fail(handle);

    assertEquals(WorkerState.STARTING, rig.state(handle));
    assertEquals(HandleStatus.STOPPED, rig.status(handle).status());

    Handle fresh = rig.register(worker("b").restart(0));
    rig.exit(fresh, End.startFailed("no thread"));

    assertEquals(HandleStatus.NOT_YET_STARTED, rig.status(fresh).status());
  }

  @Test
  void statusOfAStoppingRunSaysWhetherItHadBegun() {
    Handle begun = rig.running(worker("a"));
    Handle fresh = rig.register(worker("b"));

    rig.terminate(begun);
    rig.terminate(fresh);

    assertEquals(HandleStatus.STARTED, rig.status(begun).status());
    assertEquals(HandleStatus.NOT_YET_STARTED, rig.status(fresh).status());
    rig.advance(15);
    assertEquals(WorkerState.ABANDONED, rig.state(begun));
    assertEquals(HandleStatus.STARTED, rig.status(begun).status());
    assertEquals(HandleStatus.NOT_YET_STARTED, rig.status(fresh).status());
  }

  @Test
  void goneRegistrationIsFreeAndStoppedWithItsLastExit() {
    Handle handle = rig.running(worker("a").never());
    rig.fail(handle);

    assertEquals(WorkerState.FREE, rig.state(handle));
    assertEquals(HandleStatus.STOPPED, rig.status(handle).status());
    assertEquals(Exit.FAILED, rig.lastExit(handle));
    assertEquals("it failed", rig.status(handle).last().message());
    assertEquals(0, rig.status(handle).runId());
  }

  @Test // T-115
  void terminateOfOneThatIsGoneSucceedsAndDoesNothing() {
    Handle handle = rig.running(worker("a"));
    rig.exit(handle, End.returned());
    int mark = rig.effects.mark();

    assertEquals(WorkerState.FREE, rig.terminate(handle));

    assertTrue(rig.effects.since(mark).isEmpty());
    Handle next = rig.running(worker("b"));
    assertTrue(!rig.status(next).terminate());
  }

  @Test // T-116
  void terminateWithAStaleHandleLeavesTheNewTenantAlone() {
    Handle old = rig.running(worker("a"));
    rig.exit(old, End.returned());
    Handle tenant = rig.running(worker("b"));
    int mark = rig.effects.mark();

    assertEquals(ErrorCode.STALE_HANDLE, CoreRig.refusal(() -> rig.terminate(old)).code());

    assertTrue(rig.effects.since(mark).isEmpty());
    assertEquals(WorkerState.RUNNING, rig.state(tenant));
  }

  @Test
  void handleOfAnotherEpochOrOfNoRegistrationYetIsStale() {
    Handle mine = rig.running(worker("a"));
    Handle other = new Handle(OTHER_EPOCH, mine.slot(), mine.generation());
    Handle unborn = new Handle(mine.epoch(), mine.slot(), mine.generation() + 1);
    Handle neverUsed = new Handle(mine.epoch(), 5, 1);
    Handle outside = new Handle(mine.epoch(), 8, 1);

    for (Handle stale : new Handle[] {other, unborn, neverUsed, outside}) {
      assertEquals(ErrorCode.STALE_HANDLE, CoreRig.refusal(() -> rig.terminate(stale)).code());
      assertEquals(ErrorCode.STALE_HANDLE, signalRefusal(stale));
      assertEquals("ok", rig.outcome(rig.await(stale, AwaitFor.GONE)));
      assertEquals("NOT_STARTED", rig.outcome(rig.await(stale, AwaitFor.STARTED)));
    }
    assertEquals(WorkerState.RUNNING, rig.state(mine));
  }

  private ErrorCode signalRefusal(Handle handle) {
    return CoreRig.refusal(() -> rig.core.signal(handle, Signal.USR1, By.CODE, rig.now())).code();
  }

  @Test
  void registrationThatWaitsToBeRestartedHoldsItsSlotAndCounts() {
    CoreRig one = CoreRig.with().workers(1).started();
    Handle handle = one.running(worker("a"));
    one.fail(handle);

    assertEquals(WorkerState.BACKOFF, one.state(handle));
    assertEquals(ErrorCode.NO_FREE_SLOT, one.refused(worker("b")).code());
  }

  @Test
  void generationsGoUpOverACrashCycleToo() {
    Handle a = rig.running(worker("a").shared());
    Handle gone = rig.running(worker("b").shared().never());
    rig.crash(a);
    rig.leave(gone);

    assertEquals(WorkerState.STARTING, rig.state(a));
    assertEquals(2, rig.register(worker("c")).generation());
  }

  @Test
  void afterTheEndAHandleAnswersThatThePostmasterDied() {
    Handle handle = rig.running(worker("a"));
    rig.shutdown(ShutdownMode.FAST);
    rig.leave(handle);

    assertEquals(ErrorCode.POSTMASTER_DIED, CoreRig.refusal(() -> rig.terminate(handle)).code());
  }

  @Test
  void lateAnswersOfAnEarlierRunChangeNothing() {
    Handle handle = rig.running(worker("a").restart(0));
    Run old = rig.run(handle);
    rig.fail(handle);
    Run late = new Run(old.slot(), old.generation() + 1, old.runId());
    int mark = rig.effects.mark();

    for (Run stale : new Run[] {old, late, new Run(7, 1, 1), new Run(99, 1, 1)}) {
      rig.core.started(stale, rig.now());
      rig.core.ready(stale, true, rig.now());
      rig.core.extendStart(stale, rig.now());
      rig.core.extendStop(stale, rig.now());
      rig.core.ended(stale, End.crashed("late"), rig.now());
      rig.core.gone(stale, End.crashed("late"), rig.now());
    }

    assertTrue(rig.effects.since(mark).isEmpty());
    assertEquals(WorkerState.STARTING, rig.state(handle));
  }

  @Test // T-026 T-120
  void workerOutlivesItsRegistrantAndAnybodyWithTheHandleMayEndIt() {
    Handle registrant = rig.running(worker("registrant"));
    Handle child = rig.running(worker("child"));

    rig.exit(registrant, End.returned());

    assertEquals(WorkerState.RUNNING, rig.state(child));
    assertEquals(WorkerState.STOPPING, rig.core.terminate(child, By.OPERATOR, rig.now()));
  }

  @Test
  void anAnswerForASlotThatIsNotHereIsDropped() {
    CoreRig one = CoreRig.with().workers(1).started();
    one.running(worker("a"));
    int mark = one.effects.mark();

    one.core.gone(new Run(1, 1, 1), End.returned(), one.now());

    assertEquals(List.of(), one.effects.since(mark));
  }
}
