package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Handle;
import dev.postmaster.support.CoreRig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What comes first of what comes at one time, and how much of it comes in one turn. */
class DeadlinesTest {

  private final CoreRig rig = CoreRig.started();

  private List<Object> await(Handle handle, int waits) {
    return IntStream.range(0, waits).mapToObj(wait -> rig.await(handle, AwaitFor.GONE)).toList();
  }

  private void turn() {
    rig.core.wake(rig.core.nextWake());
  }

  @Test
  void aThousandDeadlinesAreServedInATurnAndTheRestInTheNext() {
    await(rig.running(worker("w")), 1_001);
    long due = rig.core.nextWake();

    rig.core.wake(due);
    assertEquals(1_000, rig.effects.answers().size());
    assertEquals(1, rig.effects.agains());
    rig.core.wake(due);

    assertEquals(1_001, rig.effects.answers().size());
    assertEquals(1, rig.effects.agains());
  }

  @Test
  void exactlyAThousandNeedNoFurtherTurn() {
    await(rig.running(worker("w")), 1_000);

    turn();

    assertEquals(1_000, rig.effects.answers().size());
    assertEquals(0, rig.effects.agains());
  }

  @Test
  void waitsThatEndTogetherAreAnsweredInTheirOrder() {
    List<Object> waiters = await(rig.running(worker("w")), 20);

    turn();

    List<Object> answered = rig.effects.answers().stream().map(a -> a.waiter()).toList();
    assertEquals(waiters, answered);
  }

  @Test
  void aWaitWithoutTimeEndsInTheNextTurn() {
    Object waiter = rig.await(rig.running(worker("w")), AwaitFor.GONE, Duration.ZERO);
    assertEquals("waits", rig.outcome(waiter));

    rig.wake();

    assertEquals("TIMEOUT", rig.outcome(waiter));
  }

  @Test
  void aWaitBeyondAllTimeNeverEndsByItself() {
    Object waiter =
        rig.await(rig.running(worker("w")), AwaitFor.GONE, Duration.ofNanos(Long.MAX_VALUE));

    assertEquals(Long.MAX_VALUE, rig.core.nextWake());
    rig.advance(Duration.ofDays(1));
    assertEquals("waits", rig.outcome(waiter));
  }

  @Test
  void ofOneTimeTheKindsComeInTheirOrderAndOfOneKindTheTies() {
    List<Alarm> order = new ArrayList<>();
    for (Alarm.Kind kind : Alarm.Kind.values()) {
      for (int tie = 0; tie < 4; tie++) {
        Alarm alarm = new Alarm(this, kind);
        alarm.at = 7;
        // Ties that contradict the order of the kinds.
        alarm.tie = tie - 10L * kind.ordinal();
        order.add(alarm);
      }
    }
    List<Alarm> mixed = new ArrayList<>(order);
    Collections.shuffle(mixed, new Random(1));
    AlarmHeap heap = new AlarmHeap();
    mixed.forEach(alarm -> heap.put(alarm, alarm.at, alarm.tie));

    for (Alarm alarm : order) {
      assertSame(alarm, heap.first());
      alarm.cancel();
    }

    assertTrue(heap.size() == 0);
  }
}
