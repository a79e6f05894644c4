package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.Readiness;
import dev.postmaster.ShutdownMode;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract §8: terminate, and the ladder of every stop. */
class LadderTest {

  private final CoreRig rig = CoreRig.started();

  @Test
  void tellInterruptAndAbandonComeInTheirTimes() {
    Handle handle = rig.running(worker("w").stop(10, 5));
    Run run = rig.run(handle);

    assertEquals(WorkerState.STOPPING, rig.terminate(handle));
    assertEquals(run, rig.effects.tells().get(0).run());
    assertEquals(List.of(), rig.effects.interrupts());

    rig.advance(10);
    assertEquals(List.of(run), rig.effects.interrupts());
    assertEquals(WorkerState.STOPPING, rig.state(handle));

    rig.advance(5);
    assertEquals(List.of(run), rig.effects.abandons());
    assertEquals("STOPPING>ABANDONED stop-timeout", rig.lastEdge(handle));
  }

  @Test
  void whoLeavesAfterTheTellIsTerminatedAndAfterTheInterruptKilled() {
    Handle polite = rig.running(worker("polite"));
    Handle rude = rig.running(worker("rude"));
    rig.terminate(polite);
    rig.terminate(rude);
    rig.leave(polite);
    rig.advance(10);
    rig.leave(rude);

    assertEquals(Exit.TERMINATED, rig.lastRecord(polite).exit());
    assertEquals(Exit.KILLED, rig.lastRecord(rude).exit());
  }

  @Test
  void anAbandonedRunHoldsItsSlotUntilItsThreadReturns() {
    CoreRig small = CoreRig.with().workers(1).started();
    Handle handle = small.running(worker("w").stop(0, 0));
    small.terminate(handle);
    small.wake();
    assertEquals(WorkerState.ABANDONED, small.state(handle));
    assertEquals(ErrorCode.NO_FREE_SLOT, small.refused(worker("next")).code());

    small.leave(handle);

    assertEquals("ABANDONED>FREE thread-returned", small.lastEdge(handle));
    small.register(worker("next"));
  }

  @Test
  void terminateIsIdempotentAndTellsOnce() {
    Handle handle = rig.running(worker("w"));
    rig.terminate(handle);
    int records = rig.effects.records().size();

    assertEquals(WorkerState.STOPPING, rig.terminate(handle));

    assertEquals(records, rig.effects.records().size());
    assertEquals(1, rig.effects.tells().size());
  }

  @Test
  void whoIsNotRunningIsForgottenAtOnce() {
    Handle handle = rig.running(worker("w"));
    rig.fail(handle);

    assertEquals(WorkerState.FREE, rig.terminate(handle));

    assertEquals("BACKOFF>FREE terminate", rig.lastEdge(handle));
    rig.advance(60);
    assertEquals(1, rig.effects.launches().size());
  }

  @Test
  void terminateDuringAnotherStopIsARecordAndDecides() {
    Handle handle = rig.running(worker("w").startTimeout(Duration.ofSeconds(1)));
    Handle late =
        rig.running(worker("late").ready(Readiness.SAID).startTimeout(Duration.ofSeconds(1)));
    rig.advance(1);
    assertEquals(WorkerState.RUNNING, rig.state(handle));

    rig.terminate(late);

    assertEquals("STOPPING>STOPPING terminate", rig.lastEdge(late));
    rig.leave(late);
    assertEquals(WorkerState.FREE, rig.state(late));
  }

  @Test
  void whoWasToldBeforeMainIsGoneWithoutHavingRun() {
    Handle handle = rig.register(worker("w"));

    rig.terminate(handle);
    assertEquals("STARTING>STOPPING terminate", rig.lastEdge(handle));
    rig.core.started(rig.run(handle), rig.now());
    assertEquals(WorkerState.STOPPING, rig.state(handle));
    rig.leave(handle);

    assertEquals(Exit.TERMINATED, rig.lastRecord(handle).exit());
  }

  @Test
  void aStopIsExtendedByAGraceNineTimesAtMost() {
    Handle handle = rig.running(worker("w").stop(10, 5));
    rig.terminate(handle);

    for (int n = 0; n < 20; n++) {
      rig.core.extendStop(rig.run(handle), rig.now());
    }
    rig.advance(99);
    assertEquals(List.of(), rig.effects.interrupts());
    rig.advance(1);

    assertEquals(1, rig.effects.interrupts().size());
  }

  @Test
  void noStopIsExtendedOnceAShutdownHasBegun() {
    Handle handle = rig.running(worker("w").stop(10, 5));
    rig.shutdown(ShutdownMode.FAST);

    rig.core.extendStop(rig.run(handle), rig.now());
    rig.advance(10);

    assertEquals(1, rig.effects.interrupts().size());
  }

  @Test
  void aStopNeverTurnsIntoACrashCycle() {
    Handle handle = rig.running(worker("w").shared());
    Handle neighbour = rig.running(worker("n").shared());
    rig.terminate(handle);

    rig.exit(handle, End.crashed("torn").afterTell(true));

    assertEquals(Exit.KILLED, rig.lastRecord(handle).exit());
    assertEquals(WorkerState.RUNNING, rig.state(neighbour));
    assertEquals(List.of(), rig.effects.resets());
    assertTrue(rig.edges(neighbour).stream().noneMatch(e -> e.contains("crash")));
  }

  @Test
  void whoseEndLeavesSomethingToCloseHasTheLadder() {
    Handle handle = rig.running(worker("w").stop(10, 5));

    rig.core.ended(rig.run(handle), End.returned(), rig.now());

    assertEquals("RUNNING>STOPPING exit", rig.lastEdge(handle));
    rig.advance(10);
    assertEquals(1, rig.effects.interrupts().size());
    rig.exit(handle, End.returned());
    assertEquals(Exit.COMPLETED, rig.lastRecord(handle).exit());
    assertFalse(rig.lastRecord(handle).terminate());
  }

  @ParameterizedTest // T-110
  @ValueSource(strings = {"PT0S", "PT5S", "PT24H", "PT-1S"})
  void whoIsTerminatedWhileItRunsIsToldOnceAndForgottenWhateverItsRestart(String restart) {
    Handle handle = rig.running(worker("w").restart(Duration.parse(restart)));
    Run run = rig.run(handle);

    rig.terminate(handle);
    assertEquals(List.of(run), rig.effects.tells().stream().map(told -> told.run()).toList());
    rig.leave(handle);

    assertEquals("STOPPING>FREE exit", rig.lastEdge(handle));
    assertEquals(0, rig.core.used());
    rig.advance(Duration.ofHours(25));
    assertEquals(List.of(run), rig.effects.launches());
  }
}
