package dev.postmaster.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.support.Life;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long ago a loop turned, by a clock of the test's. */
class LoopBeatTest {

  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong clockMs = new AtomicLong(1_000_000);
  private final ContextInternal context = ((VertxInternal) vertx).createEventLoopContext();

  /** The beats of the test come from the test: the loop's own are a second away. */
  private final LoopBeat beat = new LoopBeat(context, () -> clockMs.get() * 1_000_000);

  @AfterEach
  void close() throws Exception {
    Life.get(vertx.close());
  }

  private void beatAfter(long ms) {
    clockMs.addAndGet(ms);
    beat.beat();
  }

  @Test
  void itIsAsOldAsItsLastBeat() {
    beat.begin();
    beatAfter(1_000);

    clockMs.addAndGet(4_999);

    assertEquals(Duration.ofMillis(4_999), beat.since());
    beatAfter(1);
    assertEquals(Duration.ZERO, beat.since());
  }

  @Test
  void theWorstOfAMinuteIsRememberedAndForgotten() {
    beat.begin();
    beatAfter(1_007);
    assertEquals(Duration.ofMillis(7), beat.worst());
    beatAfter(900);
    for (int n = 0; n < 58; n++) {
      beatAfter(1_000);
      assertEquals(Duration.ofMillis(7), beat.worst(), "beat " + n);
    }

    beatAfter(1_000);

    assertEquals(Duration.ZERO, beat.worst());
  }

  @Test
  void aBeatThatIsDueCountsBeforeItComes() {
    beat.begin();

    clockMs.addAndGet(6_000);

    assertEquals(Duration.ofMillis(5_000), beat.worst());
  }

  @Test
  void beforeTheBeginningAndAfterTheEndNothingIsLate() {
    assertFalse(beat.beats());
    clockMs.addAndGet(60_000);
    assertEquals(Duration.ZERO, beat.since());
    beat.begin();
    assertTrue(beat.beats());

    beat.end();
    clockMs.addAndGet(60_000);

    assertFalse(beat.beats());
    assertEquals(Duration.ZERO, beat.since());
  }
}
