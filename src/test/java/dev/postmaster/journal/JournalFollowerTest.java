package dev.postmaster.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers that follow: in this process, and beside another one that writes. */
class JournalFollowerTest {

  private static final byte[] EPOCH = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** Profile {@code torture} has sixty. */
  private static final Duration FULL_SPEED =
      Duration.ofSeconds(Integer.getInteger("postmaster.follow.seconds"));

  @TempDir Path directory;

  private final String[] names = FullSpeedWriter.texts("worker-");
  private final String[] messages = FullSpeedWriter.texts("it said ");
  private final Entry expected = new Entry();
  private final Entry entry = new Entry();

  private void append(Ring ring, int records) {
    for (int n = 0; n < records; n++) {
      FullSpeedWriter.fill(expected, ring.head() + 1, names, messages);
      ring.append(expected);
    }
  }

  private void assertWhole(Entry read, long sequence) {
    FullSpeedWriter.fill(expected, sequence, names, messages);
    assertEquals(sequence, read.sequence);
    assertEquals(expected.timeNs, read.timeNs);
    assertEquals(expected.generation, read.generation);
    assertEquals(expected.runId, read.runId);
    assertEquals(expected.slot, read.slot);
    assertEquals(expected.code, read.code);
    assertEquals(expected.starts, read.starts);
    assertEquals(expected.delayMs, read.delayMs);
    assertEquals(expected.name, read.name);
    assertEquals(expected.message, read.message);
  }

  private void assertGap(Tailer tailer, Tailer.Step step, long from, long to) {
    assertEquals(step, tailer.poll(entry));
    assertEquals(from, tailer.gapFrom());
    assertEquals(to, tailer.gapTo());
    assertEquals(to + 1, tailer.next());
  }

  @Test
  void oneThatWasLappedNamesWhatItMissedAndGoesOnAnEighthLater() {
    Ring ring = new Ring(64, EPOCH, 0, 0);
    append(ring, 3);
    Tailer tailer = ring.tailer(1);
    assertEquals(Tailer.Step.RECORD, tailer.poll(entry));
    append(ring, 97);

    // 64 are there; the oldest may be written at any moment.
    assertGap(tailer, Tailer.Step.LAPPED, 3, 37 + 1 + 8 - 1);
    assertEquals(Tailer.Step.RECORD, tailer.poll(entry));
    assertWhole(entry, 46);
  }

  @Test
  void whoAsksFromBeforeTheFirstOrAfterTheLastMissesNothing() {
    Ring ring = new Ring(64, EPOCH, 0, 0);
    append(ring, 3);

    Tailer tailer = ring.tailer(-1);
    assertEquals(Tailer.Step.RECORD, tailer.poll(entry));
    assertWhole(entry, 1);
    assertEquals(Tailer.Step.NOTHING, ring.tailer(Long.MAX_VALUE).poll(entry));
  }

  @Test
  void damagedNeighboursAreOneGap() {
    Ring ring = new Ring(64, EPOCH, 0, 0);
    append(ring, 10);
    for (long sequence = 4; sequence <= 6; sequence++) {
      ring.words().setOpaque(ring.offset(sequence) + 8, -1);
    }
    Tailer tailer = ring.tailer(2);

    assertEquals(Tailer.Step.RECORD, tailer.poll(entry));
    assertGap(tailer, Tailer.Step.CORRUPT, 4, 6);
    assertEquals(Tailer.Step.RECORD, tailer.poll(entry));
    assertWhole(entry, 7);
  }

  @Test
  void theDamagedEndOfARingIsOneGapToo() {
    Ring ring = new Ring(64, EPOCH, 0, 0);
    append(ring, 2);
    ring.words().setOpaque(ring.offset(2) + 8, -1);
    Tailer tailer = ring.tailer(1);

    assertGap(tailer, Tailer.Step.CORRUPT, 2, 2);
    assertEquals(Tailer.Step.NOTHING, tailer.poll(entry));
    append(ring, 1);
    assertEquals(Tailer.Step.RECORD, tailer.poll(entry));
    assertWhole(entry, 3);
  }

