package dev.postmaster.core;

import dev.postmaster.Phase;
import dev.postmaster.Readiness;
import dev.postmaster.WorkerTerms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Pairs of short histories, after which a postmaster goes on differently, or does not. */
final class KeyHistories {

  /** By the word for it in the histories below. */
  private static final Map<String, WorkerTerms> KINDS = kinds();

  /** Words for numbers: kinds, and targets of pauses. */
  private static final Map<String, String> NUMBERS = numbers();

  private KeyHistories() {}

  private static Map<String, WorkerTerms> kinds() {
    Duration second = Duration.ofSeconds(1);
    Map<String, WorkerTerms> kinds = new LinkedHashMap<>();
    kinds.put("plain", SearchMenu.restart("a").terms());
    kinds.put("b", SearchMenu.restart("b").terms());
    kinds.put("said", SearchMenu.restart("b").ready(Readiness.SAID).terms());
    kinds.put("needs-b", SearchMenu.restart("c").requires("b").terms());
    kinds.put(
        "quits", SearchMenu.restart("q").requires("b").stop(Duration.ZERO, Duration.ZERO).terms());
    kinds.put("uptime", SearchMenu.restart("u").ready(Readiness.after(second)).terms());
    kinds.put("slow", SearchMenu.restart("s").stop(second.multipliedBy(4), second).terms());
    kinds.put("verticle", SearchMenu.verticle(SearchMenu.restart("v")));
    kinds.put("memory", SearchMenu.memory("m").terms());
    kinds.put("memory-once", SearchMenu.memory("m").neverRestart().terms());
    kinds.put("memory-hard", SearchMenu.memory("m").stop(Duration.ZERO, second).terms());
    kinds.put("memory-2", SearchMenu.memory("m").domain("other").terms());
    kinds.put("memory-3", SearchMenu.memory("m").domain("third").terms());
    return kinds;
  }

  private static Map<String, String> numbers() {
    Map<String, String> numbers = new HashMap<>();
    KINDS.keySet().forEach(kind -> numbers.put(kind, Integer.toString(numbers.size())));
    List<String> targets = List.of("all", "a", "main", "other", "slot-0", "slot-1", "slot-2");
    targets.forEach(target -> numbers.put(target, Integer.toString(targets.indexOf(target))));
    return numbers;
  }

  /** Plays histories one after the other. */
  static TraceWorld play(Phase phase, String... histories) {
    TraceSetup setup =
        new TraceSetup(
            "KeyHistories", TraceSetup.options(3, 3, 1, 1, phase), List.copyOf(KINDS.values()), 0);
    TraceWorld world = new TraceWorld(setup);
    Stream.of(histories).flatMap(KeyHistories::events).forEach(world::play);
    return world;
  }

  private static Stream<TraceEvent> events(String history) {
    return Stream.of(history.split("; "))
        .filter(event -> !event.isEmpty())
        .map(event -> event.split(" "))
        .map(
            words ->
                Arrays.stream(words)
                    .map(word -> NUMBERS.getOrDefault(word, word))
                    .collect(Collectors.joining(" ")))
        .map(TraceEvent::parse);
  }

  /** Two histories, and what happens otherwise after the one than after the other. */
  record Apart(String what, Phase phase, String both, String one, String other, String then) {

    Apart(String what, String both, String one, String other, String then) {
      this(what, Phase.RUN, "start 0 0; " + both, one, other, then);
    }

    List<Object> follows(TraceWorld world) {
      List<Object> outcomes = new ArrayList<>();
      events(then)
          .forEach(
              event -> {
                world.play(event);
                outcomes.add(KeyWalks.Outcome.of(world));
              });
      return outcomes;
    }

    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Apart> apart() {
    return Stream.of(ofThePostmaster(), ofSlots(), ofRuns(), ofEnds()).flatMap(row -> row);
  }

