package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.Flag;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.Readiness;
import dev.postmaster.StartTime;
import dev.postmaster.Threading;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerTerms;
import dev.postmaster.support.CoreRig;
import dev.postmaster.support.Terms;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * That the key tells apart what goes on differently, and nothing else: what it forgets is hidden
 * from the search, what it keeps in vain is searched twice.
 */
class KeyTest {

  private static final String AGE = "pass 0 3600000; stall 0 900; clock 0 77";
  private static final int PAIRS_PER_MENU = 60;
  private static final int WALKS_PER_MENU = 600;

  @Test
  void waysThatMeetInOneKeyGoOnAlike() {
    List<SearchMenu> menus = new ArrayList<>(SearchMenu.SMALL);
    menus.addAll(SearchPairs.all());
    menus.add(SearchWhole.oneSlot());

    int pairs = 0;
    int outcomes = 0;
    for (SearchMenu menu : menus) {
      KeyWalks walks = new KeyWalks(menu, menus.indexOf(menu));
      pairs += walks.walk(PAIRS_PER_MENU, WALKS_PER_MENU);
      outcomes += walks.outcomes();
    }

    assertTrue(pairs >= 4_500 && outcomes > 30_000, pairs + " pairs, " + outcomes + " outcomes");
  }

  static Stream<KeyHistories.Apart> apart() {
    return KeyHistories.apart();
  }

  @ParameterizedTest
  @MethodSource("apart")
  void whatGoesOnDifferentlyHasAnotherKey(KeyHistories.Apart row) {
    TraceWorld one = KeyHistories.play(row.phase(), row.both(), row.one());
    TraceWorld other = KeyHistories.play(row.phase(), row.both(), row.other());
    byte[] keyOfOne = KeyWalks.key(one);
    byte[] keyOfOther = KeyWalks.key(other);

    assertNotEquals(row.follows(one), row.follows(other), "they go on alike");
    assertFalse(Arrays.equals(keyOfOne, keyOfOther));
  }

  @ParameterizedTest
  @MethodSource("apart")
  void whenItHappensAndWhatTheClockOnTheWallSaysIsNotInTheKey(KeyHistories.Apart row) {
    TraceWorld now = KeyHistories.play(row.phase(), row.both(), row.other());
    TraceWorld later = KeyHistories.play(row.phase(), AGE, row.both(), row.other());

    assertArrayEquals(KeyWalks.key(now), KeyWalks.key(later));
  }

  static Stream<KeyHistories.Alike> alike() {
    return KeyHistories.alike();
  }

  @ParameterizedTest
  @MethodSource("alike")
  void whatDecidesNothingIsNotInTheKey(KeyHistories.Alike row) {
    TraceWorld one = KeyHistories.play(Phase.RUN, "start 0 0", row.one());
    TraceWorld other = KeyHistories.play(Phase.RUN, "start 0 0", row.other());

    assertArrayEquals(KeyWalks.key(one), KeyWalks.key(other));
  }

  @Test
  void slotsCalledByOneAnothersNumbersHaveOneAnothersKey() {
    String both = "start 0 0; pause all 0; register 0 plain; register 0 plain; ";
    String free = "; terminate 0 0; terminate 1 0";
    TraceWorld one = KeyHistories.play(Phase.RUN, both, "terminate 0 0; register 0 b");
    TraceWorld other = KeyHistories.play(Phase.RUN, both, "terminate 1 0; register 0 b");
    TraceWorld oneFree = KeyHistories.play(Phase.RUN, both, "terminate 0 0; register 0 b" + free);
    TraceWorld otherFree = KeyHistories.play(Phase.RUN, both, "terminate 1 0; register 0 b" + free);

    int[] swapped = {1, 0, 2};
    assertArrayEquals(KeyWalks.key(other), new Key(one.supervisor, one.now, swapped).bytes());
    assertArrayEquals(KeyWalks.key(one), new Key(other.supervisor, other.now, swapped).bytes());
    assertArrayEquals(
        KeyWalks.key(otherFree), new Key(oneFree.supervisor, oneFree.now, swapped).bytes());
  }

