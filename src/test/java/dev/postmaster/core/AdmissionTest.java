package dev.postmaster.core;

import static dev.postmaster.ErrorCode.ALREADY_REGISTERED;
import static dev.postmaster.ErrorCode.INVALID_SPEC;
import static dev.postmaster.ErrorCode.NOTIFY_NOT_ALLOWED;
import static dev.postmaster.ErrorCode.NO_FREE_SLOT;
import static dev.postmaster.ErrorCode.PARALLEL_LIMIT;
import static dev.postmaster.ErrorCode.SHUTTING_DOWN;
import static dev.postmaster.ErrorCode.STATIC_TOO_LATE;
import static dev.postmaster.ErrorCode.UNKNOWN_ENTRY_POINT;
import static dev.postmaster.support.CoreRig.refusal;
import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.Flag;
import dev.postmaster.HandleStatus;
import dev.postmaster.Holder;
import dev.postmaster.PostmasterException;
import dev.postmaster.Readiness;
import dev.postmaster.ShutdownMode;
import dev.postmaster.StartTime;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerTerms;
import dev.postmaster.support.CoreRig;
import dev.postmaster.support.Terms;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract §3: validation in its order, and that a refusal changes nothing. */
class AdmissionTest {

  private static final Duration DAY = Duration.ofHours(24);

  private final CoreRig rig = CoreRig.started();

  private static void assertInvalid(Terms terms, String field, String value) {
    PostmasterException refused = CoreRig.started().refused(terms);
    assertEquals(INVALID_SPEC, refused.code());
    assertTrue(refused.getMessage().startsWith(field + ":"), refused.getMessage());
    assertTrue(refused.getMessage().contains(value), refused.getMessage());
  }

  @Test // T-001
  void staticWorkerHasItsSlotAndGenerationOneBeforeTheStart() {
    CoreRig early = CoreRig.with().notStarted();

    var handle = early.registerStatic(worker("a"));

    assertEquals(0, handle.slot());
    assertEquals(1, handle.generation());
    assertEquals(HandleStatus.NOT_YET_STARTED, early.status(handle).status());
    assertEquals(0, early.status(handle).runId());
    assertTrue(early.effects.launches().isEmpty());
  }

  @Test // T-002
  void staticWorkersFillEverySlotAndTheNextIsRefused() {
    CoreRig early = CoreRig.with().workers(2).notStarted();
    early.registerStatic(worker("a"));
    early.registerStatic(worker("b"));

    assertEquals(NO_FREE_SLOT, refusal(() -> early.registerStatic(worker("c"))).code());

    early.start();
    assertEquals(List.of("a", "b"), early.launched());
  }

  @Test // T-003
  void withoutSlotsTheFirstIsRefused() {
    CoreRig none = CoreRig.with().workers(0).started();

    PostmasterException refused = none.refused(worker("a"));

    assertEquals(NO_FREE_SLOT, refused.code());
    assertEquals(0, refused.limit());
    assertEquals(List.of(), refused.holders());
  }

  @Test // T-004
  void refusalChangesNeitherSlotNorCounterNorGenerationNorJournal() {
    CoreRig full = CoreRig.with().workers(1).parallel(1).started();
    var holder = full.running(worker("p").parallel());
    int mark = full.effects.mark();

    full.refused(worker("p2").parallel());
    full.refused(worker("n"));
    full.refused(worker("").restart(5));

    assertEquals(List.of(), full.effects.since(mark));
    assertEquals(1, full.core.used());
    assertEquals(1, full.core.parallelActive());
    full.exit(holder, End.returned());
    assertEquals(2, full.register(worker("next")).generation());
  }

  @Test // T-005
  void staticWorkerMayNotNotify() {
    CoreRig early = CoreRig.with().notStarted();

    var refused = refusal(() -> early.registerStatic(worker("a").notify("address")));

    assertEquals(NOTIFY_NOT_ALLOWED, refused.code());
    assertEquals(0, early.core.used());
  }

  @Test // T-006
  void staticWorkerAfterTheStartIsTooLate() {
    assertEquals(STATIC_TOO_LATE, refusal(() -> rig.registerStatic(worker("a"))).code());
    assertEquals(0, rig.core.used());
  }

  @Test // T-007
  void emptyTypeIsTheNameAndAGivenOneIsKept() {
    assertEquals("a", rig.status(rig.register(worker("a"))).type());
    assertEquals("kind", rig.status(rig.register(worker("b").type("kind"))).type());
  }