  private static Stream<Apart> ofThePostmaster() {
    String crash = "register 0 memory-2; started 0 0; gone 0 crashed; ";
    String freed = "; terminate 0 0; gone 0 returned-told";
    String three = crash.replace("2", "3");
    return Stream.of(
        new Apart("start", Phase.RUN, "", "", "start 0 0", "register 0 plain"),
        new Apart("phase", Phase.STARTUP, "start 0 0", "", "advance 0 run", "register 0 plain"),
        new Apart("mode", "attach 0 0", "", "shutdown 0 smart", "detach 0 0"),
        new Apart(
            "abnormal",
            "register 0 memory; register 0 plain; started 0 0; started 1 0; shutdown 0 fast",
            "gone 0 threw",
            "gone 0 crashed",
            "gone 1 returned-told"),
        new Apart(
            "end of the shutdown",
            "register 0 slow; started 0 0; shutdown 0 fast",
            "",
            "stall 0 500",
            "wake 0 0; wake 0 0"),
        new Apart("client", "", "", "attach 0 0", "shutdown 0 smart"),
        new Apart("which client", "", "attach 0 0", "attach 1 0", "detach 0 0; shutdown 0 smart"),
        new Apart("end of a lease", "attach 0 0", "", "pass 0 500", "wake-now 0 0"),
        new Apart(
            "completed",
            "register 0 b; started 0 0; terminate 0 0",
            "gone 0 threw-told",
            "gone 0 returned",
            "register 0 needs-b"),
        new Apart("pause", "", "", "pause all 0", "register 0 plain"),
        new Apart("target of a pause", "", "pause a 0", "pause other 0", "register 0 plain"),
        new Apart("pause or not", "pause other 0", "pause a 0", "resume a 0", "register 0 plain"),
        new Apart(
            "later of two pauses",
            "pause other 0",
            "pause all 0; resume a 0",
            "resume a 0; pause all 0",
            "register 0 plain"),
        new Apart(
            "later of a pause and one's own",
            "pause other 0; register 0 plain; started 0 0",
            "pause all 0; resume slot-0 0",
            "resume slot-0 0; pause all 0",
            "gone 0 threw; wake 0 0"),
        new Apart("end of a pause", "", "pause all 0", "pause all 2000", "register 0 plain"),
        new Apart("time of its end", "pause all 2000", "", "pass 0 500", "wake-now 0 0"),
        new Apart(
            "closed domain",
            "register 0 memory-2; started 0 0",
            "pass 0 1500; gone 0 crashed; terminate 0 0; gone 0 returned-told; pass 0 1000",
            "gone 0 crashed; started 0 0; pass 0 1500; gone 0 crashed; terminate 0 0; pass 0 1000",
            "register 0 memory-2"),
        new Apart(
            "domain that stays closed",
            crash + "started 0 0",
            "terminate 0 0; gone 0 returned-told; pass 0 3000",
            "gone 0 crashed; terminate 0 0; pass 0 3000",
            "register 0 memory-2"),
        new Apart(
            "which domain is closed",
            "",
            crash + "started 0 0; gone 0 crashed; terminate 0 0",
            three + "started 0 0; gone 0 crashed; terminate 0 0",
            "register 0 memory-2"),
        new Apart(
            "crash before",
            "register 0 memory; started 0 0",
            "terminate 0 0; gone 0 returned-told",
            "gone 0 crashed" + freed,
            "register 0 memory; started 0 0; gone 0 crashed"),
        new Apart(
            "how long before",
            "register 0 memory; started 0 0; gone 0 crashed" + freed,
            "",
            "pass 0 1000",
            "register 0 memory; started 0 0; pass 0 1500; gone 0 crashed"),
        new Apart(
            "cycle that is not over",
            "register 0 memory-once; started 0 0",
            "pause all 0; register 0 memory-hard; gone 0 crashed; resume all 0; "
                + "started 1 0; terminate 1 0",
            "register 0 memory-hard; started 1 0; terminate 1 0; gone 0 crashed",
            "register 0 memory"));
  }

  private static Stream<Apart> ofSlots() {
    return Stream.of(
        new Apart(
            "generation of a free slot",
            "pause all 0; register 0 plain; terminate 0 0",
            "",
            "register 0 plain; terminate 0 0",
            "register 0 plain"),
        new Apart(
            "which free slot",
            "pause all 0; register 0 plain",
            "terminate 0 0; register 0 plain; register 0 plain; terminate 0 0; terminate 1 0",
            "register 0 plain; terminate 1 0; register 0 plain; terminate 0 0; terminate 1 0",
            "register 0 plain"),
        new Apart(
            "whether its last tenant had begun",
            "register 0 plain",
            "terminate 0 0; gone 0 threw-told",
            "started 0 0; terminate 0 0; gone 0 threw-told",
            "await 0 started"),
        new Apart(
            "which slot",
            "pause all 0; register 0 plain; register 0 plain",
            "terminate 0 0; register 0 b",
            "terminate 1 0; register 0 b",
            "terminate 0 0"),
        new Apart(
            "generation",
            "pause all 0; register 0 plain",
            "",
            "terminate 0 0; register 0 plain",
            "terminate 0 0"),
        new Apart(
            "whether it had begun",
            "register 0 plain",
            "gone 0 start-failed",
            "started 0 0; gone 0 threw",
            "await 0 stopped"),
        new Apart(
            "its own pause",
            "register 0 plain; started 0 0",
            "",
            "pause slot-0 0",
            "gone 0 threw; wake 0 0"),
        new Apart(
            "when it is due",
            "register 0 plain; started 0 0; gone 0 threw",
            "",
            "pass 0 500",
            "wake-now 0 0"),
        new Apart(
            "who is due first",
            "register 0 plain; register 0 b; started 0 0; started 1 0; pause all 0",
            "gone 0 threw; pass 0 100; gone 1 threw; wake 0 0; wake 0 0; pass 0 100",
            "gone 1 threw; pass 0 100; gone 0 threw; wake 0 0; wake 0 0; pass 0 100",
            "resume all 0"),
        new Apart(
            "whether one that is due now is due before it",
            "register 0 plain; started 0 0; pause all 0; register 0 b",
            "",
            "pass 0 500",
            "drain all 0; gone 0 returned-told; resume all 0"),
        new Apart(
            "why it starts again",
            "register 0 memory-2; started 0 0",
            "pause all 0; gone 0 crashed; pass 0 3000",
            "drain all 0; gone 0 returned-told; pass 0 3000",
            "resume all 0"),
        new Apart(
            "what is waited for",
            "register 0 plain",
            "await 0 started",
            "await 0 gone",
            "started 0 0"),
        new Apart(
            "end of a wait",
            "register 0 plain; started 0 0; await 0 gone",
            "",
            "pass 0 500",
            "wake-now 0 0"));
  }

