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
import dev.postmaster.Target;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import dev.postmaster.support.Emitted;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract §10: smart, fast and immediate, their times, and the end. */
class ShutdownTest {

  private final CoreRig rig = CoreRig.started();

  private boolean isOver() {
    return !rig.effects.ends().isEmpty();
  }

  @Test
  void fastForgetsWhoHasNoRunAndTellsTheOthers() {
    Handle runs = rig.running(worker("runs"));
    Handle failed = rig.running(worker("failed"));
    rig.fail(failed);
    Handle held = rig.register(worker("held").requires("nobody"));
    Object waiter = rig.await(held, AwaitFor.STARTED);
    Handle alone = rig.register(worker("alone").requires("nobody"));

    assertEquals(ShutdownMode.FAST, rig.shutdown(ShutdownMode.FAST));

    assertEquals("RUNNING>STOPPING shutdown", rig.lastEdge(runs));
    assertEquals("BACKOFF>FREE shutdown", rig.lastEdge(failed));
    assertEquals("REGISTERED>FREE shutdown", rig.lastEdge(held));
    assertEquals("REGISTERED>FREE shutdown", rig.lastEdge(alone));
    assertEquals("NOT_STARTED", rig.outcome(waiter));
    assertFalse(isOver());
    rig.leave(runs);
    assertEquals(List.of(new Emitted.Ended(false)), rig.effects.ends());
  }

  @Test
  void theGateIsClosedForGoodBeforeAnybodyIsTold() {
    Handle runs = rig.running(worker("runs"));
    rig.shutdown(ShutdownMode.FAST);

    assertTrue(rig.core.gateClosed());
    assertEquals(ErrorCode.SHUTTING_DOWN, rig.refused(worker("late")).code());
    rig.exit(runs, End.threw("it would come again"));
    assertEquals(WorkerState.FREE, rig.state(runs));
  }

  @Test
  void smartWaitsForItsClientsAndGoesOnMeanwhile() {
    rig.core.attach("c", rig.now());
    Handle handle = rig.running(worker("w").restart(1));
    assertEquals(ShutdownMode.SMART, rig.shutdown(ShutdownMode.SMART));

    assertEquals(
        ErrorCode.SHUTTING_DOWN, CoreRig.refusal(() -> rig.core.attach("d", rig.now())).code());
    rig.core.attach("c", rig.now());
    rig.fail(handle);
    rig.advance(1);
    assertEquals(WorkerState.STARTING, rig.state(handle));
    Handle late = rig.running(worker("late"));

    rig.core.detach("c", rig.now());
    assertEquals(WorkerState.STOPPING, rig.state(late));
    assertTrue(rig.core.gateClosed());
  }

  @Test
  void smartWithoutClientsIsFastAtOnce() {
    Handle handle = rig.running(worker("w"));

    rig.shutdown(ShutdownMode.SMART);

    assertEquals(WorkerState.STOPPING, rig.state(handle));
  }

  @Test // T-179
  void smartInStartupDoesNotWaitForClients() {
    CoreRig early = CoreRig.with().phase(Phase.STARTUP).started();
    early.core.attach("c", early.now());

    early.core.shutdown(ShutdownMode.SMART, By.OPERATOR, early.now());

    assertTrue(early.core.gateClosed());
  }

  @Test
  void aClientThatDoesNotRenewIsDetachedAfterNinetySeconds() {
    rig.core.attach("c", rig.now());
    rig.shutdown(ShutdownMode.SMART);
    rig.advance(60);
    rig.core.attach("c", rig.now());
    rig.advance(89);
    assertEquals(1, rig.core.clients());

    rig.advance(1);

    assertEquals(0, rig.core.clients());
    assertTrue(isOver());
  }

  @Test
  void immediateInterruptsNow() {
    Handle handle = rig.running(worker("w"));
    Run run = rig.run(handle);

    rig.shutdown(ShutdownMode.IMMEDIATE);

    assertEquals(List.of(run), rig.effects.interrupts());
    rig.advance(5);
    assertEquals(WorkerState.ABANDONED, rig.state(handle));
    assertTrue(isOver());
  }

