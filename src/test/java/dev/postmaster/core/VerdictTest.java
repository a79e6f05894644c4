package dev.postmaster.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import org.junit.jupiter.api.Test;

/** What the end of a run counts as: contract §7. */
class VerdictTest {

  private static Slot slot(WorkerState state, Cause reason) {
    Slot slot = new Slot(0);
    slot.terms = WorkerSpec.of("w", () -> null).terms();
    slot.state = state;
    slot.reason = reason;
    slot.begun = true;
    return slot;
  }

  @Test
  void aRunToldByTermWhoseEndIsSlowToCloseIsFailed() {
    Slot slot = slot(WorkerState.STOPPING, Cause.EXIT);

    assertEquals(Exit.FAILED, Verdict.of(slot, End.returned().afterTell(false)).exit());
  }

  @Test
  void aRunThatEndedFirstKeepsItsExitWhateverTheStop() {
    Slot slot = slot(WorkerState.STOPPING, Cause.TERMINATE);

    assertEquals(Exit.CRASHED, Verdict.of(slot, End.crashed("boom")).exit());
  }

  @Test
  void anExplicitExitCountsAfterTheTellButNotAfterAMissedStart() {
    End exit = End.exited(0, "").afterTell(false);

    assertEquals(Exit.COMPLETED, Verdict.of(slot(WorkerState.STOPPING, Cause.DRAIN), exit).exit());
    assertEquals(
        Exit.START_TIMEOUT,
        Verdict.of(slot(WorkerState.STOPPING, Cause.START_TIMEOUT), exit).exit());
  }
}
