package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.By;
import dev.postmaster.Handle;
import dev.postmaster.Target;
import dev.postmaster.WorkerState;
import dev.postmaster.support.CoreRig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Contract §7: when a worker that failed is started again, and when the core wants to be woken. */
class RestartTest {

  private final CoreRig rig = CoreRig.started();

  private Duration untilNextWake() {
    return Duration.ofNanos(rig.core.nextWake() - rig.now());
  }

  @Test // T-096
  void aThousandFailuresAreAThousandRestartsEachAfterTheSameInterval() {
    Handle handle = rig.running(worker("w").restart(5));

    for (int failures = 1; failures <= 1_000; failures++) {
      rig.fail(handle);
      assertEquals(5_000, rig.lastRecord(handle).restartInMs());
      rig.advance(Duration.ofMillis(4_999));
      assertEquals(WorkerState.BACKOFF, rig.state(handle));
      rig.advance(Duration.ofMillis(1));
      rig.begin(handle);
    }

    assertEquals(1_001, rig.status(handle).starts());
  }

  @Test // T-097
  void aWallClockThatIsSetNeitherHastensNorDelaysAnybody() {
    Handle back = rig.running(worker("back").restart(5));
    rig.fail(back);
    rig.core.wallOffset(-Duration.ofHours(1).toMillis());
    rig.advance(5);
    assertEquals(WorkerState.STARTING, rig.state(back));

    Handle forth = rig.running(worker("forth").restart(5));
    rig.fail(forth);
    rig.core.wallOffset(Duration.ofHours(1).toMillis());
    rig.advance(Duration.ofMillis(4_999));
    assertEquals(WorkerState.BACKOFF, rig.state(forth));
    rig.advance(Duration.ofMillis(1));
    assertEquals(WorkerState.STARTING, rig.state(forth));
  }

  @Test // T-098
  void theCoreIsWokenForEachOfTwoThatWait() {
    Handle seven = rig.running(worker("seven").restart(7));
    Handle three = rig.running(worker("three").restart(3));
    rig.fail(seven);
    rig.fail(three);

    assertEquals(Duration.ofSeconds(3), untilNextWake());
    rig.advance(3);
    assertEquals(WorkerState.STARTING, rig.state(three));
    assertEquals(WorkerState.BACKOFF, rig.state(seven));
    rig.begin(three);
    assertEquals(Duration.ofSeconds(4), untilNextWake());
    rig.advance(4);
    assertEquals(WorkerState.STARTING, rig.state(seven));
  }

  @Test // T-099 T-100
  void aDayIsWaitedForInOneSleepAndToItsLastNanosecond() {
    Duration day = Duration.ofHours(24);
    Handle handle = rig.running(worker("w").restart(day));
    rig.fail(handle);

    assertEquals(day, untilNextWake());
    rig.advance(day.minusNanos(1));
    assertEquals(WorkerState.BACKOFF, rig.state(handle));
    rig.advance(Duration.ofNanos(1));
    assertEquals(WorkerState.STARTING, rig.state(handle));
  }

  @Test
  void whatLooksAtItAgainANanosecondEarlyStartsNobody() {
    Handle handle = rig.running(worker("w").restart(5));
    rig.fail(handle);
    rig.advance(Duration.ofSeconds(5).minusNanos(1));

    rig.core.resume(Target.all(), By.OPERATOR, rig.now());

    assertEquals(WorkerState.BACKOFF, rig.state(handle));
  }
}