  @Test
  void modesOnlyGoUp() {
    rig.running(worker("w"));
    assertEquals(ShutdownMode.FAST, rig.shutdown(ShutdownMode.FAST));

    assertEquals(ShutdownMode.FAST, rig.shutdown(ShutdownMode.SMART));
    assertEquals(ShutdownMode.IMMEDIATE, rig.shutdown(ShutdownMode.IMMEDIATE));
    assertEquals(ShutdownMode.IMMEDIATE, rig.shutdown(ShutdownMode.FAST));
    assertEquals(1, rig.effects.interrupts().size());
  }

  @Test
  void allLaddersAreOverWithinTheShutdownTimeout() {
    Handle slow = rig.running(worker("slow").stop(3_600, 3_600));
    Handle quick = rig.running(worker("quick").stop(1, 1));

    rig.shutdown(ShutdownMode.FAST);
    rig.advance(2);
    assertEquals(WorkerState.ABANDONED, rig.state(quick));
    rig.advance(Duration.ofMillis(27_999));
    assertFalse(isOver());
    rig.advance(Duration.ofMillis(1));

    assertEquals(WorkerState.ABANDONED, rig.state(slow));
    assertTrue(isOver());
  }

  @Test
  void aLadderThatRanAlreadyKeepsItsEarlierTimes() {
    Handle handle = rig.running(worker("w").stop(10, 5));
    rig.terminate(handle);
    rig.advance(9);

    rig.shutdown(ShutdownMode.FAST);
    rig.advance(1);

    assertEquals(1, rig.effects.interrupts().size());
  }

  @Test
  void whoIsRequiredIsToldWhenThoseThatRequireItAreGone() {
    Handle base = rig.running(worker("base").stop(10, 5));
    Handle needy = rig.running(worker("needy").requires("base"));
    Run of = rig.run(base);

    rig.shutdown(ShutdownMode.FAST);
    assertTrue(rig.effects.tells().stream().noneMatch(told -> told.run().equals(of)));
    rig.leave(needy);

    assertTrue(rig.effects.tells().stream().anyMatch(told -> told.run().equals(of)));
  }

  @Test
  void theTellWaitsForHalfOfItsOwnGraceAtMost() {
    Handle base = rig.running(worker("base").stop(10, 5));
    rig.running(worker("needy").requires("base").stop(20, 5));
    Run of = rig.run(base);

    rig.shutdown(ShutdownMode.FAST);
    rig.advance(Duration.ofMillis(4_999));
    assertTrue(rig.effects.tells().stream().noneMatch(told -> told.run().equals(of)));
    rig.advance(Duration.ofMillis(1));
    assertTrue(rig.effects.tells().stream().anyMatch(told -> told.run().equals(of)));
    rig.advance(5);

    assertEquals(List.of(of), rig.effects.interrupts(), "at T + grace all the same");
  }

  @Test
  void aCrashAfterTheGateClosedStartsNoCycleAndMakesTheEndAbnormal() {
    Handle crashes = rig.running(worker("a").shared());
    Handle other = rig.running(worker("b").shared());
    rig.core.ended(rig.run(crashes), End.crashed("first"), rig.now());
    rig.shutdown(ShutdownMode.FAST);

    rig.exit(crashes, End.crashed("first"));
    rig.leave(other);

    assertEquals(List.of(), rig.effects.resets());
    assertEquals(List.of(new Emitted.Ended(true)), rig.effects.ends());
  }

  @Test
  void aBugOfOursIsImmediateAndAbnormal() {
    Handle handle = rig.running(worker("w"));

    rig.core.abort("broken", rig.now());

    assertEquals(1, rig.effects.interrupts().size());
    rig.leave(handle);
    assertEquals(List.of(new Emitted.Ended(true)), rig.effects.ends());
  }

