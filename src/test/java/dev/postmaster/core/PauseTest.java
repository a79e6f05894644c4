package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.Target;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract §13's parallel class, and §14: pause, drain and resume. */
class PauseTest {

  private static final long EVER = Long.MAX_VALUE;

  private final CoreRig rig = CoreRig.started();

  private int pause(Target target) {
    return rig.core.pause(target, EVER, By.OPERATOR, rig.now());
  }

  private int drain(Target target) {
    return rig.core.drain(target, EVER, By.OPERATOR, rig.now());
  }

  private int resume(Target target) {
    return rig.core.resume(target, By.OPERATOR, rig.now());
  }

  @Test
  void aPauseHoldsStartsAndRestartsAndLetsRunsGoOn() {
    Handle runs = rig.running(worker("runs").type("t").restart(1));
    assertEquals(1, pause(Target.type("t")));
    Handle late = rig.register(worker("late").type("t"));
    assertEquals("paused", rig.status(late).waiting());
    assertTrue(rig.status(late).paused());
    assertEquals(WorkerState.RUNNING, rig.state(runs));

    rig.fail(runs);
    rig.advance(60);
    assertEquals("paused", rig.status(runs).waiting());

    assertEquals(2, resume(Target.type("t")));
    assertEquals(WorkerState.STARTING, rig.state(runs));
    assertEquals(WorkerState.STARTING, rig.state(late));
  }

  @Test
  void aDrainStopsRunsThatComeAgainAtOnceAfterTheResume() {
    Handle keeps = rig.running(worker("keeps").restart(3_600));
    Handle never = rig.running(worker("never").never());

    assertEquals(2, drain(Target.all()));
    assertEquals("RUNNING>STOPPING drain", rig.lastEdge(keeps));
    rig.leave(keeps);
    rig.leave(never);

    assertEquals(WorkerState.BACKOFF, rig.state(keeps));
    assertEquals(WorkerState.FREE, rig.state(never));
    rig.advance(Duration.ofHours(2));
    assertEquals(WorkerState.BACKOFF, rig.state(keeps));
    resume(Target.all());
    assertEquals("BACKOFF>STARTING restart-timer", rig.lastEdge(keeps));
  }

  @Test
  void eachKindOfTargetMeetsItsOwn() {
    Handle one = rig.register(worker("one").type("t").domain("d").requires("nobody"));
    Handle other = rig.register(worker("other").requires("nobody"));

    pause(Target.of(one));
    assertTrue(rig.status(one).paused());
    assertFalse(rig.status(other).paused());
    resume(Target.of(one));
    assertFalse(rig.status(one).paused());

    assertEquals(1, pause(Target.domain("d")));
    assertTrue(rig.status(one).paused());
    assertEquals(1, resume(Target.domain("d")));
    assertEquals(2, pause(Target.all()));
    assertTrue(rig.status(other).paused());
  }

  @Test
  void theEndTimeIsStateAndEndsThePause() {
    long until = rig.now() + Duration.ofSeconds(10).toNanos();
    rig.core.pause(Target.all(), until, By.OPERATOR, rig.now());
    Handle handle = rig.register(worker("w"));
    assertEquals(rig.status(handle).registeredAt() + 10_000, rig.status(handle).pausedUntil());

    rig.advance(Duration.ofMillis(9_999));
    assertEquals(WorkerState.REGISTERED, rig.state(handle));
    rig.advance(Duration.ofMillis(1));

    assertEquals(WorkerState.STARTING, rig.state(handle));
    assertFalse(rig.status(handle).paused());
  }

  @Test
  void aResumeOfAllLeavesNothingToWakeFor() {
    long until = rig.now() + Duration.ofSeconds(10).toNanos();
    Handle handle = rig.running(worker("w"));
    rig.core.pause(Target.of(handle), until, By.OPERATOR, rig.now());
    rig.core.pause(Target.type("t"), until, By.OPERATOR, rig.now());

    resume(Target.all());

    assertEquals(EVER, rig.core.nextWake());
  }

