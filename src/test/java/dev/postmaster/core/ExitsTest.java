package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.Signal;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import dev.postmaster.support.Terms;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Contract §7: how a run ends, and what follows. */
class ExitsTest {

  private final CoreRig rig = CoreRig.started();

  @Test
  void whoCompletesIsForgottenWhateverItsRestart() {
    Handle handle = rig.running(worker("w").restart(1));

    rig.exit(handle, End.exited(0, ""));

    assertEquals(WorkerState.FREE, rig.state(handle));
    assertEquals(Exit.COMPLETED, rig.lastRecord(handle).exit());
    assertEquals(0, rig.lastRecord(handle).code());
    assertEquals(0, rig.core.used());
    rig.advance(3_600);
    assertEquals(1, rig.effects.launches().size());
  }

  @Test
  void whoFailsIsStartedAgainNotBeforeItsInterval() {
    Handle handle = rig.running(worker("w").restart(5));

    rig.fail(handle);
    assertEquals("RUNNING>BACKOFF exit", rig.lastEdge(handle));
    assertEquals(5_000, rig.lastRecord(handle).restartInMs());
    rig.advance(Duration.ofNanos(4_999_999_999L));
    assertEquals(WorkerState.BACKOFF, rig.state(handle));
    rig.advance(Duration.ofNanos(1));
    assertEquals("BACKOFF>STARTING restart-timer", rig.lastEdge(handle));
    assertEquals(2, rig.status(handle).starts());
  }

  @Test
  void anIntervalOfZeroStartsAgainInTheSameTurn() {
    Handle handle = rig.running(worker("w").restart(0));

    rig.fail(handle);

    assertEquals("BACKOFF>STARTING restart-timer", rig.lastEdge(handle));
  }

  @Test
  void whoFailsAndIsNeverRestartedIsForgotten() {
    Handle handle = rig.running(worker("w").never());

    rig.fail(handle);

    assertEquals("RUNNING>FREE exit", rig.lastEdge(handle));
    assertEquals(Exit.FAILED, rig.lastRecord(handle).exit());
    assertEquals(1, rig.lastRecord(handle).code());
  }

  @Test
  void aCrashWithoutSharedMemoryIsLikeAFailure() {
    Handle handle = rig.running(worker("w"));
    Handle neighbour = rig.running(worker("n").shared());

    rig.exit(handle, End.exited(3, "bad"));

    assertEquals("RUNNING>BACKOFF exit", rig.lastEdge(handle));
    assertEquals(Exit.CRASHED, rig.lastRecord(handle).exit());
    assertEquals(3, rig.lastRecord(handle).code());
    assertEquals(WorkerState.RUNNING, rig.state(neighbour));
  }

  @Test
  void aFailedStartHasNoCodeAndComesAgain() {
    Handle handle = rig.register(worker("w").restart(2));

    rig.exit(handle, End.startFailed("no entry point"));

    assertEquals("STARTING>BACKOFF start-failed", rig.lastEdge(handle));
    assertEquals(Exit.START_FAILED, rig.lastRecord(handle).exit());
    assertEquals(Transition.NO_CODE, rig.lastRecord(handle).code());
    rig.advance(2);
    assertEquals(WorkerState.STARTING, rig.state(handle));
  }

  @Test
  void whoEndedFirstKeepsItsExitAlthoughItIsStopping() {
    Handle handle = rig.running(worker("w").restart(5));
    rig.core.ended(rig.run(handle), End.threw("first"), rig.now());
    assertEquals("RUNNING>STOPPING exit", rig.lastEdge(handle));

    rig.core.gone(rig.run(handle), End.threw("first"), rig.now());

    assertEquals("STOPPING>BACKOFF exit", rig.lastEdge(handle));
    assertEquals(Exit.FAILED, rig.lastExit(handle));
    assertEquals("first", rig.status(handle).last().message());
  }

  @Test
  void aTermSignalThatEndsARunIsAFailureAndItComesAgain() {
    Handle handle = rig.running(worker("w").restart(1));
    rig.core.signal(handle, Signal.TERM, By.OPERATOR, rig.now());
    assertEquals(WorkerState.RUNNING, rig.state(handle));

    rig.exit(handle, End.threw("told by TERM"));

    assertEquals(Exit.FAILED, rig.lastExit(handle));
    assertEquals(WorkerState.BACKOFF, rig.state(handle));
  }

  @Test
  void terminateForgetsWhateverExitTheRunNames() {
    for (int code : new int[] {0, 1, 3}) {
      Handle handle = rig.running(worker("w" + code).shared());
      Handle neighbour = rig.running(worker("n" + code).shared());
      rig.terminate(handle);

      rig.exit(handle, End.exited(code, "").afterTell(false));

      assertEquals(WorkerState.FREE, rig.state(handle));
      assertEquals(WorkerState.RUNNING, rig.state(neighbour), "exit " + code + " after the tell");
      rig.terminate(neighbour);
      rig.leave(neighbour);
    }
  }

  @Test
  void failuresOfAKindAreCountedAndTheFirstIsDated() {
    Handle handle = rig.running(worker("w").restart(1));
    rig.fail(handle);
    long firstAt = rig.status(handle).last().firstAt();
    rig.advance(1);
    rig.begin(handle);
    rig.fail(handle);

    assertEquals(2, rig.status(handle).last().times());
    assertEquals(firstAt, rig.status(handle).last().firstAt());
    assertTrue(rig.status(handle).last().at() > firstAt);
    assertEquals(2, rig.status(handle).exits().get(Exit.FAILED.ordinal() - 1));
    assertFalse(rig.status(handle).ready());
  }

  @Test
  void laterEndsOfTheSameRunChangeNothing() {
    Handle handle = rig.running(worker("w").restart(9));
    Run run = rig.run(handle);
    rig.exit(run, End.threw("once"));
    int records = rig.effects.records().size();

    rig.exit(run, End.crashed("twice"));
    rig.core.ended(run, End.returned(), rig.now());
    rig.core.started(run, rig.now());

    assertEquals(records, rig.effects.records().size());
    assertEquals("once", rig.status(handle).last().message());
  }

  @ParameterizedTest // T-150
  @CsvSource({
    "0, false, 5, FREE, false",
    "0, false, -1, FREE, false",
    "0, true, 5, FREE, false",
    "0, true, -1, FREE, false",
    "1, false, 5, BACKOFF, false",
    "1, false, -1, FREE, false",
    "1, true, 5, BACKOFF, false",
    "1, true, -1, FREE, false",
    "2, false, 5, BACKOFF, false",
    "2, false, -1, FREE, false",
    "2, true, 5, STARTING, true",
    "2, true, -1, FREE, true"
  })
  void exitTimesMemoryTimesRestartIsTheTable(
      int code, boolean shared, long restart, WorkerState state, boolean cycle) {
    Terms terms = worker("w").restart(restart);
    Handle handle = rig.running(shared ? terms.shared() : terms);

    rig.exit(handle, End.exited(code, ""));

    assertEquals(state, rig.state(handle));
    assertEquals(cycle ? 1 : 0, rig.effects.resets().size());
    assertEquals(code, rig.status(handle).last().code());
  }
}
