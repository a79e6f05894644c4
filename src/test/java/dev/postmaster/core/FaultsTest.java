package dev.postmaster.core;

import static dev.postmaster.ErrorCode.INVALID_SPEC;
import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.By;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.Readiness;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.Target;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import dev.postmaster.support.Emitted;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each of these was a fault of the core once. */
class FaultsTest {

  private final CoreRig rig = CoreRig.started();

  /** The search for a cycle was recursive: a long chain ended the postmaster. */
  @Test
  void chainOfAHundredThousandRequirementsIsWalkedWithoutAStack() {
    int length = 100_000;
    CoreRig large = CoreRig.with().workers(length + 1).phase(Phase.STARTUP).started();
    for (int i = 0; i < length; i++) {
      large.register(worker("w" + i).requires("w" + (i + 1)));
    }

    assertEquals(INVALID_SPEC, large.refused(worker("w" + length).requires("w0")).code());
    large.register(worker("top").requires("w0"));
  }

  /** The message of the refusal overflowed, so that it was no refusal. */
  @Test
  void durationsBeyondSixtyFourBitsOfMillisecondsAreRefusedLikeAnyOther() {
    Duration endless = Duration.ofSeconds(Long.MAX_VALUE);

    assertEquals(INVALID_SPEC, rig.refused(worker("a").restart(endless)).code());
    assertEquals(INVALID_SPEC, rig.refused(worker("a").startTimeout(endless)).code());
    assertEquals(INVALID_SPEC, rig.refused(worker("a").grace(endless.negated())).code());
    assertEquals(INVALID_SPEC, rig.refused(worker("a").ready(Readiness.after(endless))).code());
  }

  /** It waited for the start for ever. */
  @Test
  void shutdownBeforeTheStartEndsToo() {
    CoreRig early = CoreRig.with().notStarted();
    Handle handle = early.registerStatic(worker("a"));
    Object waiter = early.await(handle, AwaitFor.STARTED);

    early.shutdown(ShutdownMode.FAST);

    assertEquals("NOT_STARTED", early.outcome(waiter));
    assertEquals(List.of(new Emitted.Ended(false)), early.effects.ends());
  }

  /** A higher mode after the end wrote into the closed journal. */
  @Test
  void nothingIsRecordedAfterTheEnd() {
    rig.shutdown(ShutdownMode.FAST);
    int mark = rig.effects.mark();

    assertEquals(ShutdownMode.FAST, rig.shutdown(ShutdownMode.IMMEDIATE));
    rig.core.abort("too late", rig.now());

    assertEquals(List.of(), rig.effects.since(mark));
  }

  /** It was answered POSTMASTER_DIED, though the worker had been forgotten before. */
  @Test
  void whatWasDecidedBeforeTheEndWinsOverTheEnd() {
    CoreRig early = CoreRig.with().phase(Phase.STARTUP).started();
    Handle handle = early.register(worker("a"));
    early.terminate(handle);
    early.shutdown(ShutdownMode.FAST);

    assertEquals("NOT_STARTED", early.outcome(early.await(handle, AwaitFor.STARTED)));
    assertEquals("ok", early.outcome(early.await(handle, AwaitFor.STOPPED)));
  }

  /** A worker's own pause held on, though the latest order that met it was to go on. */
  @Test
  void resumeOfATypeLetsGoOfAWorkerThatWasPausedByItself() {
    Handle handle = rig.running(worker("a").type("kind").restart(0));
    rig.core.pause(Target.of(handle), Long.MAX_VALUE, By.OPERATOR, rig.now());
    rig.fail(handle);
    assertEquals("paused", rig.status(handle).waiting());

    rig.core.resume(Target.type("kind"), By.OPERATOR, rig.now());

    assertEquals(WorkerState.STARTING, rig.state(handle));
  }

  /** It counted as TERMINATED: neither a failure, nor by any reason of a stop. */
  @Test
  void workerToldByTermThatLeavesSomethingToCloseHasFailed() {
    Handle handle = rig.running(worker("a").restart(5));
    Run run = rig.run(handle);
    rig.core.signal(handle, Signal.TERM, By.CODE, rig.now());
    End end = End.returned().afterTell(false);

    rig.core.ended(run, end, rig.now());
    assertEquals("RUNNING>STOPPING exit", rig.lastEdge(handle));
    rig.exit(run, end);

    assertEquals("STOPPING>BACKOFF exit", rig.lastEdge(handle));
    assertEquals(Exit.FAILED, rig.lastExit(handle));
    assertEquals(1, rig.status(handle).failures());
  }
}
