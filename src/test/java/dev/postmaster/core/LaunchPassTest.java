package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.Handle;
import dev.postmaster.HandleStatus;
import dev.postmaster.Phase;
import dev.postmaster.Threading;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import dev.postmaster.support.Emitted;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Contract §5, held: who is started in one pass, in which order, and what a failure does. */
class LaunchPassTest {

  private final CoreRig rig = CoreRig.started();

  private static CoreRig waiting(int workers) {
    CoreRig large = CoreRig.with().workers(300).phase(Phase.STARTUP).started();
    IntStream.range(0, workers).forEach(i -> large.register(worker("w" + i)));
    return large;
  }

  @Test // T-080
  void readyWorkersAreStartedAHundredInAPassWithOthersInBetween() {
    CoreRig large = waiting(250);

    large.core.advance(Phase.RUN, By.CODE, large.now());
    assertEquals(100, large.effects.launches().size());
    assertEquals(1, large.effects.agains());

    large.wake();
    assertEquals(200, large.effects.launches().size());
    assertEquals(2, large.effects.agains());

    large.wake();
    assertEquals(250, large.effects.launches().size());
    assertEquals(2, large.effects.agains());
  }

  @Test
  void exactlyAHundredNeedNoFurtherTurn() {
    CoreRig large = waiting(100);

    large.core.advance(Phase.RUN, By.CODE, large.now());

    assertEquals(100, large.effects.launches().size());
    assertEquals(0, large.effects.agains());
  }

  @Test // T-080
  void workerThatWaitsForItsTurnSaysSo() {
    CoreRig large = waiting(101);

    large.core.advance(Phase.RUN, By.CODE, large.now());

    assertEquals("turn", large.core.status(100, large.now()).orElseThrow().waiting());
    assertEquals(WorkerState.REGISTERED, large.core.status(100, large.now()).orElseThrow().state());
  }

  @Test // T-009 T-081
  void staticWorkersHaveSlotsAndStartInTheOrderOfRegistration() {
    CoreRig early = CoreRig.with().notStarted();

    Handle a = early.registerStatic(worker("A"));
    Handle b = early.registerStatic(worker("B"));
    Handle c = early.registerStatic(worker("C"));
    early.start();

    assertEquals(List.of(0, 1, 2), List.of(a.slot(), b.slot(), c.slot()));
    assertEquals(List.of("A", "B", "C"), early.launched());
  }

  @Test // T-081
  void earliestDueStartsFirstAndThenTheFirstRegistered() {
    CoreRig one = CoreRig.with().threads(1).started();
    Handle busy = one.running(worker("busy"));
    Handle early = one.register(worker("x"));
    one.advance(1);
    one.register(worker("y"));
    one.register(worker("z"));

    one.exit(busy, End.returned());
    one.begin(early);
    one.fail(early);
    assertEquals(List.of("busy", "x", "y"), one.launched());

    // x is due 5 s from now, z has been due since it was registered
    one.advance(6);
    one.exit(one.launchOf("y"), End.returned());
    assertEquals("z", one.launched().get(3));
    one.exit(one.launchOf("z"), End.returned());
    assertEquals("x", one.launched().get(4));
  }

  @Test
  void whoNeedsAThreadAndWhoNeedsNoneStartInOneOrder() {
    CoreRig early = CoreRig.with().phase(Phase.STARTUP).started();
    early.register(worker("a"));
    early.advance(1);
    early.register(worker("b").verticle().threading(Threading.EVENT_LOOP));
    early.advance(1);
    early.register(worker("c"));
    early.advance(1);
    early.register(worker("d").verticle().threading(Threading.EVENT_LOOP));

    early.core.advance(Phase.RUN, By.CODE, early.now());

    assertEquals(List.of("a", "b", "c", "d"), early.launched());
  }

  @Test // T-082
  void workersThatAreForgottenDoNotCountToTheHundred() {
    CoreRig large = waiting(150);
    for (int i = 0; i < 50; i++) {
      large.terminate(new Handle(dev.postmaster.support.CoreSetup.EPOCH, i, 1));
    }

    large.core.advance(Phase.RUN, By.CODE, large.now());

    assertEquals(100, large.effects.launches().size());
    assertEquals(0, large.effects.agains());
  }

  @Test // T-083
  void failingStartKeepsThoseBehindItNotWaiting() {
    CoreRig one = CoreRig.with().threads(1).started();
    Handle busy = one.running(worker("busy"));
    Handle failing = one.register(worker("failing").restart(5));
    Handle behind = one.register(worker("behind"));

    one.exit(busy, End.returned());
    one.exit(failing, End.startFailed("no thread"));

    assertEquals(WorkerState.STARTING, one.state(behind));
  }