  private static Stream<Apart> ofRuns() {
    String nine = "; extend 0 0".repeat(9).substring(2);
    String failed = "register 0 plain; started 0 0; gone 0 threw; wake 0 0";
    return Stream.of(
        new Apart("begun", failed, "terminate 0 0", "started 0 0; terminate 0 0", "gone 0 threw"),
        new Apart(
            "ready",
            "register 0 said; started 0 0; ready 0 0",
            "",
            "not-ready 0 0",
            "register 0 needs-b"),
        new Apart(
            "reason",
            "register 0 verticle; started 0 0",
            "drain slot-0 0; resume slot-0 0",
            "signal 0 term",
            "gone 0 returned-told"),
        new Apart(
            "terminate",
            "register 0 plain; started 0 0; drain all 0",
            "",
            "terminate 0 0",
            "gone 0 returned-told"),
        new Apart(
            "whether it is waited for with a tell",
            "register 0 b; started 0 0; register 0 quits; register 0 needs-b; "
                + "started 1 0; started 2 0; terminate 1 0",
            "wake 0 0; shutdown 0 fast",
            "shutdown 0 fast; wake 0 0",
            "gone 2 returned-told"),
        new Apart("limit of a start", "register 0 plain", "", "pass 0 500", "wake-now 0 0"),
        new Apart(
            "limit of a stop",
            "register 0 plain; started 0 0; terminate 0 0",
            "",
            "pass 0 500",
            "wake-now 0 0"),
        new Apart(
            "extensions of a start",
            "register 0 plain",
            "",
            "extend-start 0 0; pass 0 2000",
            nine.replace("extend", "extend-start")),
        new Apart(
            "extensions of a stop",
            "register 0 plain; started 0 0; terminate 0 0",
            "",
            "extend-stop 0 0; pass 0 1000",
            nine.replace("extend", "extend-stop")),
        new Apart(
            "uptime",
            "register 0 uptime",
            "started 0 0; pass 0 500",
            "pass 0 500; started 0 0",
            "wake-now 0 0"));
  }

  private static Stream<Apart> ofEnds() {
    String told = "register 0 plain; started 0 0; terminate 0 0";
    return Stream.of(
        new Apart("end", told, "", "ended 0 threw-told", "gone 0 returned"),
        new Apart("code of an end", told, "ended 0 threw", "ended 0 crashed", "gone 0 returned"),
        new Apart(
            "explicit end", told, "ended 0 exit1-told", "ended 0 threw-told", "gone 0 returned"),
        new Apart(
            "end after a tell", told, "ended 0 threw", "ended 0 threw-told", "gone 0 returned"),
        new Apart(
            "end after an interrupt",
            told + "; wake 0 0",
            "ended 0 threw-told",
            "ended 0 threw-interrupted",
            "gone 0 returned"));
  }

  /** Two histories that come to the same, as far as it matters. */
  record Alike(String what, String one, String other) {

    @Override
    public String toString() {
      return what;
    }
  }

  static Stream<Alike> alike() {
    String crash = "register 0 memory-2; started 0 0; gone 0 crashed; terminate 0 0";
    String freed = "; gone 0 returned-told; ";
    String three = crash.replace("2", "3");
    String again = "gone 0 threw; wake 0 0; started 0 0; ";
    return Stream.of(
        new Alike("order of clients", "attach 0 0; attach 1 0", "attach 1 0; attach 0 0"),
        new Alike("order of domains", crash + freed + three + freed, three + freed + crash + freed),
        new Alike(
            "how often a run has failed",
            "register 0 plain; started 0 0; " + again,
            "register 0 plain; started 0 0; " + again + again),
        new Alike(
            "crash as old as the window of the limit",
            crash + freed + "pass 0 2000",
            "register 0 memory; started 0 0; terminate 0 0; gone 0 returned-told"),
        new Alike(
            "how much earlier somebody was due",
            "pause all 0; register 0 plain; register 0 b; pass 0 500",
            "pause all 0; register 0 plain; pass 0 100; register 0 b; pass 0 400"),
        new Alike(
            "how many pauses there were before",
            "pause other 0; register 0 plain; pause slot-0 0",
            "pause other 0; pause other 0; register 0 plain; pause all 0; resume all 0; "
                + "pause other 0; pause slot-0 0; pause slot-0 0"),
        new Alike("resume without a pause", "resume all 0", ""),
        new Alike(
            "what a failed start said",
            "register 0 b; gone 0 threw",
            "register 0 b; gone 0 start-failed"));
  }
}
