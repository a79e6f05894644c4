package dev.postmaster.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Handle;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How many stacks are kept, and how much of each. */
class LastStacksTest {

  private final LastStacks stacks = new LastStacks();

  private static Handle handle(int slot) {
    return new Handle("01JDA3AAAAAAAAAAAAAAAAAAAA", slot, 1);
  }

  @Test
  void theOldestGoes() {
    for (int slot = 0; slot < LastStacks.STACKS_MAX; slot++) {
      stacks.note(handle(slot), "first");
    }
    stacks.note(handle(0), "second");
    stacks.note(handle(LastStacks.STACKS_MAX), "first");

    assertEquals(Optional.of("second"), stacks.of(handle(0)));
    assertEquals(Optional.empty(), stacks.of(handle(1)));
    assertEquals(Optional.of("first"), stacks.of(handle(2)));
  }

  @Test
  void aLongOneIsCutBetweenTwoCharacters() {
    stacks.note(handle(0), "x" + "ü".repeat(LastStacks.BYTES_MAX));

    String kept = stacks.of(handle(0)).orElseThrow();
    assertEquals(LastStacks.BYTES_MAX - 1, kept.getBytes(StandardCharsets.UTF_8).length);
    assertTrue(kept.endsWith("ü"));
  }
}
