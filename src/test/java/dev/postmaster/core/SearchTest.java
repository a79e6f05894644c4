package dev.postmaster.core;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Visits every state that a small postmaster can come to, and holds every invariant after every
 * event; then lets each state come to rest. Profile {@code search} takes hours.
 */
class SearchTest {

  /** Of those that are too many. */
  private static final int STATES_MAX = Integer.getInteger("search.states");

  static List<SearchMenu> menus() {
    return STATES_MAX > 1_000_000 ? SearchMenu.ALL : SearchMenu.SMALL;
  }

  static List<SearchMenu> pairs() {
    return SearchPairs.all();
  }

  static List<SearchMenu> whole() {
    return List.of(SearchWhole.oneSlot(), SearchWhole.twoSlots(), SearchWhole.threeSlots());
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @Execution(ExecutionMode.CONCURRENT)
  void twoSlotsWithEachPairOfFeatures(SearchMenu menu) {
    assertTrue(search(menu, Integer.MAX_VALUE).states() > 250, "the search is almost empty");
  }

  @ParameterizedTest
  @MethodSource("menus")
  @Execution(ExecutionMode.CONCURRENT)
  void everyInvariantHoldsInEveryStateAndEachComesToRest(SearchMenu menu) {
    assertTrue(search(menu, Integer.MAX_VALUE).states() > 1_000, "the search is almost empty");
  }

  @ParameterizedTest
  @MethodSource("whole")
  @Execution(ExecutionMode.CONCURRENT)
  void everythingAtOnceAsFarAsItIsVisited(SearchMenu menu) {
    Search search = search(menu, STATES_MAX);
    assertTrue(search.isComplete() || search.states() >= STATES_MAX, search::toString);
  }

  /** All of it, 3.7 million states, in the profile; in every build the nearest of them. */
  @Test
  void oneSlotWithEverythingInItsSmallestForm() {
    int most = STATES_MAX > 1_000_000 ? Integer.MAX_VALUE : STATES_MAX;
    Search search = search(SearchWhole.oneOfEach(), most);
    assertTrue(search.isComplete() || search.states() >= most, search::toString);
  }

  private static Search search(SearchMenu menu, int statesMax) {
    long begin = System.nanoTime();
    Search search = new Search(menu, statesMax);
    search.run();
    System.out.printf("search %s, %.1f s%n", search, (System.nanoTime() - begin) / 1e9);
    return search;
  }
}
