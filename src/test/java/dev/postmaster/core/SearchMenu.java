package dev.postmaster.core;

import dev.postmaster.Flag;
import dev.postmaster.Phase;
import dev.postmaster.Readiness;
import dev.postmaster.ShutdownMode;
import dev.postmaster.StartTime;
import dev.postmaster.Threading;
import dev.postmaster.WorkerFactory;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerTerms;
import dev.postmaster.core.TraceEvent.What;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What one search lets happen. Each has the life of a worker in it and one part of the contract in
 * full, because all parts at once are more states than anybody can visit.
 *
 * <p>Units: every time is a whole number of seconds, so that the times of a state, relative to one
 * another, are few.
 *
 * @param kinds that are registered
 * @param generations of each slot
 * @param waitsMax of one slot at one time
 * @param targets of pause, drain and resume, by number
 * @param modes of shutdown
 * @param passMs time may pass by so much without anybody waking, so that deadlines come due in any
 *     order, and no pause has an end; 0 never
 */
record SearchMenu(
    TraceSetup setup,
    List<Integer> kinds,
    int generations,
    Set<What> events,
    List<AwaitFor> waits,
    int waitsMax,
    List<String> ends,
    List<Integer> targets,
    List<ShutdownMode> modes,
    int passMs) {

  /** With every mode, and deadlines in their order. */
  SearchMenu(
      TraceSetup setup,
      List<Integer> kinds,
      int generations,
      Set<What> events,
      List<AwaitFor> waits,
      List<String> ends,
      List<Integer> targets) {
    this(setup, kinds, generations, events, waits, waits.size(), ends, targets, ALL_MODES, 0);
  }

  static final List<ShutdownMode> ALL_MODES =
      List.of(ShutdownMode.SMART, ShutdownMode.FAST, ShutdownMode.IMMEDIATE);

  private static final Set<What> LIFE =
      EnumSet.of(What.REGISTER, What.TERMINATE, What.STARTED, What.GONE, What.SHUTDOWN, What.WAKE);

  static final List<String> ALL_ENDS =
      List.of("returned", "threw", "crashed", "exit0", "exit1", "exit3", "start-failed");

  static final TraceSetup LIFE_SETUP =
      new TraceSetup(
          "SearchMenu.LIFE_SETUP",
          TraceSetup.options(1, Phase.RUN),
          List.of(
              restart("a").notify("n").terms(),
              restart("a").neverRestart().terms(),
              restart("a").flags(Flag.PARALLEL).neverRestart().notify("n").terms()),
          0);

  static final SearchMenu LIFE_MENU =
      new SearchMenu(
          LIFE_SETUP,
          List.of(0, 1, 2),
          2,
          with(
              What.TERMINATE_OLD,
              What.AWAIT,
              What.AWAIT_OLD,
              What.ENDED,
              What.STALL,
              What.ABORT,
              What.LATE_GONE),
          List.of(AwaitFor.STARTED, AwaitFor.GONE),
          ALL_ENDS,
          List.of());

  static final TraceSetup MEMORY_SETUP =
      new TraceSetup(
          "SearchMenu.MEMORY_SETUP",
          TraceSetup.options(1, 1, 1, 1, Phase.RUN),
          List.of(
              memory("a").terms(),
              memory("a").neverRestart().terms(),
              memory("a").domain("other").terms()),
          0);

  static final SearchMenu MEMORY_MENU =
      new SearchMenu(
          MEMORY_SETUP,
          List.of(0, 1, 2),
          2,
          with(What.AWAIT, What.ENDED, What.EXTEND_STOP, What.RESUME, What.LATE_GONE),
          List.of(AwaitFor.STOPPED),
          ALL_ENDS,
          List.of(3));

  static final TraceSetup ORDERS_SETUP =
      new TraceSetup(
          "SearchMenu.ORDERS_SETUP",
          TraceSetup.options(1, Phase.STARTUP),
          List.of(
              restart("a").startAt(StartTime.CONSISTENT_STATE).terms(),
              memory("a").startAt(StartTime.POSTMASTER_START).terms()),
          0);

  static final SearchMenu ORDERS_MENU =
      new SearchMenu(
          ORDERS_SETUP,
          List.of(0, 1),
          2,
          with(What.PAUSE, What.DRAIN, What.RESUME, What.ADVANCE, What.ATTACH, What.DETACH),
          List.of(),
          List.of("returned", "threw", "crashed"),
          List.of(0, TraceSetup.WIDE_TARGETS));

  static final TraceSetup READY_SETUP =
      new TraceSetup(
          "SearchMenu.READY_SETUP",
          TraceSetup.options(1, Phase.RUN),
          List.of(
              restart("a").ready(Readiness.SAID).terms(),
              restart("a").ready(Readiness.after(Duration.ofSeconds(1))).terms(),
              verticle(
                  restart("a")
                      .ready(Readiness.after(Duration.ofSeconds(1)))
                      .startTimeout(Duration.ofSeconds(3)))),
          0);

  static final SearchMenu READY_MENU =
      new SearchMenu(
          READY_SETUP,
          List.of(0, 1, 2),
          2,
          with(
              What.READY,
              What.NOT_READY,
              What.EXTEND_START,
              What.EXTEND_STOP,
              What.AWAIT,
              What.SIGNAL,
              What.SIGNAL_ALL,
              What.ENDED,
              What.STALL,
              What.LATE_GONE),
          List.of(AwaitFor.READY),
          List.of("returned", "threw", "exit1"),
          List.of());

  static final TraceSetup VERTICLES_SETUP =
      new TraceSetup(
          "SearchMenu.VERTICLES_SETUP",
          TraceSetup.options(1, 1, 1, 1, Phase.RUN),
          List.of(
              verticle(memory("a")),
              verticle(restart("a").neverRestart().ready(Readiness.SAID)),
              verticle(restart("a").threading(Threading.WORKER))),
          0);

  static final SearchMenu VERTICLES_MENU =
      new SearchMenu(
          VERTICLES_SETUP,
          List.of(0, 1, 2),
          2,
          with(
              What.READY,
              What.AWAIT,
              What.ENDED,
              What.SIGNAL,
              What.SIGNAL_ALL,
              What.DRAIN,
              What.RESUME,
              What.EXTEND_STOP,
              What.LATE_GONE),
          List.of(AwaitFor.STOPPED),
          ALL_ENDS,
          List.of(TraceSetup.WIDE_TARGETS));

  static final TraceSetup NAMES_SETUP =
      new TraceSetup(
          "SearchMenu.NAMES_SETUP",
          TraceSetup.options(2, 1, 1, 1, Phase.RUN),
          List.of(
              restart("a").requires("b").terms(),
              restart("a").after("b").terms(),
              restart("b").ready(Readiness.SAID).terms()),
          0);

  static final SearchMenu NAMES_MENU =
      new SearchMenu(
          NAMES_SETUP,
          List.of(0, 1, 2),
          1,
          with(What.READY, What.NOT_READY),
          List.of(),
          List.of("returned", "threw"),
          List.of());

  static final TraceSetup PAIR_SETUP =
      new TraceSetup(
          "SearchMenu.PAIR_SETUP",
          TraceSetup.options(2, 2, 2, 1, Phase.RUN),
          List.of(
              memory("a").terms(),
              memory("b").flags(Flag.SHARED_MEMORY, Flag.PARALLEL).neverRestart().terms()),
          0);

  static final SearchMenu PAIR_MENU =
      new SearchMenu(
          PAIR_SETUP,
          List.of(0, 1),
          1,
          with(What.AWAIT),
          List.of(AwaitFor.STOPPED),
          List.of("threw", "crashed"),
          List.of());

  /** In every build: two generations and every part of the contract. */
  static final List<SearchMenu> SMALL =
      List.of(
          LIFE_MENU.less(List.of(0), What.STALL, What.AWAIT_OLD, What.ABORT),
          LIFE_MENU.less(List.of(2), What.AWAIT),
          MEMORY_MENU.less(List.of(0, 1), What.AWAIT, What.EXTEND_STOP, What.RESUME),
          MEMORY_MENU.less(List.of(2), What.ENDED, What.EXTEND_STOP),
          ORDERS_MENU.less(List.of(0), What.PAUSE, What.DRAIN, What.RESUME),
          ORDERS_MENU.less(List.of(1), What.ATTACH, What.DETACH, What.ADVANCE, What.DRAIN),
          READY_MENU.less(List.of(0, 1), What.STALL, What.SIGNAL, What.SIGNAL_ALL, What.AWAIT),
          READY_MENU.less(List.of(2), What.ENDED, What.EXTEND_STOP, What.AWAIT),
          VERTICLES_MENU.less(
              List.of(0), What.READY, What.AWAIT, What.SIGNAL_ALL, What.EXTEND_STOP),
          VERTICLES_MENU.less(List.of(1, 2), What.DRAIN, What.RESUME, What.EXTEND_STOP),
          NAMES_MENU,
          PAIR_MENU.less(List.of(0, 1), What.AWAIT));

  /** Minutes. */
  static final List<SearchMenu> ALL =
      List.of(
          LIFE_MENU, MEMORY_MENU, ORDERS_MENU, READY_MENU, VERTICLES_MENU, NAMES_MENU, PAIR_MENU);

  /** The same with less in it. */
  private SearchMenu less(List<Integer> of, What... without) {
    Set<What> left = EnumSet.copyOf(events);
    List.of(without).forEach(left::remove);
    return new SearchMenu(
        setup, of, generations, left, waits, waitsMax, ends, targets, modes, passMs);
  }

  private static Set<What> with(What... more) {
    Set<What> events = EnumSet.copyOf(LIFE);
    events.addAll(List.of(more));
    return events;
  }

  static WorkerSpec restart(String name) {
    return WorkerSpec.of(name, "library", "function")
        .restartAfter(Duration.ofSeconds(1))
        .startTimeout(Duration.ofSeconds(2))
        .stop(Duration.ofSeconds(1), Duration.ofSeconds(1));
  }

  static WorkerTerms verticle(WorkerSpec spec) {
    return spec.terms(Optional.of(new WorkerFactory.Verticle(() -> null)));
  }

  static WorkerSpec memory(String name) {
    return restart(name).flags(Flag.SHARED_MEMORY);
  }

  boolean has(What what) {
    return events.contains(what);
  }

  boolean hasEnd(TraceEvent event) {
    String word = event.toString().split(" ")[2].replace("-told", "").replace("-interrupted", "");
    return ends.contains(word);
  }
}