  /** What the contract makes decisions from, each of them changed. */
  static Stream<Terms> terms() {
    Duration second = Duration.ofSeconds(1);
    return Stream.of(
        held(worker("a")),
        held(worker("b").type("a")),
        held(worker("ab").type("c")),
        held(worker("a").type("bc")),
        held(worker("a".repeat(95)).type("b".repeat(95)).domain("c".repeat(95))),
        held(worker("a").flags(Flag.SHARED_MEMORY)),
        held(worker("a").flags(Flag.SHARED_MEMORY, Flag.DATABASE_CONNECTION)),
        held(worker("a").startAt(StartTime.CONSISTENT_STATE)),
        held(worker("a").restart(6)),
        held(worker("a").never()),
        held(worker("a").notify("n".repeat(255))),
        held(worker("a").notify("n".repeat(254) + "m")),
        held(worker("a").threading(Threading.VIRTUAL_THREAD)),
        held(worker("a").verticle()),
        held(worker("a").verticle().threading(Threading.WORKER)),
        held(worker("a").domain("other")),
        held(worker("a").ready(Readiness.SAID)),
        held(worker("a").ready(Readiness.after(Duration.ZERO))),
        held(worker("a").ready(Readiness.after(second))),
        held(worker("a").startTimeout(second)),
        held(worker("a").grace(second)),
        held(worker("a").force(second)),
        worker("a").requires("nobody", "b"),
        worker("a").requires("nobodyb"),
        worker("a").requires("nobody").after("b"),
        worker("a").requires("nobody").after("b", "c"));
  }

  private static Terms held(Terms terms) {
    return terms.requires("nobody");
  }

  @Test
  void registrationsWithOtherTermsHaveOtherKeys() {
    Map<ByteBuffer, WorkerTerms> found = new HashMap<>();

    for (Terms terms : terms().toList()) {
      CoreRig rig = CoreRig.with().workers(1).started();
      rig.register(terms);
      ByteBuffer key = ByteBuffer.wrap(rig.core.key(rig.now()));
      WorkerTerms same = found.put(key, terms.build());
      assertEquals(null, same, () -> "has the key of " + terms.build());
    }
  }

  @Test
  void whatIsOnlyShownOfTermsIsNotInTheKey() {
    WorkerSpec shown = WorkerSpec.of("a", "library", "other").critical(true);
    CoreRig one = CoreRig.started();
    CoreRig other = CoreRig.started();

    one.core.register(WorkerSpec.of("a", "library", "function").terms(), By.BUS, one.now());
    other.core.register(shown.terms(), By.BUS, other.now());

    assertArrayEquals(one.core.key(one.now()), other.core.key(other.now()));
  }

  @Test
  void endsThatDifferInTheirCodeHaveOtherKeys() {
    CoreRig one = CoreRig.started();
    CoreRig other = CoreRig.started();

    ended(one, End.exited(3, ""));
    ended(other, End.exited(4, ""));

    assertFalse(Arrays.equals(one.core.key(one.now()), other.core.key(other.now())));
  }

  private static void ended(CoreRig rig, End end) {
    Handle handle = rig.running(worker("a"));
    rig.core.ended(rig.run(handle), end, rig.now());
  }

  @Test
  void longNamesOfClientsAreToldApartByTheirLastByte() {
    CoreRig one = CoreRig.started();
    CoreRig other = CoreRig.started();

    one.core.attach("c".repeat(2_000) + "1", one.now());
    other.core.attach("c".repeat(2_000) + "2", other.now());

    assertFalse(Arrays.equals(one.core.key(one.now()), other.core.key(other.now())));
  }

  /** Millions of them are kept. */
  @Test
  void thatOfAPostmasterWithNothingToDoIsShort() {
    CoreRig rig = CoreRig.with().workers(64).started();

    assertTrue(rig.core.key(rig.now()).length <= 12);
  }
}
