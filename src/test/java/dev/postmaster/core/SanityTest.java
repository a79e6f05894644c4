package dev.postmaster.core;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.Threading;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerTerms;
import dev.postmaster.support.CoreRig;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Contract §3, rules 1 to 6, each at the value where it begins to hold. */
class SanityTest {

  private static final String LONGEST = "n".repeat(Sanity.NAME_BYTES_MAX);
  private static final Duration ENDLESS = Duration.ofSeconds(Long.MAX_VALUE);

  private static WorkerTerms entry(String library, String function) {
    return WorkerSpec.of("a", library, function).terms();
  }

  static Stream<WorkerTerms> longest() {
    return Stream.of(
        entry(LONGEST, "f"),
        entry("l", LONGEST),
        worker("a").requires(LONGEST).build(),
        worker("a").after(LONGEST).build(),
        worker("a").requires("b").build(),
        worker("a").after("b").build());
  }

  @ParameterizedTest
  @MethodSource("longest")
  void whatIsJustShortEnoughIsAccepted(WorkerTerms terms) {
    assertDoesNotThrow(() -> Sanity.check(terms));
  }

  record Wrong(WorkerTerms terms, String message) {}

  static Stream<Wrong> wrong() {
    String more = LONGEST + 'n';
    String has = "\" has 96 bytes, not ";
    return Stream.of(
        new Wrong(entry(more, "f"), "library: \"" + LONGEST + '…' + has + "0 to 95"),
        new Wrong(entry("l", more), "function: \"" + LONGEST + '…' + has + "0 to 95"),
        new Wrong(
            worker("a").requires("b", more).build(),
            "requires: \"" + LONGEST + '…' + has + "1 to 95"),
        new Wrong(
            worker("a").after("b", more).build(), "after: \"" + LONGEST + '…' + has + "1 to 95"),
        new Wrong(worker("a").requires("").build(), "requires: \"\" has 0 bytes, not 1 to 95"),
        new Wrong(worker("a").after("").build(), "after: \"\" has 0 bytes, not 1 to 95"),
        new Wrong(
            worker("é".repeat(95)).build(),
            "name: \"" + "é".repeat(95) + "\" has 190 bytes, not 1 to 95"),
        new Wrong(
            worker("a").restart(ENDLESS).build(),
            "restart: 9223372036854775807 ms is neither never nor between 0 and 24 h"),
        new Wrong(
            worker("a").grace(ENDLESS.negated()).build(),
            "stop.grace: -9223372036854775808 ms is not between 0 and 3600000 ms"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void whatIsWrongIsNamedWithItsValueAndItsRule(Wrong row) {
    PostmasterException refused = CoreRig.refusal(() -> Sanity.check(row.terms));

    assertEquals(ErrorCode.INVALID_SPEC, refused.code());
    assertEquals(row.message, refused.getMessage());
  }

  @Test
  void aWorkerWithAMainRunsOnNoEventLoop() {
    PostmasterException refused =
        CoreRig.started().refused(worker("a").threading(Threading.EVENT_LOOP));

    assertEquals(ErrorCode.INVALID_SPEC, refused.code());
    assertTrue(refused.getMessage().startsWith("threading: \"EVENT_LOOP\""), refused.getMessage());
    assertDoesNotThrow(() -> CoreRig.started().register(worker("a").verticle()));
  }

  @Test
  void aVirtualThreadNeedsAJvmThatHasThem() {
    CoreRig old = CoreRig.with().noVirtualThreads().started();

    PostmasterException refused = old.refused(worker("a").threading(Threading.VIRTUAL_THREAD));

    assertEquals(ErrorCode.INVALID_SPEC, refused.code());
    assertTrue(
        refused.getMessage().startsWith("threading: \"VIRTUAL_THREAD\""), refused.getMessage());
    assertDoesNotThrow(() -> old.register(worker("a")));
    assertDoesNotThrow(
        () -> CoreRig.started().register(worker("a").threading(Threading.VIRTUAL_THREAD)));
  }
}
