package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.Flag;
import dev.postmaster.Handle;
import dev.postmaster.StartTime;
import dev.postmaster.Target;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import dev.postmaster.support.Emitted;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract §9: the crash cycle of a domain. */
class CrashCycleTest {

  private final CoreRig rig = CoreRig.started();

  @Test
  void theDomainGoesDownIsRebuiltAndStartsAtOnce() {
    Handle crashed = rig.running(worker("a").shared().restart(60));
    Handle other = rig.running(worker("b").shared().restart(60));

    rig.crash(crashed);
    assertEquals("RUNNING>STOPPING crash-cycle", rig.lastEdge(other));
    assertEquals(1, rig.effects.interrupts().size(), "grace is 0");
    assertEquals(List.of(), rig.effects.resets());
    assertEquals(WorkerState.BACKOFF, rig.state(crashed));
    assertEquals("crash-cycle", rig.status(crashed).waiting());

    rig.leave(other);
    assertEquals(List.of("main"), rig.effects.resets());
    assertEquals("BACKOFF>STARTING crash-cycle", rig.lastEdge(crashed));
    assertEquals("BACKOFF>STARTING crash-cycle", rig.lastEdge(other));
  }

  @Test
  void othersNoticeNothing() {
    Handle crashed = rig.running(worker("a").shared());
    Handle plain = rig.running(worker("plain"));
    Handle far = rig.running(worker("far").shared().domain("far"));

    rig.crash(crashed);

    assertEquals(WorkerState.RUNNING, rig.state(plain));
    assertEquals(WorkerState.RUNNING, rig.state(far));
    assertEquals(List.of("main"), rig.effects.resets());
  }

  @Test
  void thoseWhoAreNeverRestartedAreForgotten() {
    Handle crashed = rig.running(worker("a").shared().never());
    Handle other = rig.running(worker("b").shared().never());

    rig.crash(crashed);
    assertEquals(WorkerState.FREE, rig.state(crashed));
    assertEquals(WorkerState.STOPPING, rig.state(other));
    rig.leave(other);

    assertEquals(WorkerState.FREE, rig.state(other));
    assertEquals(List.of("main"), rig.effects.resets());
  }

  @Test
  void anUnstartedOneThatIsNeverRestartedIsForgottenWithItsWaitsAnswered() {
    Handle crashed = rig.running(worker("a").shared());
    Handle held = rig.register(worker("held").shared().never().requires("nobody"));
    Object waiter = rig.await(held, AwaitFor.STARTED);

    rig.crash(crashed);

    assertEquals("REGISTERED>FREE crash-cycle", rig.lastEdge(held));
    assertEquals("NOT_STARTED", rig.outcome(waiter));
  }

  @Test
  void aTerminateBeforeTheCrashIsNotForgotten() {
    Handle crashed = rig.running(worker("a").shared());
    Handle told = rig.running(worker("b").shared());
    rig.terminate(told);

    rig.crash(crashed);
    rig.leave(told);

    assertEquals(WorkerState.FREE, rig.state(told));
    assertEquals(WorkerState.STARTING, rig.state(crashed));
  }

  @Test
  void whoRegistersDuringTheCycleWaitsForItsEnd() {
    Handle crashed = rig.running(worker("a").shared());
    Handle other = rig.running(worker("b").shared());
    rig.crash(crashed);

    Handle late = rig.register(worker("late").shared());
    Object waiter = rig.await(late, AwaitFor.STARTED);
    assertEquals("crash-cycle", rig.status(late).waiting());
    rig.leave(other);

    assertEquals(WorkerState.STARTING, rig.state(late));
    rig.begin(late);
    assertEquals("ok", rig.outcome(waiter));
  }

  @Test
  void aSecondCrashJoinsTheCycle() {
    Handle a = rig.running(worker("a").shared());
    Handle b = rig.running(worker("b").shared());
    Handle c = rig.running(worker("c").shared());
    Run joins = rig.run(b);
    rig.core.ended(joins, End.crashed("too"), rig.now());

    rig.crash(a);
    rig.core.gone(joins, End.crashed("too"), rig.now());
    rig.leave(c);

    assertEquals(List.of("main"), rig.effects.resets());
    assertEquals(3 + 3, rig.effects.launches().size());
  }

