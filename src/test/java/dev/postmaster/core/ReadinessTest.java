package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.Readiness;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import dev.postmaster.support.Terms;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Contract §6: from launch until ready, and the clock that judges it. */
class ReadinessTest {

  private final CoreRig rig = CoreRig.started();

  private static Terms said(String name) {
    return worker(name).ready(Readiness.SAID).startTimeout(Duration.ofSeconds(10));
  }

  private void ready(Handle handle, boolean ready) {
    rig.core.ready(rig.run(handle), ready, rig.now());
  }

  @Test
  void oneThatIsReadyAtOnceHasNoEdgeOfItsOwnForIt() {
    Handle handle = rig.running(worker("w"));

    assertTrue(rig.status(handle).ready());
    assertEquals("STARTING>RUNNING started", rig.lastEdge(handle));
    assertTrue(rig.lastRecord(handle).ready());
  }

  @Test
  void readinessIsSaidLostAndRegained() {
    Handle handle = rig.running(said("w"));
    assertFalse(rig.status(handle).ready());

    ready(handle, true);
    assertEquals("RUNNING>RUNNING ready", rig.lastEdge(handle));
    ready(handle, true);
    assertEquals(4, rig.edges(handle).size());
    ready(handle, false);
    assertEquals("RUNNING>RUNNING not-ready", rig.lastEdge(handle));
    ready(handle, true);
    assertTrue(rig.status(handle).ready());
  }

  @Test
  void whoIsNotReadyInTimeIsStoppedAndComesAgain() {
    Handle handle = rig.running(said("w"));

    rig.advance(Duration.ofMillis(9_999));
    assertEquals(WorkerState.RUNNING, rig.state(handle));
    rig.advance(Duration.ofMillis(1));
    assertEquals("RUNNING>STOPPING start-timeout", rig.lastEdge(handle));

    rig.leave(handle);
    assertEquals(Exit.START_TIMEOUT, rig.lastExit(handle));
    assertEquals(WorkerState.BACKOFF, rig.state(handle));
  }

  @Test
  void aStartThatNeverBeginsIsStoppedToo() {
    Handle handle = rig.register(worker("w").startTimeout(Duration.ofSeconds(3)));

    rig.advance(3);

    assertEquals("STARTING>STOPPING start-timeout", rig.lastEdge(handle));
  }

  @Test
  void onceReadyTheStartTimeoutIsOverEvenIfReadinessIsLost() {
    Handle handle = rig.running(said("w"));
    ready(handle, true);
    ready(handle, false);

    rig.advance(Duration.ofHours(1));

    assertEquals(WorkerState.RUNNING, rig.state(handle));
  }

  @Test
  void theStartIsExtendedNineTimesAtMost() {
    Handle handle = rig.running(said("w"));

    for (int n = 0; n < 12; n++) {
      rig.advance(9);
      rig.core.extendStart(rig.run(handle), rig.now());
      if (rig.state(handle) != WorkerState.RUNNING) {
        break;
      }
    }

    assertEquals("RUNNING>STOPPING start-timeout", rig.lastEdge(handle));
    long lasted = rig.lastRecord(handle).at() - rig.status(handle).startedAt();
    assertTrue(lasted >= 90_000 && lasted <= 100_000, "it lasted " + lasted + " ms");
  }

  @Test
  void readyByUptimeComesWhenTheTimeHasPassed() {
    Handle handle = rig.running(worker("w").ready(Readiness.after(Duration.ofSeconds(4))));

    rig.advance(Duration.ofMillis(3_999));
    assertFalse(rig.status(handle).ready());
    rig.advance(Duration.ofMillis(1));
    assertEquals("RUNNING>RUNNING ready", rig.lastEdge(handle));
  }

  @Test
  void aStallMovesWhatJudgesAWorkerButNotItsRestart() {
    Handle judged = rig.running(said("judged"));
    Handle failed = rig.running(worker("failed").restart(5));
    rig.fail(failed);

    rig.stall(Duration.ofSeconds(8));
    rig.wake();
    assertEquals(WorkerState.STARTING, rig.state(failed));
    assertEquals(WorkerState.RUNNING, rig.state(judged));
    rig.advance(9);
    assertEquals(WorkerState.RUNNING, rig.state(judged));
    rig.advance(1);
    assertEquals(WorkerState.STOPPING, rig.state(judged));
  }

  @Test
  void whatALateRunSaysAboutItsReadinessIsDropped() {
    Handle handle = rig.running(said("w").restart(1));
    Run late = rig.run(handle);
    rig.fail(handle);
    rig.advance(1);
    rig.begin(handle);

    rig.core.ready(late, true, rig.now());

    assertFalse(rig.status(handle).ready());
  }
}
