package dev.postmaster.core;

import dev.postmaster.Flag;
import dev.postmaster.Phase;
import dev.postmaster.Readiness;
import dev.postmaster.StartTime;
import dev.postmaster.core.TraceEvent.What;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Everything at once. These are more states than can be visited: so many of the nearest are. */
final class SearchWhole {

  /** What comes late is as late in one way; the clock on the wall decides nothing. */
  private static final Set<What> USELESS =
      EnumSet.of(
          What.START,
          What.CLOCK,
          What.WAKE_NOW,
          What.LATE_STARTED,
          What.LATE_READY,
          What.LATE_ENDED);

  private SearchWhole() {}

  /** One slot with two generations, every kind of worker, every event but these. */
  static SearchMenu oneSlot(What... without) {
    return whole("SearchWhole.oneSlot().setup()", 1, 2, without);
  }

  /**
   * One slot with two generations and everything at once, each part in its smallest form: two kinds
   * of workers, one that waits, three ends, one target.
   */
  static SearchMenu oneOfEach() {
    TraceSetup setup =
        new TraceSetup(
            "SearchWhole.oneOfEach().setup()",
            TraceSetup.options(1, 1, 1, 1, Phase.CONSISTENT),
            List.of(
                SearchMenu.memory("a").notify("n").ready(Readiness.SAID).terms(),
                SearchMenu.restart("a").flags(Flag.PARALLEL).neverRestart().terms()),
            0);
    return new SearchMenu(
        setup,
        all(setup),
        2,
        events(What.PASS),
        List.of(AwaitFor.READY),
        1,
        List.of("returned", "threw", "crashed"),
        List.of(0),
        SearchMenu.ALL_MODES,
        0);
  }

  /** Two slots with everything. */
  static SearchMenu twoSlots() {
    return whole("SearchWhole.twoSlots().setup()", 2, 2);
  }

  /** Restart, never, parallel, shared memory, crashes, terminate, every mode of shutdown. */
  static SearchMenu threeSlots() {
    TraceSetup setup =
        new TraceSetup(
            "SearchWhole.threeSlots().setup()",
            TraceSetup.options(3, 3, 1, 1, Phase.RUN),
            List.of(
                SearchMenu.restart("a").terms(),
                SearchMenu.memory("a").terms(),
                SearchMenu.memory("a").neverRestart().terms(),
                SearchMenu.restart("a").flags(Flag.PARALLEL).neverRestart().terms()),
            0);
    return new SearchMenu(
        setup,
        all(setup),
        1,
        EnumSet.of(
            What.REGISTER, What.TERMINATE, What.STARTED, What.GONE, What.SHUTDOWN, What.WAKE),
        List.of(),
        0,
        List.of("returned", "threw", "crashed"),
        List.of(),
        SearchMenu.ALL_MODES,
        0);
  }

  private static SearchMenu whole(String name, int slots, int generations, What... without) {
    TraceSetup setup =
        new TraceSetup(
            name,
            TraceSetup.options(slots, slots, 1, 1, Phase.STARTUP),
            List.of(
                SearchMenu.memory("a").notify("n").startAt(StartTime.POSTMASTER_START).terms(),
                SearchMenu.memory("b").neverRestart().requires("a").terms(),
                SearchMenu.restart("b").flags(Flag.PARALLEL).neverRestart().notify("n").terms(),
                SearchMenu.restart("b").after("a").ready(Readiness.SAID).terms(),
                SearchMenu.verticle(
                    SearchMenu.memory("a")
                        .domain("other")
                        .startAt(StartTime.CONSISTENT_STATE)
                        .ready(Readiness.after(Duration.ofSeconds(1))))),
            0);
    return new SearchMenu(
        setup,
        all(setup),
        generations,
        events(without),
        List.of(AwaitFor.values()),
        1,
        SearchMenu.ALL_ENDS,
        List.of(0),
        SearchMenu.ALL_MODES,
        0);
  }

  private static List<Integer> all(TraceSetup setup) {
    return IntStream.range(0, setup.kinds().size()).boxed().toList();
  }

  private static Set<What> events(What... without) {
    Set<What> events = EnumSet.allOf(What.class);
    events.removeAll(List.of(without));
    events.removeAll(USELESS);
    return events;
  }
}
