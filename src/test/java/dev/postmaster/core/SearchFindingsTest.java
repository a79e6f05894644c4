package dev.postmaster.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.ShutdownMode;
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
}
