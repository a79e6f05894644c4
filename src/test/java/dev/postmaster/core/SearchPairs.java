package dev.postmaster.core;

import dev.postmaster.Flag;
import dev.postmaster.Phase;
import dev.postmaster.ShutdownMode;
import dev.postmaster.StartTime;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerTerms;
import dev.postmaster.core.TraceEvent.What;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Two slots, and each pair of features in all that they can do to one another. */
final class SearchPairs {

  /** One part of the contract. */
  enum Feature {
    PARALLEL,
    RESTART,
    NEVER,
    MEMORY,
    CRASH,
    REQUIRES,
    PHASES,
    PAUSE,
    SMART,
    FAST,
    IMMEDIATE,
    TERMINATE
  }

  private static final int PASS_MS = 500;

  private SearchPairs() {}

  /** Of every feature with every other. */
  static List<SearchMenu> all() {
    List<SearchMenu> menus = new ArrayList<>();
    for (Feature one : Feature.values()) {
      for (Feature other : Feature.values()) {
        if (one.compareTo(other) < 0) {
          menus.add(of(EnumSet.of(one, other), 1));
        }
      }
    }
    return menus;
  }

  static SearchMenu of(Set<Feature> features, int generations) {
    List<WorkerTerms> kinds = kinds(features);
    boolean crashes = features.contains(Feature.CRASH);
    Phase phase = features.contains(Feature.PHASES) ? Phase.STARTUP : Phase.RUN;
    return new SearchMenu(
        new TraceSetup(
            name(features, generations), TraceSetup.options(2, 2, 1, 1, phase), kinds, 0),
        IntStream.range(0, kinds.size()).boxed().toList(),
        generations,
        events(features),
        List.of(),
        0,
        crashes ? List.of("returned", "threw", "crashed") : List.of("returned", "threw"),
        List.of(0),
        modes(features),
        // A lease of 90 s would have 180 ages.
        features.contains(Feature.SMART) ? 0 : PASS_MS);
  }

  private static String name(Set<Feature> features, int generations) {
    String names =
        features.stream()
            .map(one -> "SearchPairs.Feature." + one)
            .collect(Collectors.joining(", "));
    return "SearchPairs.of(EnumSet.of(" + names + "), " + generations + ").setup()";
  }

  private static Set<What> events(Set<Feature> features) {
    Set<What> events = EnumSet.of(What.REGISTER, What.STARTED, What.GONE, What.WAKE, What.SHUTDOWN);
    if (features.contains(Feature.PAUSE)) {
      events.addAll(EnumSet.of(What.PAUSE, What.DRAIN, What.RESUME));
    }
    if (features.contains(Feature.PHASES)) {
      events.add(What.ADVANCE);
    }
    if (features.contains(Feature.TERMINATE)) {
      events.add(What.TERMINATE);
    }
    if (features.contains(Feature.SMART)) {
      events.addAll(EnumSet.of(What.ATTACH, What.DETACH));
    }
    return events;
  }

  private static List<ShutdownMode> modes(Set<Feature> features) {
    List<ShutdownMode> modes = new ArrayList<>();
    for (ShutdownMode mode : ShutdownMode.values()) {
      if (mode != ShutdownMode.NONE && features.contains(Feature.valueOf(mode.name()))) {
        modes.add(mode);
      }
    }
    return modes;
  }

  /** One worker of each feature, and one of all that go together. */
  private static List<WorkerTerms> kinds(Set<Feature> features) {
    List<WorkerTerms> kinds = new ArrayList<>();
    for (Feature feature : features) {
      add(kinds, EnumSet.of(feature));
    }
    add(kinds, features);
    if (features.contains(Feature.REQUIRES)) {
      kinds.add(SearchMenu.restart("b").terms());
    }
    return kinds;
  }

  private static void add(List<WorkerTerms> kinds, Set<Feature> features) {
    boolean never = features.contains(Feature.NEVER) || features.contains(Feature.PARALLEL);
    if (never && features.contains(Feature.RESTART)) {
      return;
    }
    WorkerSpec spec = SearchMenu.restart("a");
    EnumSet<Flag> flags = EnumSet.noneOf(Flag.class);
    if (features.contains(Feature.PARALLEL)) {
      flags.add(Flag.PARALLEL);
    }
    if (features.contains(Feature.MEMORY) || features.contains(Feature.CRASH)) {
      flags.add(Flag.SHARED_MEMORY);
    }
    spec = spec.flags(flags.toArray(Flag[]::new));
    spec = never ? spec.neverRestart() : spec;
    spec = features.contains(Feature.REQUIRES) ? spec.requires("b") : spec;
    spec = features.contains(Feature.PHASES) ? spec.startAt(StartTime.CONSISTENT_STATE) : spec;
    WorkerTerms terms = spec.terms();
    if (!kinds.contains(terms)) {
      kinds.add(terms);
    }
  }
}
