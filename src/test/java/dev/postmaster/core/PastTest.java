package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import dev.postmaster.support.CoreSetup;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract §4: a life that goes on where an earlier one of the same epoch ended. */
class PastTest {

  private static final Past PAST =
      new Past(
          List.of(
              new Past.Left(1, 3, WorkerState.RUNNING, 90, "ran", "t", 4),
              new Past.Left(2, 5, WorkerState.BACKOFF, 0, "rested", "t", 2)),
          slot -> slot == 1 ? 3 : 0);

  private final CoreRig rig = CoreRig.with().headSeq(100).past(PAST).started();

  private static Handle handle(int slot, long generation) {
    return new Handle(CoreSetup.EPOCH, slot, generation);
  }

  @Test
  void whoWasLeftIsEndedByRecordsRightAfterTheFirst() {
    rig.core.wallOffset(1_000);

    rig.core.open("again", rig.now());

    List<Transition> records = rig.effects.records();
    Transition ran = records.get(1);
    Transition rested = records.get(2);
    assertEquals(3, records.size());
    assertEquals(Cause.OPENED, records.get(0).cause());
    assertEquals("RUNNING>FREE orphaned", CoreRig.edge(ran));
    assertEquals("BACKOFF>FREE orphaned", CoreRig.edge(rested));
    assertEquals(List.of(101L, 102L, 103L), records.stream().map(Transition::seq).toList());
    assertEquals(handle(1, 3), new Handle(CoreSetup.EPOCH, ran.slot(), ran.generation()));
    assertEquals(
        "ran t 90 4", ran.name() + ' ' + ran.type() + ' ' + ran.runId() + ' ' + ran.starts());
    assertEquals(Exit.NONE, ran.exit());
    assertEquals(records.get(0).at(), ran.at());
  }

  @Test
  void generationsGoOn() {
    assertEquals(handle(0, 1), rig.register(worker("a")));
    assertEquals(handle(1, 4), rig.register(worker("b")));
  }

  @Test
  void aHandleOfTheEarlierLifeNamesWhoIsGone() {
    assertEquals(WorkerState.FREE, rig.terminate(handle(1, 3)));
    assertEquals(WorkerState.FREE, rig.terminate(handle(1, 2)));

    var late = CoreRig.refusal(() -> rig.terminate(handle(1, 4)));

    assertEquals(ErrorCode.STALE_HANDLE, late.code());
    assertEquals(0, rig.core.pause(dev.postmaster.Target.of(handle(1, 3)), 1, By.CODE, rig.now()));
  }
}
