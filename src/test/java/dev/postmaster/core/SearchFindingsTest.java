package dev.postmaster.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.Phase;
import dev.postmaster.ShutdownMode;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerTerms;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the search and the histories have found in the core, each with its shortest trace. */
class SearchFindingsTest {

  @Test
  void aModeAfterTheEndIsNotRecorded() {
    TraceWorld world =
        TraceWorld.play(SearchMenu.LIFE_SETUP, "start 0 0", "shutdown 0 fast", "abort 0 0");

    assertEquals(ShutdownMode.FAST, world.supervisor.mode());
    assertEquals(3, world.supervisor.seq(), "opened, shutdown-begin, closed");
  }

  /** A lease that ends lets a smart shutdown go on; a ladder without times is over at once. */
  @Test
  void aDeadlineThatAWakeBringsAboutIsNotLeftToTheNextTimer() {
    WorkerTerms terms =
        WorkerSpec.of("a", "library", "function").stop(Duration.ZERO, Duration.ZERO).terms();
    TraceSetup setup = new TraceSetup("", TraceSetup.options(1, Phase.RUN), List.of(terms), 1);

    TraceWorld world = TraceWorld.play(setup, "start 0 0", "attach 0 0", "shutdown 0 smart");
    world.play(TraceEvent.of(TraceEvent.What.WAKE));
    world.play(TraceEvent.of(TraceEvent.What.WAKE));

    assertEquals(WorkerState.ABANDONED, world.checker.slots[0].state);
  }
}