  @Test // T-008
  void namesOfNinetyFiveBytesAreKeptAndLongerOnesRefused() {
    String longest = "n".repeat(95);

    assertEquals(longest, rig.status(rig.register(worker(longest).type(longest))).name());
    assertInvalid(worker(longest + "n"), "name", "96 bytes");
    assertInvalid(worker("a").type(longest + "n"), "type", "96 bytes");
    assertInvalid(worker("a").domain(longest + "n"), "domain", "96 bytes");
    assertInvalid(worker("é".repeat(48)), "name", "96 bytes");
  }

  @Test
  void emptyNameIsRefused() {
    assertInvalid(worker(""), "name", "0 bytes");
  }

  @Test
  void notifyAddressHasAtMostTwoHundredAndFiftyFiveBytes() {
    rig.register(worker("a").notify("x".repeat(255)));
    assertInvalid(worker("a").notify("x".repeat(256)), "notify", "256 bytes");
  }

  @Test // T-032
  void onlyControlAndBidiCharactersOfANameAreReplaced() {
    var handle = rig.register(worker("grün\u0007\u202e\u2028\ud800x"));

    assertEquals("grün????x", rig.status(handle).name());
  }

  @Test // T-021
  void lowestFreeSlotIsTaken() {
    var a = rig.running(worker("a"));
    rig.running(worker("b"));
    rig.exit(a, End.returned());

    assertEquals(0, rig.register(worker("c")).slot());
    assertEquals(2, rig.register(worker("d")).slot());
  }

  @Test // T-022
  void withoutAFreeSlotTheAnswerNamesTheLimitAndItsFiveOldestHolders() {
    CoreRig full = CoreRig.with().workers(6).started();
    IntStream.range(0, 6).forEach(i -> full.running(worker("w" + i)));
    full.advance(3);

    PostmasterException refused = full.refused(worker("late"));

    assertEquals(NO_FREE_SLOT, refused.code());
    assertEquals(6, refused.limit());
    assertEquals(6, refused.used());
    assertEquals(
        List.of("w0", "w1", "w2", "w3", "w4"),
        refused.holders().stream().map(Holder::name).toList());
    assertEquals(3_000, refused.holders().get(0).ageMs());
  }

  @Test // T-025
  void insaneSpecificationLeavesSlotsCountersAndJournalUntouched() {
    int mark = rig.effects.mark();

    rig.refused(worker("a").flags(Flag.PARALLEL).restart(5));

    assertEquals(0, rig.core.used());
    assertEquals(0, rig.core.parallelActive());
    assertEquals(List.of(), rig.effects.since(mark));
  }

  @Test // T-030
  void ofTwoThatWantTheLastSlotExactlyOneGetsIt() {
    CoreRig last = CoreRig.with().workers(1).started();

    last.register(worker("first"));

    assertEquals(NO_FREE_SLOT, last.refused(worker("second")).code());
    assertEquals(1, last.core.used());
  }

  @Test // T-040
  void connectionNeedsSharedMemory() {
    assertInvalid(
        worker("a").flags(Flag.DATABASE_CONNECTION), "flags", "DATABASE_CONNECTION needs SHARED");
  }

  @Test // T-041
  void connectionCannotStartWithThePostmaster() {
    Terms terms = worker("a").flags(Flag.DATABASE_CONNECTION, Flag.SHARED_MEMORY);

    assertInvalid(terms.startAt(StartTime.POSTMASTER_START), "start", "POSTMASTER_START");
    rig.register(terms.startAt(StartTime.CONSISTENT_STATE));
  }

  @ParameterizedTest // T-042 T-043
  @MethodSource("intervalsOutOfRange")
  void restartOutOfRangeIsRefused(Duration restart, String shown) {
    assertInvalid(worker("a").restart(restart), "restart", shown);
  }

  static Stream<Arguments> intervalsOutOfRange() {
    return Stream.of(
        Arguments.of(Duration.ofSeconds(-2), "-2000 ms"),
        Arguments.of(Duration.ofMillis(-1), "-1 ms"),
        Arguments.of(DAY.plusMillis(1), "86400001 ms"),
        Arguments.of(Duration.ofSeconds(86_400_001), "86400001000 ms"));
  }