  @Test
  void anAbandonedOneDoesNotHoldTheCycleUp() {
    Handle crashed = rig.running(worker("a").shared());
    Handle deaf = rig.running(worker("deaf").shared().stop(10, 5));

    rig.crash(crashed);
    rig.advance(5);

    assertEquals(WorkerState.ABANDONED, rig.state(deaf));
    assertEquals(List.of("main"), rig.effects.resets());
    assertEquals(WorkerState.STARTING, rig.state(crashed));
    rig.leave(deaf);
    assertEquals(WorkerState.STARTING, rig.state(deaf));
  }

  private static void cycle(CoreRig rig, Handle handle) {
    rig.crash(handle);
    rig.begin(handle);
  }

  @Test
  void moreCyclesThanTheLimitEndThePostmaster() {
    Handle handle = rig.running(worker("a").shared());
    for (int n = 0; n < 3; n++) {
      cycle(rig, handle);
    }
    assertEquals(List.of(), rig.effects.ends());

    rig.crash(handle);

    assertEquals(1, rig.effects.ends().size());
    assertTrue(rig.effects.ends().get(0).abnormal());
  }

  @Test
  void theLimitSlides() {
    Handle handle = rig.running(worker("a").shared());
    for (int n = 0; n < 20; n++) {
      cycle(rig, handle);
      rig.advance(Duration.ofSeconds(201));
    }

    assertEquals(List.of(), rig.effects.ends());
  }

  @Test
  void aCycleCountsUntilItsTimeIsOverToTheNanosecond() {
    assertEquals(1, endsAfterTheFourthCycle(Duration.ofMinutes(10).minusNanos(1)));
    assertEquals(0, endsAfterTheFourthCycle(Duration.ofMinutes(10)));
  }

  private static int endsAfterTheFourthCycle(Duration later) {
    CoreRig of = CoreRig.started();
    Handle handle = of.running(worker("a").shared());
    for (int n = 0; n < 3; n++) {
      cycle(of, handle);
    }
    of.advance(later);
    of.crash(handle);
    return of.effects.ends().size();
  }

  @Test
  void anotherDomainsGateStaysClosedUntilItIsResumed() {
    Handle handle = rig.running(worker("a").shared().domain("demo"));
    for (int n = 0; n < 3; n++) {
      cycle(rig, handle);
    }

    rig.crash(handle);
    assertEquals(List.of(), rig.effects.ends());
    assertEquals("domain", rig.status(handle).waiting());
    rig.advance(Duration.ofHours(1));
    assertEquals(WorkerState.BACKOFF, rig.state(handle));

    rig.core.resume(Target.domain("demo"), By.OPERATOR, rig.now());
    assertEquals(WorkerState.STARTING, rig.state(handle));
  }

  @Test
  void withoutRestartAfterCrashTheFirstEndsThePostmaster() {
    CoreRig strict = CoreRig.with().noRestartAfterCrash().started();
    Handle handle = strict.running(worker("a").shared().domain("demo"));

    strict.crash(handle);

    assertTrue(strict.effects.ends().get(0).abnormal());
    assertFalse(strict.effects.records().isEmpty());
  }

  @Test
  void beginAndEndAreRecordsThatNameTheDomain() {
    Handle handle = rig.running(worker("a").shared().domain("demo"));

    rig.crash(handle);

    List<String> own =
        rig.effects.records().stream()
            .filter(r -> r.own())
            .map(r -> r.cause().word() + ' ' + r.name())
            .toList();
    assertEquals(List.of("crash-begin demo", "crash-end demo"), own);
  }

  @Test // T-078
  void whoStartsWithThePostmasterWaitsForTheEndOfTheCycleToo() {
    Handle crashed = rig.running(worker("a").shared());
    Handle other = rig.running(worker("b").shared());
    rig.crash(crashed);

    Handle first = rig.register(worker("first").shared().startAt(StartTime.POSTMASTER_START));
    Handle far =
        rig.register(worker("far").shared().domain("far").startAt(StartTime.POSTMASTER_START));
    assertEquals("crash-cycle", rig.status(first).waiting());
    assertEquals(WorkerState.STARTING, rig.state(far));
    rig.leave(other);

    assertEquals(WorkerState.STARTING, rig.state(first));
  }