  @Test
  void anotherProcessAtFullSpeedIsFollowedWithoutAWrongRecord() throws Exception {
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                FullSpeedWriter.class.getName(),
                directory.toString(),
                "1024")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertEquals("open", writer.inputReader().readLine());
      follow(JournalFollower.open(file(FullSpeedWriter.NAME), 0));
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }

  private void follow(JournalFollower follower) {
    Tailer tailer = follower.tailer();
    long start = System.nanoTime();
    long records = 0;
    long laps = 0;
    long missed = 0;
    while (System.nanoTime() - start < FULL_SPEED.toNanos()) {
      long next = tailer.next();
      switch (tailer.poll(entry)) {
        case RECORD -> {
          records++;
          assertWhole(entry, next);
        }
        case LAPPED -> {
          laps++;
          missed += tailer.gapTo() - next + 1;
          assertEquals(next, tailer.gapFrom());
        }
        case CORRUPT -> throw new AssertionError("corrupt from " + tailer.gapFrom());
        case NOTHING -> Thread.onSpinWait();
      }
    }
    System.out.printf(
        "follower: %,d records read, %,d laps of %,d records, %.1f million written a second%n",
        records, laps, missed, follower.head() / 1e6 / FULL_SPEED.toSeconds());
    assertEquals(tailer.next() - 1, records + missed);
    assertTrue(records > 10_000, "it read " + records);
    assertTrue(laps > 0, "it was never lapped, so that laps are not shown");
  }

  private Path file(String name) {
    return directory.resolve(name + ".journal");
  }

  @Test
  void itNoticesThatAnotherFileHasTakenItsPlace() throws Exception {
    Journal journal = open("j");
    append(journal.ring(), 2);
    JournalFollower follower = JournalFollower.open(file("j"), 0);
    assertFalse(follower.isReplaced());
    journal.close();

    Files.move(file("j"), file("other"));
    assertTrue(follower.isReplaced());
    open("j").close();
    assertTrue(follower.isReplaced());
    assertEquals(Tailer.Step.RECORD, follower.tailer().poll(entry));
    assertWhole(entry, 1);
  }

  @Test
  void aCopyThatHasTakenItsPlaceIsAnotherFile() throws Exception {
    Journal journal = open("j");
    append(journal.ring(), 2);
    journal.close();
    JournalFollower follower = JournalFollower.open(file("j"), 0);

    Files.copy(file("j"), file("backup"));
    Files.move(file("backup"), file("j"), StandardCopyOption.REPLACE_EXISTING);

    assertTrue(follower.isReplaced());
  }

  @Test
  void aDirectoryThatHasTakenItsPlaceIsAnotherFile() throws Exception {
    open("j").close();
    JournalFollower follower = JournalFollower.open(file("j"), 0);

    Files.delete(file("j"));
    Files.createDirectory(file("j"));

    assertTrue(follower.isReplaced());
  }

  private Journal open(String name) throws IOException {
    return Journal.open(directory, name, Geometry.of(64, 16), EPOCH::clone);
  }

  @Test
  void itFollowsTheNextLifeInTheSameFile() throws Exception {
    Journal first = open("j");
    append(first.ring(), 2);
    JournalFollower follower = JournalFollower.open(file("j"), 1);
    first.close();
    Journal second = open("j");
    append(second.ring(), 1);

    assertEquals(Tailer.Step.RECORD, follower.tailer().poll(entry));
    assertEquals(Tailer.Step.RECORD, follower.tailer().poll(entry));
    assertWhole(entry, 3);
    assertEquals(2, entry.incarnation);
    assertFalse(follower.isReplaced());
    second.close();
  }

  @Test
  void theSlotsAreThePictureToBeginWith() throws Exception {
    Journal journal = open("j");
    append(journal.ring(), 2);
    SlotEntry written = new SlotEntry();
    written.slot = 3;
    written.sequence = 2;
    written.name = "worker-2";
    journal.ring().mirror(written, true);
    JournalFollower follower = JournalFollower.open(file("j"), 0);
    SlotEntry read = new SlotEntry();

    assertEquals(RingReader.Result.OK, follower.slot(3, read));
    assertEquals("worker-2", read.name);
    assertEquals(2, read.sequence);
    assertEquals(RingReader.Result.EMPTY, follower.slot(4, read));
    assertThrows(IndexOutOfBoundsException.class, () -> follower.slot(16, read));
    Words words = journal.ring().words();
    words.setOpaque(journal.ring().slotOffset(3), 5);
    assertEquals(RingReader.Result.LAPPED, follower.slot(3, read));
    words.setOpaque(journal.ring().slotOffset(3), 6);
    words.setOpaque(journal.ring().slotOffset(3) + 16, -1);
    assertEquals(RingReader.Result.CORRUPT, follower.slot(3, read));
    journal.close();
  }

  @Test
  void whatIsNoJournalIsNotMapped() throws Exception {
    Path no = Files.write(file("no"), new byte[20_000]);

    assertThrows(DamagedJournalException.class, () -> JournalFollower.open(no, 0));
  }
}
