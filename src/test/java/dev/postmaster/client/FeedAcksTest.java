package dev.postmaster.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** When a window is opened again. */
class FeedAcksTest {

  private static FeedAcks after(int window, int transitions, long atMs) {
    FeedAcks acks = new FeedAcks(window);
    for (int n = 0; n < transitions; n++) {
      acks.came(atMs);
    }
    return acks;
  }

  @Test
  void halfAWindowOr128TransitionsAreAcknowledgedAtOnce() {
    assertEquals(-1, after(512, 0, 9).waitMs(9));
    assertEquals(250, after(512, 127, 9).waitMs(9));
    assertEquals(0, after(512, 128, 9).waitMs(9));
    assertEquals(250, after(10, 4, 9).waitMs(9));
    assertEquals(0, after(10, 5, 9).waitMs(9));
    assertEquals(0, after(1, 1, 9).waitMs(9));
  }

  @Test
  void fewerWaitFor250MsFromTheFirst() {
    FeedAcks acks = after(512, 1, 1_000);
    acks.came(1_200);

    assertEquals(50, acks.waitMs(1_200));
    assertEquals(0, acks.waitMs(1_250));

    acks.sent(1_250);
    assertEquals(-1, acks.waitMs(2_000));
  }

  @Test
  void noMoreThanEightAreSentInASecondHoweverManyCome() {
    Random random = new Random(3);
    FeedAcks acks = new FeedAcks(4);
    int sent = 0;
    for (long nowMs = 0; nowMs < 10_000; nowMs++) {
      for (int n = random.nextInt(200); n > 0; n--) {
        acks.came(nowMs);
      }
      if (acks.waitMs(nowMs) == 0) {
        acks.sent(nowMs);
        sent++;
      }
    }
    assertTrue(sent >= 78 && sent <= 80, "sent " + sent);
  }
}
