package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Contract §5: names, what is remembered of them and for how long. */
class NamesTest {

  private static final int LAYERS = 40;

  private final CoreRig rig = CoreRig.started();

  private Name find(String text) {
    return rig.core.table.names.find(text);
  }

  @Test
  void aNameIsForgottenWithTheLastWhoHasItOrDependsOnIt() {
    Handle first = rig.running(worker("a").never());
    Handle needy = rig.register(worker("needy").requires("b").after("c"));
    Handle other = rig.register(worker("other").requires("a", "nobody").after("b"));

    rig.terminate(needy);
    assertNull(find("needy"));
    assertNull(find("c"));
    assertNotNull(find("b"), "the other depends on it");

    rig.fail(first);
    assertNotNull(find("a"), "the other depends on it");
    rig.terminate(other);
    assertNull(find("a"));
    assertNull(find("b"));
  }

  @Test
  void aNameThatNobodyHasAnyMoreIsForgottenAndOneThatHasCompletedIsNot() {
    Handle fails = rig.running(worker("fails").never());
    Handle completes = rig.running(worker("completes"));

    rig.fail(fails);
    rig.exit(completes, End.returned());

    assertNull(find("fails"));
    assertNotNull(find("completes"));
  }

  /** Sixty-five thousand jobs later it is as if it had never run. */
  @Test
  void theOldestOfTooManyCompletedNamesAreForgottenAndHoldThoseThatNeedThem() {
    CoreRig one = CoreRig.with().workers(3).threads(1).started();
    complete(one, "oldest");
    complete(one, "second");
    Handle blocks = one.running(worker("blocks"));
    Handle needy = one.register(worker("needy").requires("oldest"));
    assertEquals("threads", one.status(needy).waiting());

    for (int name = 0; name <= Names.COMPLETED_MAX; name++) {
      Slot slot = new Slot(2);
      slot.name = new Name("job" + name);
      one.core.table.names.completed(slot);
    }
    one.wake();

    assertEquals("requires:oldest", one.status(needy).waiting());
    assertNull(one.core.table.names.find("second"));
    assertEquals(WorkerState.RUNNING, one.state(blocks));
  }

  private static void complete(CoreRig rig, String name) {
    rig.exit(rig.running(worker(name)), End.returned());
  }

  /** Each name of a layer requires both of the next: a path for each of 2 to the power of 40. */
  @Test
  void aCycleIsLookedForThroughEachNameOnce() {
    CoreRig large = CoreRig.with().workers(2 * LAYERS).phase(Phase.STARTUP).started();
    for (int layer = 0; layer < LAYERS; layer++) {
      large.register(worker("a" + layer).requires("a" + (layer + 1), "b" + (layer + 1)));
      if (layer > 0) {
        large.register(worker("b" + layer).requires("a" + (layer + 1), "b" + (layer + 1)));
      }
    }

    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> assertEquals(ErrorCode.INVALID_SPEC, refused(large, "a" + LAYERS, "a0")));
  }

  private static ErrorCode refused(CoreRig rig, String name, String required) {
    return rig.refused(worker(name).requires(required)).code();
  }
}