  @ParameterizedTest // T-044 T-045 T-046
  @ValueSource(strings = {"PT24H", "PT0S", "PT-1S"})
  void restartOfADayOfZeroAndNeverAreAccepted(String restart) {
    Duration interval = Duration.parse(restart);
    var handle = rig.register(worker("a").restart(interval));

    long shown = interval.equals(WorkerTerms.NEVER) ? -1 : interval.toMillis();
    assertEquals(shown, rig.status(handle).restartMs());
  }

  @Test // T-047
  void parallelIsNeverRestarted() {
    assertInvalid(worker("a").flags(Flag.PARALLEL).restart(0), "restart", "0 ms");
    assertInvalid(worker("a").flags(Flag.PARALLEL).restart(5), "restart", "5000 ms");
    rig.register(worker("a").flags(Flag.PARALLEL).never());
  }

  /** Each breaks its own rule and all later ones that it can. */
  @ParameterizedTest // T-050
  @MethodSource("brokenRules")
  void firstBrokenRuleIsTheAnswer(Terms terms, ErrorCode code, String start) {
    CoreRig early =
        CoreRig.with()
            .workers(0)
            .parallel(0)
            .entryPoints(
                any -> {
                  throw PostmasterException.of(UNKNOWN_ENTRY_POINT, "function: unknown");
                })
            .notStarted();

    PostmasterException refused = refusal(() -> early.registerStatic(terms));

    assertEquals(code, refused.code());
    assertTrue(refused.getMessage().startsWith(start), refused.getMessage());
  }

  static Stream<Arguments> brokenRules() {
    Duration late = DAY.plusMillis(1);
    StartTime first = StartTime.POSTMASTER_START;
    return Stream.of(
        Arguments.of(
            worker("a")
                .domain("")
                .flags(Flag.DATABASE_CONNECTION, Flag.PARALLEL)
                .startAt(first)
                .restart(late),
            INVALID_SPEC,
            "domain"),
        Arguments.of(
            worker("a").flags(Flag.DATABASE_CONNECTION, Flag.PARALLEL).startAt(first).restart(late),
            INVALID_SPEC,
            "flags"),
        Arguments.of(
            worker("a").flags(Flag.values()).startAt(first).restart(late), INVALID_SPEC, "start"),
        Arguments.of(
            worker("a").flags(Flag.PARALLEL).restart(late).requires("a"),
            INVALID_SPEC,
            "restart: 86400001 ms is neither"),
        Arguments.of(
            worker("a").flags(Flag.PARALLEL).restart(5).requires("a"),
            INVALID_SPEC,
            "restart: 5000 ms must"),
        Arguments.of(worker("a").requires("a").notify("n"), INVALID_SPEC, "requires"),
        Arguments.of(worker("a").notify("n"), UNKNOWN_ENTRY_POINT, "function"));
  }

  @Test
  void notifyIsRefusedBeforeALateStaticAndThatBeforeATakenName() {
    CoreRig unique = CoreRig.with().uniqueNames().started();
    unique.register(worker("a"));

    var both = refusal(() -> unique.registerStatic(worker("a").notify("n")));
    var late = refusal(() -> unique.registerStatic(worker("a")));

    assertEquals(NOTIFY_NOT_ALLOWED, both.code());
    assertEquals(STATIC_TOO_LATE, late.code());
  }

  @Test
  void takenUniqueNameIsRefusedWithItsHolderUntilItIsGone() {
    CoreRig unique = CoreRig.with().uniqueNames().started();
    var holder = unique.running(worker("a"));

    PostmasterException refused = unique.refused(worker("a"));

    assertEquals(ALREADY_REGISTERED, refused.code());
    assertEquals(holder, refused.holders().get(0).handle());
    unique.exit(holder, End.returned());
    assertEquals(2, unique.register(worker("a")).generation());
  }

  @Test
  void withoutUniqueNamesANameMayBeTakenTwice() {
    rig.register(worker("a"));

    assertEquals(1, rig.register(worker("a")).slot());
  }

  @Test // T-190
  void parallelLimitRefusesUntilOneHasLeft() {
    CoreRig two = CoreRig.with().parallel(2).started();
    var first = two.running(worker("p1").parallel());
    two.running(worker("p2").parallel());

    PostmasterException refused = two.refused(worker("p3").parallel());

    assertEquals(PARALLEL_LIMIT, refused.code());
    assertEquals(2, refused.limit());
    assertEquals(List.of("p1", "p2"), refused.holders().stream().map(Holder::name).toList());
    two.register(worker("other"));
    two.exit(first, End.returned());
    two.register(worker("p3").parallel());
  }

