package dev.postmaster.client;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which transitions are asked for.
 *
 * @param after empty: from the oldest
 * @param limit 1 to 1,000
 */
public record TransitionQuery(
    Optional<FeedPosition> after, int limit, OptionalInt slot, Optional<String> type) {

  /** Most transitions of one page. */
  public static final int LIMIT_MAX = 1_000;

  /** All after that position. */
  public static TransitionQuery after(FeedPosition position) {
    return new TransitionQuery(
        Optional.of(position), LIMIT_MAX, OptionalInt.empty(), Optional.empty());
  }

  /** All that can be read. */
  public static TransitionQuery all() {
    return new TransitionQuery(Optional.empty(), LIMIT_MAX, OptionalInt.empty(), Optional.empty());
  }
}