  @Test // T-084
  void startThatAlwaysFailsAtOnceStarvesNobody() {
    CoreRig one = CoreRig.with().threads(1).started();
    Handle failing = one.register(worker("failing").restart(0));
    Handle behind = one.register(worker("behind"));

    one.advance(1);
    one.exit(failing, End.startFailed("no thread"));

    assertEquals(WorkerState.STARTING, one.state(behind));
    assertEquals("threads", one.status(failing).waiting());
  }

  @Test // T-085
  void failedStartOfANeverRestartedWorkerFreesItsSlotBeforeItTells() {
    Handle handle = rig.register(worker("a").never().notify("me"));
    Object waiter = rig.await(handle, AwaitFor.STARTED);
    rig.effects.probe(
        effect -> {
          if (effect instanceof Emitted.Answered || effect instanceof Emitted.Notified) {
            assertTrue(rig.core.table.free.isFree(handle.slot()));
          }
        });

    rig.exit(handle, End.startFailed("no entry point"));

    assertEquals("STARTING>FREE start-failed", rig.lastEdge(handle));
    assertEquals("NOT_STARTED", rig.outcome(waiter));
    assertEquals(1, rig.effects.notifies().size());
    assertEquals(HandleStatus.STOPPED, rig.effects.notifies().get(0).status().status());
  }

  @Test // T-086
  void failedStartOfARestartableWorkerTellsNobodyAndIsTriedAgain() {
    Handle handle = rig.register(worker("a").restart(5).notify("me"));
    Object waiter = rig.await(handle, AwaitFor.STARTED);

    rig.exit(handle, End.startFailed("no thread"));

    assertEquals(HandleStatus.NOT_YET_STARTED, rig.status(handle).status());
    assertTrue(rig.effects.notifies().isEmpty());
    assertEquals("waits", rig.outcome(waiter));
    rig.advance(5);
    rig.begin(handle);
    assertEquals("ok", rig.outcome(waiter));
    assertEquals(HandleStatus.STARTED, rig.effects.notifies().get(0).status().status());
  }

  @Test
  void blockingRunsBeyondTheThreadsAreHeldAndOthersAreNot() {
    CoreRig two = CoreRig.with().threads(2).started();
    Handle a = two.register(worker("a"));
    two.register(worker("b"));
    Handle c = two.register(worker("c"));
    Handle loop = two.register(worker("loop").verticle());

    assertEquals("threads", two.status(c).waiting());
    assertEquals(WorkerState.REGISTERED, two.state(c));
    assertEquals(WorkerState.STARTING, two.state(loop));

    two.exit(a, End.returned());
    assertEquals(WorkerState.STARTING, two.state(c));
  }

  @Test
  void threadOfAnAbandonedRunIsNotUsedAgainUntilItReturns() {
    CoreRig one = CoreRig.with().threads(1).started();
    Handle deaf = one.running(worker("deaf").never());
    one.terminate(deaf);
    one.advance(15);
    Handle next = one.register(worker("next"));

    assertEquals(WorkerState.ABANDONED, one.state(deaf));
    assertEquals("threads", one.status(next).waiting());

    one.leave(deaf);
    assertEquals(WorkerState.STARTING, one.state(next));
  }

  @Test
  void nothingStartsBeforeTheStart() {
    CoreRig early = CoreRig.with().notStarted();
    early.registerStatic(worker("a"));
    early.register(worker("dynamic"));

    early.wake();
    assertTrue(early.launched().isEmpty());

    early.start();
    assertEquals(List.of("a", "dynamic"), early.launched());
  }

  @Test
  void whatHoldsAWorkerIsPublishedWhenItChanges() {
    CoreRig early = CoreRig.with().phase(Phase.STARTUP).started();
    Handle handle = early.register(worker("a").requires("db"));
    assertEquals("phase", early.status(handle).waiting());
    int mark = early.effects.mark();

    early.core.advance(Phase.RUN, By.CODE, early.now());

    assertEquals("requires:db", early.status(handle).waiting());
    assertTrue(early.effects.since(mark).contains(new Emitted.Changed(handle.slot())));
    assertFalse(early.launched().contains("a"));
  }

  @Test
  void whatHeldASlotsLastTenantIsNotShownOfTheNext() {
    Handle last = rig.register(worker("last").requires("db"));
    rig.terminate(last);
    List<String> shown = new ArrayList<>();
    rig.effects.probe(effect -> shown.add(rig.core.status(0, rig.now()).orElseThrow().waiting()));

    rig.register(worker("next").requires("db"));

    assertEquals(List.of("turn", "requires:db"), shown);
    assertEquals(new Emitted.Changed(0), rig.effects.trace().get(rig.effects.mark() - 1));
  }
}