  @Test
  void eachOrderIsARecordOfThePostmastersOwn() {
    pause(Target.type("t"));
    drain(Target.all());
    resume(Target.all());

    List<Cause> causes = rig.effects.records().stream().map(r -> r.cause()).toList();
    assertEquals(List.of(Cause.PAUSE, Cause.DRAIN, Cause.RESUME), causes);
    assertTrue(rig.effects.records().stream().allMatch(r -> r.own() && r.by() == By.OPERATOR));
    assertEquals("type:t", rig.effects.records().get(0).message());
  }

  @Test
  void aGroupIsRefusedAsNotSupportedYet() {
    Target group = new Target(Target.Kind.GROUP, "g", Optional.empty());

    assertEquals(ErrorCode.BAD_REQUEST, CoreRig.refusal(() -> pause(group)).code());
    assertEquals(List.of(), rig.effects.records());
  }

  private void pauseAsMany(int from) {
    for (int type = from; type < from + Pauses.ORDERS_MAX; type++) {
      pause(Target.type("t" + type));
    }
  }

  @Test
  void soManyTargetsArePausedAndOneMoreIsRefused() {
    pauseAsMany(0);

    assertEquals(ErrorCode.BAD_REQUEST, CoreRig.refusal(() -> pause(Target.all())).code());
    assertEquals(0, pause(Target.type("t1")), "again, which is no more");

    resume(Target.all());
    pauseAsMany(Pauses.ORDERS_MAX);
  }

  @Test
  void aResumeThatIsRefusedHasResumedNobody() {
    Handle handle = rig.register(worker("w").type("own").requires("nobody"));
    pause(Target.of(handle));
    pauseAsMany(0);

    assertEquals(ErrorCode.BAD_REQUEST, CoreRig.refusal(() -> resume(Target.type("own"))).code());

    assertTrue(rig.status(handle).paused());
  }

  @Test // T-194 O-03
  void aParallelWorkerIsCountedUntilItHasLeftBeforeItsSlotIsFree() {
    Handle handle = rig.running(worker("p").parallel());
    assertEquals(1, rig.core.parallelActive());
    rig.terminate(handle);
    assertEquals(1, rig.core.parallelActive());
    rig.effects.probe(
        effect -> {
          if (rig.core.table.free.isFree(handle.slot())) {
            assertEquals(0, rig.core.parallelActive(), effect.toString());
          }
        });

    rig.leave(handle);

    assertEquals(0, rig.core.parallelActive());
    assertEquals(0, rig.core.used());
  }

  @Test
  void anAbandonedParallelWorkerKeepsItsPlace() {
    CoreRig one = CoreRig.with().parallel(1).started();
    Handle handle = one.running(worker("p").parallel().stop(0, 0));
    one.terminate(handle);
    one.wake();
    assertEquals(WorkerState.ABANDONED, one.state(handle));

    assertEquals(ErrorCode.PARALLEL_LIMIT, one.refused(worker("q").parallel()).code());
    one.leave(handle);

    one.register(worker("q").parallel());
  }

  @ParameterizedTest // T-193
  @ValueSource(ints = {-1, Integer.MAX_VALUE})
  void theCountersOfTheParallelMayWrap(int before) {
    CoreRig two = CoreRig.with().parallel(2).started();
    two.core.table.parallelRegistered = before;
    two.core.table.parallelTerminated = before;

    Handle first = two.running(worker("p1").parallel());
    Handle second = two.running(worker("p2").parallel());

    assertEquals(2, two.core.parallelActive());
    assertEquals(ErrorCode.PARALLEL_LIMIT, two.refused(worker("p3").parallel()).code());
    two.exit(first, End.returned());
    two.exit(second, End.returned());
    assertEquals(0, two.core.parallelActive());
    two.register(worker("p3").parallel());
  }
}
