package dev.postmaster.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.journal.RecordedWords.Kind;
import dev.postmaster.journal.RecordedWords.Op;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Every order in which the stores of the writer can become visible and the loads of two readers can
 * be done, as far as the accesses that the classes really make allow it.
 *
 * <p>The program of the writer and those of the readers are recorded from {@link Ring} and {@link
 * RingReader}; what a reader makes of what it loads, {@link RingReader} says. Two records and one
 * slot, three of each published, so that one is lapped; 31 words in two halves.
 */
class PublishModelTest {

  private static final int RECORDS = 3;

  private static final List<Op> WRITER = recorded();

  private static List<Op> recorded() {
    RecordedWords words = new RecordedWords();
    Ring ring = new Ring(words, RecordedWords.GEOMETRY, 1, 0, 1);
    for (int n = 1; n <= RECORDS; n++) {
      ring.append(ReaderModel.entry(n));
      ring.mirror(ReaderModel.slot(n), true);
    }
    return words.stores();
  }

  /** What readers came to under all orders. */
  private static Set<String> outcomes(List<Op> writer, ReaderModel... readers) {
    PublishModel model = new PublishModel(writer, List.of(readers));
    model.explore();
    System.out.printf("model: %,d states, %s%n", model.states(), model.outcomes());
    return new TreeSet<>(model.outcomes());
  }

  private static ReaderModel record(int sequence) {
    return ReaderModel.record(sequence, UnaryOperator.identity());
  }

  private static List<Op> without(List<Op> program, Predicate<Op> which) {
    return program.stream().filter(which.negate()).toList();
  }

  /** With plain accesses where there was a release or an acquire. */
  private static List<Op> relaxed(List<Op> program, Predicate<Op> which) {
    return program.stream()
        .map(op -> !which.test(op) ? op : op.as(op.kind() == Kind.RELEASE ? Kind.STORE : Kind.LOAD))
        .toList();
  }

  private static void assertSafe(Set<String> outcomes) {
    for (String outcome : outcomes) {
      assertFalse(outcome.contains("CORRUPT"), outcome);
      assertFalse(outcome.contains("wrong"), outcome);
    }
  }

  @Test
  void theProgramsAreWhatTheDesignSays() {
    assertEquals(
        "STORE stamp1, FENCE, STORE record1a, STORE record1b, RELEASE stamp1, RELEASE head, "
            + "STORE slot, FENCE, STORE slota, STORE slotb, RELEASE slot",
        String.join(", ", PublishModel.names(WRITER).subList(0, 11)));
    assertEquals(
        "ACQUIRE head, ACQUIRE head, ACQUIRE stamp1, LOAD record1a, LOAD record1b, FENCE, "
            + "LOAD stamp1",
        String.join(", ", record(1).names()));
  }

  @Test
  void twoReadersOfWhatIsOverwrittenAndOfWhatFollows() {
    Set<String> outcomes = outcomes(WRITER, record(1), record(2));

    assertSafe(outcomes);
    assertEquals(Set.of("1 EMPTY", "1 OK", "1 LAPPED", "2 EMPTY", "2 OK", "2 LAPPED"), outcomes);
  }

  @Test
  void twoReadersOfTheLast() {
    Set<String> outcomes = outcomes(WRITER, record(3), record(3));

    assertSafe(outcomes);
    assertEquals(Set.of("3 EMPTY", "3 OK"), outcomes);
  }

  @Test
  void oneThatReadsTheSlotAndThenItsRecordBesideAnother() {
    Set<String> outcomes = outcomes(WRITER, ReaderModel.slotThenRecord(), record(1));

    assertSafe(outcomes);
    assertTrue(outcomes.containsAll(Set.of("slot EMPTY", "slot LAPPED", "slot 1, 1 OK")));
    assertTrue(outcomes.contains("slot 1, 1 LAPPED"));
    // The mirror never runs ahead of the ring.
    assertFalse(outcomes.stream().anyMatch(outcome -> outcome.matches("slot ., . EMPTY")));
  }

  /** Whether the same readers notice that something is missing. */
  private static void assertUnsafe(List<Op> writer, ReaderModel... readers) {
    Set<String> outcomes = outcomes(writer, readers);
    assertTrue(
        outcomes.stream().anyMatch(o -> o.contains("CORRUPT") || o.contains("wrong")),
        "nobody noticed: " + outcomes);
  }

  @Test
  void withoutTheWritersFenceARecordIsTorn() {
    assertUnsafe(without(WRITER, op -> op.kind() == Kind.FENCE), record(1));
  }

  @Test
  void withoutTheMarkARecordIsTorn() {
    assertUnsafe(
        without(WRITER, op -> op.kind() == Kind.STORE && op.place().startsWith("stamp")),
        record(1));
  }

  @Test
  void withoutReleaseOfTheHeadARecordIsMissed() {
    assertUnsafe(
        relaxed(WRITER, op -> op.kind() == Kind.RELEASE && op.place().equals("head")), record(3));
  }

  @Test
  void withoutReleaseOfTheSlotItIsTorn() {
    assertUnsafe(
        relaxed(WRITER, op -> op.kind() == Kind.RELEASE && op.place().equals("slot")),
        ReaderModel.slotThenRecord());
  }

  @Test
  void withoutTheReadersFenceARecordIsTorn() {
    assertUnsafe(
        WRITER, ReaderModel.record(1, loads -> without(loads, op -> op.kind() == Kind.FENCE)));
  }

  @Test
  void withoutAcquireARecordIsOldUnderItsNumber() {
    assertUnsafe(
        WRITER, ReaderModel.record(3, loads -> relaxed(loads, op -> op.kind() == Kind.ACQUIRE)));
  }
}
