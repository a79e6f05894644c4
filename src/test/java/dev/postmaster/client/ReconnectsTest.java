package dev.postmaster.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** How long a client waits before it comes again. */
class ReconnectsTest {

  private final Reconnects reconnects = new Reconnects(500, 30_000);

  @Test
  void theBoundDoublesFromHalfASecondToThirty() {
    List<Long> bounds = LongStream.range(0, 9).map(n -> reconnects.bound((int) n)).boxed().toList();

    assertEquals(
        List.of(500L, 1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 30_000L, 30_000L, 30_000L), bounds);
    assertEquals(30_000, reconnects.bound(Integer.MAX_VALUE));
    assertEquals(3_600_000, new Reconnects(3_600_000, 3_600_000).bound(63));
  }

  @Test
  void theWaitIsDrawnFromTheWholeStretchUnderTheBound() {
    Random random = new Random(7);
    for (int attempt = 0; attempt < 100; attempt++) {
      int of = attempt;
      long[] waits =
          random.doubles(2_000).mapToLong(c -> reconnects.delayMs(of, c, 0)).sorted().toArray();
      long bound = reconnects.bound(attempt);
      assertTrue(waits[0] >= 1 && waits[waits.length - 1] < bound);
      assertTrue(waits[0] < bound / 20, "never early: " + waits[0]);
      assertTrue(waits[waits.length - 1] > bound - bound / 20, "never late");
      assertEquals(bound / 2.0, LongStream.of(waits).average().orElseThrow(), bound * 0.05);
    }
  }

  @Test
  void whatTheServerAsksForIsWaitedForBeforeThat() {
    assertEquals(2_250, reconnects.delayMs(0, 0.5, 2_000));
    assertEquals(30_250, reconnects.delayMs(0, 0.5, Long.MAX_VALUE));
    assertEquals(250, reconnects.delayMs(0, 0.5, -1));
    assertEquals(1, reconnects.delayMs(0, 0, 0));
  }
}
