package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.ShutdownMode;
import dev.postmaster.StartTime;
import dev.postmaster.Target;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract §5: phases, requirements, and what a waiting worker says it waits for. */
class HoldsTest {

  private final CoreRig rig = CoreRig.started();

  private static void advance(CoreRig rig, Phase to) {
    rig.core.advance(to, By.CODE, rig.now());
  }

  @Test
  void aWorkerStartsWhenThePhaseHasReachedItsStart() {
    CoreRig early = CoreRig.with().phase(Phase.STARTUP).started();
    early.register(worker("first").startAt(StartTime.POSTMASTER_START));
    early.register(worker("second").startAt(StartTime.CONSISTENT_STATE));
    early.register(worker("third").startAt(StartTime.RECOVERY_FINISHED));

    assertEquals(List.of("first"), early.launched());
    advance(early, Phase.CONSISTENT);
    assertEquals(List.of("first", "second"), early.launched());
    advance(early, Phase.RUN);
    assertEquals(List.of("first", "second", "third"), early.launched());
  }

  @Test
  void theSamePhaseIsNothingAndBackwardsIsRefused() {
    CoreRig early = CoreRig.with().phase(Phase.CONSISTENT).started();
    int before = early.effects.records().size();

    advance(early, Phase.CONSISTENT);

    assertEquals(before, early.effects.records().size());
    assertEquals(
        ErrorCode.BAD_REQUEST, CoreRig.refusal(() -> advance(early, Phase.STARTUP)).code());
    assertEquals(Phase.CONSISTENT, early.core.phase());
  }

  @Test
  void aRequirementHoldsUntilItsWorkerIsReady() {
    Handle needy = rig.register(worker("needy").requires("base"));
    assertEquals("requires:base", rig.status(needy).waiting());

    Handle base = rig.register(worker("base"));
    assertEquals(WorkerState.REGISTERED, rig.state(needy));
    rig.begin(base);

    assertEquals(WorkerState.STARTING, rig.state(needy));
  }

  @Test
  void aRequirementThatHasCompletedIsMetForGood() {
    Handle base = rig.running(worker("base"));
    rig.exit(base, End.returned());

    Handle needy = rig.register(worker("needy").requires("base"));

    assertEquals(WorkerState.STARTING, rig.state(needy));
  }

  @Test
  void aRequirementHoldsRestartsTooAndStopsNobody() {
    Handle base = rig.running(worker("base"));
    Handle needy = rig.running(worker("needy").requires("base").restart(1));
    rig.terminate(base);
    rig.leave(base);
    assertEquals(WorkerState.RUNNING, rig.state(needy));

    rig.fail(needy);
    rig.advance(10);

    assertEquals(WorkerState.BACKOFF, rig.state(needy));
    assertEquals("requires:base", rig.status(needy).waiting());
  }

  @Test
  void afterDoesNotHoldForANameThatNobodyHas() {
    Handle alone = rig.register(worker("alone").after("nobody"));
    assertEquals(WorkerState.STARTING, rig.state(alone));

    Handle first = rig.register(worker("first"));
    Handle second = rig.register(worker("second").after("first"));
    assertEquals("after:first", rig.status(second).waiting());
    rig.begin(first);
    assertEquals(WorkerState.STARTING, rig.state(second));
  }

  @Test
  void theFirstHoldInTheOrderOfTheContractIsNamed() {
    CoreRig early = CoreRig.with().phase(Phase.STARTUP).started();
    Handle held = early.register(worker("held").type("t").requires("base"));
    early.core.pause(Target.type("t"), Long.MAX_VALUE, By.OPERATOR, early.now());

    assertEquals("phase", early.status(held).waiting());
    advance(early, Phase.RUN);
    assertEquals("requires:base", early.status(held).waiting());
    early.running(worker("base"));
    assertEquals("paused", early.status(held).waiting());
    early.core.resume(Target.type("t"), By.OPERATOR, early.now());
    assertEquals(WorkerState.STARTING, early.state(held));
  }

  @Test
  void aPhaseStopsNobodyAndIsARecordOfThePostmastersOwn() {
    CoreRig early = CoreRig.with().phase(Phase.STARTUP).started();
    Handle runs = early.register(worker("runs").startAt(StartTime.POSTMASTER_START));
    early.begin(runs);

    advance(early, Phase.CONSISTENT);

    assertEquals(WorkerState.RUNNING, early.state(runs));
    var last = early.effects.records().get(early.effects.records().size() - 1);
    assertTrue(last.own());
    assertEquals("STARTUP>CONSISTENT phase", CoreRig.edge(last));
    assertFalse(early.core.gateClosed());
  }

  @ParameterizedTest // T-060 to T-074
  @CsvSource({
    "STARTUP, POSTMASTER_START, STARTING",
    "STARTUP, CONSISTENT_STATE, REGISTERED",
    "STARTUP, RECOVERY_FINISHED, REGISTERED",
    "CONSISTENT, POSTMASTER_START, STARTING",
    "CONSISTENT, CONSISTENT_STATE, STARTING",
    "CONSISTENT, RECOVERY_FINISHED, REGISTERED",
    "RUN, POSTMASTER_START, STARTING",
    "RUN, CONSISTENT_STATE, STARTING",
    "RUN, RECOVERY_FINISHED, STARTING"
  })
  void phaseTimesStartTimeIsTheTable(Phase phase, StartTime start, WorkerState state) {
    CoreRig early = CoreRig.with().phase(phase).started();

    Handle handle = early.register(worker("w").startAt(start));

    assertEquals(state, early.state(handle));
    assertEquals(state == WorkerState.REGISTERED ? "phase" : "", early.status(handle).waiting());
  }

  @ParameterizedTest // T-060 to T-074
  @EnumSource(StartTime.class)
  void nothingStartsOnceTheGateIsClosedWhateverItsStart(StartTime start) {
    rig.running(worker("stays").stop(25, 5));
    Handle runs = rig.running(worker("runs").startAt(start).restart(0));
    Handle rests = rig.running(worker("rests").startAt(start).restart(1));
    rig.fail(rests);
    Handle held = rig.register(worker("held").startAt(start).requires("runs", "nobody"));
    int launches = rig.effects.launches().size();

    rig.shutdown(ShutdownMode.FAST);
    rig.fail(runs);
    rig.advance(20);

    assertEquals(launches, rig.effects.launches().size());
    for (Handle handle : List.of(runs, rests, held)) {
      assertEquals(WorkerState.FREE, rig.state(handle));
    }
    assertEquals(List.of(), rig.effects.ends(), "it is the gate, not the end");
  }

  @Test // T-076
  void aRunStaysTheSameWhenThePhaseMovesOn() {
    CoreRig early = CoreRig.with().phase(Phase.CONSISTENT).started();
    Handle handle = early.register(worker("w").startAt(StartTime.CONSISTENT_STATE));
    Run run = early.begin(handle);
    List<String> edges = early.edges(handle);

    advance(early, Phase.RUN);

    assertEquals(run, early.run(handle));
    assertEquals(edges, early.edges(handle));
    assertEquals(List.of(run), early.effects.launches());
  }
}