  @Test
  void theEndIsRecordedThenWaitsAreAnsweredThenItIsTold() {
    Handle handle = rig.running(worker("w").stop(0, 0));
    Object waiter = rig.await(handle, AwaitFor.GONE);
    int mark = rig.effects.mark();

    rig.shutdown(ShutdownMode.FAST);
    rig.wake();

    List<String> kinds =
        rig.effects.since(mark).stream()
            .filter(e -> !(e instanceof Emitted.Changed))
            .map(e -> e.getClass().getSimpleName())
            .toList();
    assertEquals("POSTMASTER_DIED", rig.outcome(waiter));
    assertEquals(List.of("Answered", "Ended"), kinds.subList(kinds.size() - 2, kinds.size()));
    List<String> own =
        rig.effects.records().stream().filter(r -> r.own()).map(r -> r.cause().word()).toList();
    assertEquals(List.of("shutdown-begin", "closed"), own);
  }

  @Test // T-176
  void aSmartShutdownThatWaitsIsRaisedToFastAndThatToImmediate() {
    rig.core.attach("c", rig.now());
    Handle handle = rig.running(worker("w"));

    assertEquals(ShutdownMode.SMART, rig.shutdown(ShutdownMode.SMART));
    assertEquals(WorkerState.RUNNING, rig.state(handle));
    assertEquals(ShutdownMode.FAST, rig.shutdown(ShutdownMode.FAST));
    assertEquals(WorkerState.STOPPING, rig.state(handle));
    assertEquals(List.of(), rig.effects.interrupts());
    assertEquals(ShutdownMode.IMMEDIATE, rig.shutdown(ShutdownMode.IMMEDIATE));

    assertEquals(1, rig.effects.tells().size());
    assertEquals(List.of(rig.run(handle)), rig.effects.interrupts());
  }

  @Test // T-180
  void aWaitForAStartThatAShutdownOvertakesIsAnswered() {
    Handle launched = rig.register(worker("w"));
    Object waiter = rig.await(launched, AwaitFor.STARTED);

    rig.shutdown(ShutdownMode.FAST);
    rig.core.started(rig.run(launched), rig.now());
    assertEquals("waits", rig.outcome(waiter));
    rig.leave(launched);

    assertEquals("NOT_STARTED", rig.outcome(waiter));
    assertTrue(isOver());
  }

  @Test
  void whoIsWithinItsGraceAtTheEndIsInterruptedAndGivenUp() {
    Handle handle = rig.running(worker("w").stop(20, 5));
    Run run = rig.run(handle);
    rig.shutdown(ShutdownMode.FAST);
    rig.stall(Duration.ofSeconds(30));
    int mark = rig.effects.mark();

    rig.wake();

    List<Emitted> done =
        rig.effects.since(mark).stream().filter(e -> !(e instanceof Emitted.Recorded)).toList();
    assertEquals(
        List.of(new Emitted.Interrupted(run), new Emitted.Abandoned(run), new Emitted.Ended(false)),
        done);
  }

  private String closed() {
    return rig.effects.records().get(rig.effects.records().size() - 1).message();
  }

  @Test
  void theLastRecordSaysHowItEndedAndHowManyAreLeft() {
    rig.running(worker("w").stop(0, 0));
    rig.shutdown(ShutdownMode.FAST);
    rig.wake();

    assertEquals("normal, 1 abandoned", closed());
    assertEquals(Long.MAX_VALUE, rig.core.nextWake(), "nothing is left to wake for");
  }

  @Test
  void theLastRecordSaysThatTheEndWasAbnormal() {
    rig.core.abort("a fault of ours", rig.now());

    assertEquals("abnormal, 0 abandoned", closed());
  }

  @Test
  void noOrderIsTakenOnceTheGateIsClosed() {
    rig.running(worker("w"));
    rig.shutdown(ShutdownMode.FAST);
    int mark = rig.effects.mark();

    Runnable pause = () -> rig.core.pause(Target.all(), Long.MAX_VALUE, By.OPERATOR, rig.now());
    Runnable advance = () -> rig.core.advance(Phase.RUN, By.OPERATOR, rig.now());

    assertEquals(ErrorCode.SHUTTING_DOWN, CoreRig.refusal(pause).code());
    assertEquals(ErrorCode.SHUTTING_DOWN, CoreRig.refusal(advance).code());
    assertEquals(List.of(), rig.effects.since(mark));
  }
}