  @Test // T-191
  void parallelLimitIsTestedBeforeTheSlots() {
    CoreRig one = CoreRig.with().workers(1).parallel(1).started();
    one.running(worker("p").parallel());

    assertEquals(PARALLEL_LIMIT, one.refused(worker("q").parallel()).code());
    assertEquals(NO_FREE_SLOT, one.refused(worker("r")).code());
  }

  @Test // T-195
  void parallelLimitOfZeroAdmitsNone() {
    CoreRig none = CoreRig.with().parallel(0).started();

    assertEquals(PARALLEL_LIMIT, none.refused(worker("p").parallel()).code());
  }

  @Test
  void closedGateIsNamedBeforeEveryOtherLimit() {
    CoreRig one = CoreRig.with().workers(1).parallel(1).started();
    one.running(worker("p").parallel());
    one.shutdown(ShutdownMode.FAST);

    assertEquals(SHUTTING_DOWN, one.refused(worker("q").parallel()).code());
    assertEquals(INVALID_SPEC, one.refused(worker("")).code());
  }

  @Test // T-210
  void unknownEntryPointIsRefusedAtRegistration() {
    CoreRig strict =
        CoreRig.with()
            .entryPoints(
                terms -> {
                  throw PostmasterException.of(UNKNOWN_ENTRY_POINT, terms.name());
                })
            .started();

    assertEquals(UNKNOWN_ENTRY_POINT, strict.refused(worker("a")).code());
    assertEquals(0, strict.core.used());
  }

  @Test
  void cycleOfRequirementsIsRefusedWithItsPath() {
    rig.register(worker("a").requires("b"));
    rig.register(worker("b").after("c"));

    PostmasterException refused = rig.refused(worker("c").requires("x", "a"));

    assertEquals(INVALID_SPEC, refused.code());
    assertTrue(
        refused.getMessage().contains("\"c\" -> \"a\" -> \"b\" -> \"c\""), refused.getMessage());
    assertInvalid(worker("self").requires("self"), "requires, after", "\"self\" -> \"self\"");
  }

  @Test
  void cycleIsLookedForAmongTheNamesRegisteredNow() {
    var a = rig.register(worker("a").requires("b"));
    rig.terminate(a);

    rig.register(worker("b").requires("a"));
  }

  @Test
  void thirtyTwoNamesMayBeRequiredInAll() {
    String[] sixteen = IntStream.range(0, 16).mapToObj(i -> "r" + i).toArray(String[]::new);
    String[] seventeen = IntStream.range(0, 17).mapToObj(i -> "r" + i).toArray(String[]::new);

    rig.register(worker("a").requires(sixteen).after(sixteen));
    assertInvalid(worker("b").requires(sixteen).after(seventeen), "requires, after", "33 names");
  }

  @Test
  void timesOfTheStartAndOfTheLadderHaveTheirRanges() {
    rig.register(worker("a").startTimeout(DAY).stop(3600, 3600));
    rig.register(worker("b").startTimeout(Duration.ofMillis(1)).stop(0, 0));
    assertInvalid(worker("c").startTimeout(Duration.ZERO), "startTimeout", "0 ms");
    assertInvalid(worker("c").startTimeout(DAY.plusMillis(1)), "startTimeout", "86400001 ms");
    assertInvalid(worker("c").stop(3601, 5), "stop.grace", "3601000 ms");
    assertInvalid(worker("c").stop(10, -1), "stop.force", "-1000 ms");
  }

  @Test
  void readinessByUptimeIsShorterThanTheStartTimeout() {
    Terms terms = worker("a").startTimeout(Duration.ofSeconds(10));

    assertInvalid(terms.ready(Readiness.after(Duration.ofSeconds(10))), "ready", "10000 ms");
    assertInvalid(terms.ready(Readiness.after(Duration.ofMillis(-1))), "ready", "-1 ms");
    rig.register(terms.ready(Readiness.after(Duration.ofMillis(9_999))));
  }

  @Test // T-010
  void slotThatAStaticWorkerLeftIsForDynamicUseWithTheNextGeneration() {
    CoreRig early = CoreRig.with().notStarted();
    var first = early.registerStatic(worker("a"));
    early.start();
    early.begin(first);

    early.exit(first, End.returned());

    var next = early.register(worker("b"));
    assertEquals(first.slot(), next.slot());
    assertEquals(2, next.generation());
    assertEquals(WorkerState.FREE, early.state(first));
  }
}