  @Test // T-154
  void theParallelOfTheDomainAreCountedNoMoreWhenItsMemoryIsRebuilt() {
    Handle crashed = rig.running(worker("a").shared());
    Handle own = rig.running(worker("own").flags(Flag.SHARED_MEMORY, Flag.PARALLEL).never());
    rig.running(worker("far").flags(Flag.SHARED_MEMORY, Flag.PARALLEL).never().domain("far"));
    rig.effects.probe(
        effect -> {
          if (effect instanceof Emitted.DomainReset) {
            assertEquals(1, rig.core.parallelActive());
          }
        });

    rig.crash(crashed);
    assertEquals(2, rig.core.parallelActive());
    rig.leave(own);

    assertEquals(List.of("main"), rig.effects.resets());
    assertEquals(1, rig.core.parallelActive());
  }

  @Test // T-155
  void aSecondCrashDuringTheCycleTellsNobodyAgain() {
    Handle a = rig.running(worker("a").shared());
    Handle b = rig.running(worker("b").shared());
    Handle c = rig.running(worker("c").shared());
    rig.crash(a);
    int mark = rig.effects.mark();

    rig.crash(b);

    assertEquals("STOPPING>BACKOFF exit", rig.lastEdge(b));
    List<Emitted> since = rig.effects.since(mark);
    assertEquals(1, since.stream().filter(e -> e instanceof Emitted.Recorded).count());
    assertTrue(
        since.stream()
            .noneMatch(e -> e instanceof Emitted.Told || e instanceof Emitted.Interrupted));
    rig.leave(c);
    assertEquals(List.of("main"), rig.effects.resets());
  }

  private static String lastMessage(CoreRig rig, Cause cause) {
    return rig.effects.records().stream()
        .filter(record -> record.cause() == cause)
        .reduce((first, last) -> last)
        .orElseThrow()
        .message();
  }

  @Test
  void theEndNamesWhyACrashWasTheLast() {
    CoreRig none = CoreRig.with().crashLimit(0).started();
    CoreRig first = CoreRig.with().noRestartAfterCrash().started();

    none.crash(none.running(worker("a").shared()));
    first.crash(first.running(worker("a").shared()));

    String crashed = "worker \"a\" crashed with code 2, ";
    assertEquals(
        crashed + "more cycles than the crash limit", lastMessage(none, Cause.SHUTDOWN_BEGIN));
    assertEquals(crashed + "restartAfterCrash is false", lastMessage(first, Cause.SHUTDOWN_BEGIN));
  }

  @Test
  void aDomainThatIsResumedMayCrashAsOftenAsBefore() {
    CoreRig two = CoreRig.with().crashLimit(1).started();
    Handle handle = two.running(worker("w").shared().domain("other"));
    two.crash(handle);
    two.begin(handle);
    two.crash(handle);
    assertEquals("domain", two.status(handle).waiting());

    two.core.resume(Target.domain("other"), By.OPERATOR, two.now());
    assertEquals(WorkerState.STARTING, two.state(handle));
    two.begin(handle);
    two.crash(handle);

    assertEquals(WorkerState.STARTING, two.state(handle));
  }

  /** Of those that have neither members nor a gate to keep closed. */
  @Test
  void ofManyDomainsTheIdleAreForgottenAndNoOthers() {
    Handle here = rig.running(worker("here").shared().domain("here"));
    rig.crash(here);
    for (int domain = 0; domain < 1_021; domain++) {
      rig.crash(rig.running(worker("w").shared().never().domain("d" + domain)));
    }
    Handle closed = rig.running(worker("w").shared().domain("closed"));
    for (int times = 0; times < 4; times++) {
      rig.crash(closed);
      rig.startAll();
    }
    rig.terminate(closed);
    assertEquals(1_023, rig.core.domains().size());

    rig.running(worker("w").shared().domain("last"));
    assertEquals(1_024, rig.core.domains().size());
    rig.running(worker("w").shared().domain("one more"));

    List<String> names = rig.core.domains().stream().map(domain -> domain.name()).toList();
    assertEquals(List.of("here", "closed", "last", "one more"), names);
  }
}
