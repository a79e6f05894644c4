package dev.postmaster.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.Cause;
import dev.postmaster.WorkerState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Contract §5: the edges of the state graph. */
class EdgesTest {

  private static List<Cause> causes(WorkerState from, WorkerState to) {
    List<Cause> causes = new ArrayList<>();
    for (Cause cause : Cause.values()) {
      if (Edges.isLegal(from, to, cause)) {
        causes.add(cause);
      }
    }
    return causes;
  }

  @Test
  void aSlotLeavesFreeByARegistrationOnly() {
    for (WorkerState to : WorkerState.values()) {
      boolean registered = to == WorkerState.REGISTERED;
      assertEquals(
          registered ? List.of(Cause.REGISTERED) : List.of(), causes(WorkerState.FREE, to));
    }
  }

  @Test
  void aRunBeginsAndIsAbandonedForOneCauseEach() {
    assertEquals(List.of(Cause.LAUNCH), causes(WorkerState.REGISTERED, WorkerState.STARTING));
    assertEquals(List.of(Cause.STARTED), causes(WorkerState.STARTING, WorkerState.RUNNING));
    assertEquals(List.of(Cause.STOP_TIMEOUT), causes(WorkerState.STOPPING, WorkerState.ABANDONED));
    assertEquals(List.of(), causes(WorkerState.STOPPING, WorkerState.RUNNING));
    assertEquals(List.of(), causes(WorkerState.ABANDONED, WorkerState.STOPPING));
    assertEquals(List.of(), causes(WorkerState.BACKOFF, WorkerState.RUNNING));
  }
}
