package dev.postmaster.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal in a file: what goes on, what is set aside, and what a kill leaves at each store. */
class JournalTest {

  private static final byte[] EPOCH = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] OTHER = "fedcba9876543210".getBytes(StandardCharsets.US_ASCII);
  private static final Geometry SIZE = Geometry.of(64, 3);

  @TempDir Path directory;

  private Journal open() throws IOException {
    return open(directory, OTHER);
  }

  private static Journal open(Path directory, byte[] newEpoch) throws IOException {
    return Journal.open(directory, "j", SIZE, () -> newEpoch);
  }

  private Path file() {
    return directory.resolve("j.journal");
  }

  /** A record of slot 1; its state alternates, and its generation rises with every second one. */
  private static Entry entry(long sequence) {
    Entry entry = new Entry();
    entry.slot = 1;
    entry.timeNs = 1_000 + sequence;
    entry.generation = (sequence + 1) / 2;
    entry.from = (int) ((sequence + 1) % 2);
    entry.to = (int) (sequence % 2);
    entry.name = "worker-" + entry.generation;
    entry.message = "m" + sequence;
    return entry;
  }

  private static SlotEntry state(long sequence) {
    SlotEntry slot = new SlotEntry();
    slot.slot = 1;
    slot.sequence = sequence;
    slot.generation = (sequence + 1) / 2;
    slot.state = (int) (sequence % 2);
    slot.name = "worker-" + slot.generation;
    return slot;
  }

  private static void write(Ring ring, long sequence) {
    ring.append(entry(sequence));
    ring.mirror(state(sequence), sequence % 2 == 1);
  }

  private Ring written(Journal journal, int records) {
    for (int n = 1; n <= records; n++) {
      write(journal.ring(), n);
    }
    return journal.ring();
  }

  /** What a kill at this moment would leave. */
  private Path killed() throws IOException {
    Path copy = Files.createDirectory(directory.resolve("killed-" + System.nanoTime()));
    Files.copy(file(), copy.resolve("j.journal"));
    return copy;
  }

  private static void assertHas(Journal journal, long from, long to) {
    RingReader reader = journal.ring().reader();
    Entry entry = new Entry();
    for (long n = from; n <= to; n++) {
      assertEquals(RingReader.Result.OK, reader.read(n, entry), "record " + n);
      assertEquals("m" + n, entry.message);
    }
    assertEquals(RingReader.Result.EMPTY, reader.read(to + 1, entry));
  }

  @Test
  void aNewJournalIsWholeAndForItsOwnerOnly() throws Exception {
    try (Journal journal = open(directory, EPOCH)) {
      assertFalse(journal.goesOn());
      assertArrayEquals(EPOCH, journal.epoch());
      assertEquals(0, journal.ring().head());
      assertEquals(SIZE.bytes(), Files.size(file()));
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(
          List.of("j.journal", "j.journal.lock"),
          files.map(f -> f.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void aClosedOneGoesOnWhereItWas() throws Exception {
    try (Journal first = open(directory, EPOCH)) {
      written(first, 101);
    }
    try (Journal second = open()) {
      assertTrue(second.goesOn());
      assertFalse(second.wasKilled());
      assertArrayEquals(EPOCH, second.epoch());
      assertEquals(101, second.ring().head());
      assertHas(second, 101 - 64 + 2, 101);
      assertEquals(51, second.generation(1));
      assertEquals(0, second.generation(0));
      assertEquals(List.of("worker-51"), second.left().stream().map(s -> s.name).toList());
      write(second.ring(), 102);
    }
    try (Journal third = open()) {
      assertEquals(102, third.ring().head());
      assertEquals(List.of(), third.left());
      assertHas(third, 102 - 64 + 2, 102);
    }
  }

  @Test
  void aKilledOneGoesOnUnderTheSameBoot() throws Exception {
    try (Journal first = open(directory, EPOCH)) {
      written(first, 7);
      try (Journal second = open(killed(), OTHER)) {
        assertTrue(second.goesOn() && second.wasKilled());
        assertArrayEquals(EPOCH, second.epoch());
        assertHas(second, 1, 7);
      }
    }
  }

  @Test
  void whatCannotBeCertainIsSetAsideAndNamedNeverOverwritten() throws Exception {
    try (Journal first = open(directory, EPOCH)) {
      written(first, 40);
    }
    byte[] good = Files.readAllBytes(file());
    int ring = SIZE.ringOffset();
    List<Consumer<ByteBuffer>> damages =
        List.of(
            b -> b.put(0, (byte) 0),
            b -> b.putShort(8, (short) 2),
            b -> b.putInt(20, 128),
            b -> b.putInt(72, 1),
            b -> b.put(192, (byte) 3),
            b -> b.put(230, (byte) 'x'),
            b -> b.putLong(256, 39 - 1),
            b -> b.putLong(256, 41),
            b -> b.put(ring + 5 * 256 + 70, (byte) 'x'),
            b -> b.putLong(ring + 5 * 256, 0),
            b -> b.putLong(ring + 5 * 256, 5 + 64),
            b -> b.putLong(ring + 50 * 256, ~49L),
            b -> b.putLong(4_096 + 512 + 8, 41),
            b -> b.putInt(4_096 + 504, 1).putLong(4_096, 2));
    for (int damage = 0; damage < damages.size(); damage++) {
      Path there = Files.createDirectory(directory.resolve("d" + damage));
      byte[] bad = good.clone();
      damages.get(damage).accept(ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN));
      Files.write(there.resolve("j.journal"), bad);

      try (Journal next = open(there, OTHER)) {
        String which = "damage " + damage;
        assertFalse(next.goesOn(), which);
        assertArrayEquals(OTHER, next.epoch());
        assertEquals(0, next.ring().head());
        assertTrue(next.setAside().startsWith("j.journal.bad-"), which + next.setAside());
        Path aside = there.resolve(next.setAside().replaceAll(":.*", ""));
        assertArrayEquals(bad, Files.readAllBytes(aside), which);
      }
    }
  }

  @Test
  void anotherSizeOrLengthIsSetAsideToo() throws Exception {
    try (Journal first = open(directory, EPOCH)) {
      written(first, 3);
    }
    try (Journal larger = Journal.open(directory, "j", Geometry.of(128, 3), () -> OTHER)) {
      assertTrue(larger.setAside().contains("another size"), larger.setAside());
    }
    try (RandomAccessFile file = new RandomAccessFile(file().toFile(), "rw")) {
      file.setLength(file.length() - 1);
    }
    try (Journal next = open()) {
      assertTrue(next.setAside().contains("bytes long"), next.setAside());
    }
    for (int n = 0; n < 5; n++) {
      Files.writeString(file(), "not a journal");
      open().close();
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(3, files.filter(f -> f.toString().contains(".bad-")).count());
    }
  }

  @Test
  void oneThatMetAFaultIsNotGoneOnWith() throws Exception {
    Journal first = open(directory, EPOCH);
    written(first, 3);
    String done = first.giveUp();
    first.release();
    assertTrue(done.startsWith("set aside as j.journal.bad-"), done);
    assertFalse(Files.exists(file()));

    Journal second = open(directory, EPOCH);
    Files.delete(file());
    Files.writeString(file(), "somebody else's");
    assertThrows(IOException.class, second::check);
    assertEquals("marked by j.journal.faulted", second.giveUp());
    second.release();
    assertEquals("somebody else's", Files.readString(file()));

    try (Journal third = open()) {
      assertTrue(third.setAside().contains("it had met a fault"), third.setAside());
      assertFalse(Files.exists(directory.resolve("j.journal.faulted")));
    }
  }

  @Test
  void whatHappensToTheFileIsNoticed() throws Exception {
    Journal journal = open(directory, EPOCH);
    written(journal, 3);
    journal.check();
    Files.move(file(), directory.resolve("elsewhere"));
    assertEquals("it was deleted", message(journal));
    Files.copy(directory.resolve("elsewhere"), file());
    assertEquals("it was replaced", message(journal));
    Files.delete(file());
    Files.move(directory.resolve("elsewhere"), file());
    journal.check();
    try (RandomAccessFile file = new RandomAccessFile(file().toFile(), "rw")) {
      file.setLength(4_096);
    }
    assertTrue(message(journal).contains("4096 bytes long"), message(journal));
    journal.giveUp();
    journal.release();
  }

  private static String message(Journal journal) {
    return assertThrows(IOException.class, journal::check).getMessage();
  }

  @Test
  void aRingInMemoryGoesOnWithTheNumbersAndWhatCanBeRead() throws Exception {
    try (Journal journal = open(directory, EPOCH)) {
      Ring file = written(journal, 100);
      Ring memory = file.inMemory(EPOCH, 100, 1);
      assertEquals(100, memory.head());
      assertEquals(file.oldest(), memory.oldest());
      memory.append(entry(101));
      Entry entry = new Entry();
      for (long n = memory.oldest(); n <= 101; n++) {
        assertEquals(RingReader.Result.OK, memory.reader().read(n, entry), "record " + n);
        assertEquals("m" + n, entry.message);
      }
    }
  }

  @Test
  void whatWasCutIsSaidToBeCutInMemoryToo() throws Exception {
    try (Journal journal = open(directory, EPOCH)) {
      Entry entry = entry(1);
      entry.name = "n".repeat(64);
      entry.type = "t".repeat(40);
      entry.message = "m".repeat(84);
      journal.ring().append(entry);
      journal.ring().append(entry(2));
      Ring memory = journal.ring().inMemory(EPOCH, 2, 1);

      Entry read = new Entry();
      assertEquals(RingReader.Result.OK, memory.reader().read(1, read));
      assertEquals(List.of(true, true, true), List.of(read.nameCut, read.typeCut, read.messageCut));
      assertEquals(RingReader.Result.OK, memory.reader().read(2, read));
      assertEquals(
          List.of(false, false, false), List.of(read.nameCut, read.typeCut, read.messageCut));
    }
  }

  @Test
  void aDirectoryIsOnePostmasters() throws Exception {
    String pid = "pid " + ProcessHandle.current().pid();
    try (Journal journal = open(directory, EPOCH)) {
      journal.check();
      for (String name : List.of("j", "k")) {
        IOException refused =
            assertThrows(IOException.class, () -> Journal.open(directory, name, SIZE, () -> OTHER));
        assertTrue(refused.getMessage().endsWith("by postmaster \"j\", " + pid), refused::toString);
      }
    }
    DirectoryLock program = DirectoryLock.take(directory, "j");
    Journal shared = open(directory, OTHER);
    assertThrows(IOException.class, () -> open(directory, OTHER));
    shared.close();
    // Still the program's.
    assertThrows(IOException.class, () -> DirectoryLock.take(directory, "j"));
    program.close();
    open(directory, OTHER).close();
  }

  // ---- each store

  /** Memory that is cut off after some stores. */
  private static final class Cut extends WordByWord {

    private int left;

    Cut(ByteBuffer bytes, int stores) {
      super(bytes);
      left = stores;
    }

    private void store() {
      if (left-- == 0) {
        throw new IllegalStateException("killed");
      }
    }

    @Override
    void setOpaque(int offset, long value) {
      store();
      super.setOpaque(offset, value);
    }

    @Override
    void setRelease(int offset, long value) {
      store();
      super.setRelease(offset, value);
    }
  }

  /** The stores of a record: its stamp, 31 words, its stamp again. */
  private static final int RECORD_STORES = 33;

  @Test
  void aKillAfterAnyStoreLeavesWhatTheTableSays() throws Exception {
    int cuts = 0;
    for (int before : List.of(0, 1, 2, 62, 63, 64, 65, 200)) {
      ByteBuffer image = imageWith(before);
      for (int stores = 0; ; stores++) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(image.capacity());
        bytes.put(image.duplicate().clear()).clear();
        boolean killed = false;
        try {
          write(new Ring(new Cut(bytes, stores), SIZE, 1, before, 1), before + 1);
        } catch (IllegalStateException cut) {
          killed = true;
        }
        assertRecovers(bytes, before, stores);
        cuts++;
        if (!killed) {
          break;
        }
      }
    }
    assertTrue(cuts > 8 * 50, "only " + cuts + " cuts");
  }

  @Test
  void aKillWhileItIsOpenedOrClosedIsSurvivedToo() throws Exception {
    ByteBuffer image = imageWith(7);
    byte[] page = new byte[Layout.HEADER_BYTES];
    image.get(0, page);
    Writer open = Writer.get(ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN));
    for (int stores = 0; stores <= 17; stores++) {
      ByteBuffer bytes = ByteBuffer.allocateDirect(image.capacity());
      bytes.put(image.duplicate().clear()).clear();
      Ring ring = new Ring(new Cut(bytes, stores), SIZE, 1, 7, 1);
      if (stores < 17) {
        assertThrows(IllegalStateException.class, () -> ring.sign(open.closed(99)));
      } else {
        ring.sign(open.closed(99));
      }
      byte[] heap = new byte[bytes.capacity()];
      bytes.get(0, heap);
      Files.write(file(), heap);
      try (Journal next = open()) {
        assertTrue(next.goesOn(), stores + " stores: " + next.setAside());
        assertArrayEquals(EPOCH, next.epoch());
        assertEquals(7, next.ring().head());
      }
    }
  }

  private ByteBuffer imageWith(int records) throws IOException {
    Path there = Files.createDirectory(directory.resolve("image-" + records));
    try (Journal journal = open(there, EPOCH)) {
      written(journal, records);
      byte[] bytes = Files.readAllBytes(there.resolve("j.journal"));
      return ByteBuffer.allocateDirect(bytes.length).put(bytes);
    }
  }

  private void assertRecovers(ByteBuffer bytes, int before, int stores) throws IOException {
    byte[] heap = new byte[bytes.capacity()];
    bytes.get(0, heap);
    Files.write(directory.resolve("cut.journal"), heap);
    boolean published = stores >= RECORD_STORES;
    long head = published ? before + 1 : before;
    List<String> found = new ArrayList<>();
    for (int time = 0; time < 2; time++) {
      Recovery recovery = Recovery.of(directory.resolve("cut.journal"), SIZE, Machine.boot());
      String at = before + " records, " + stores + " stores: ";
      assertEquals(null, recovery.fault, at + recovery.fault);
      assertEquals(head, recovery.head, at);
      assertEquals(stores > 0 && !published, recovery.inFlight, at);
      assertEquals((head + 1) / 2, recovery.generation(1), at);
      assertEquals(head % 2, recovery.left().size(), at);
      found.add(recovery.left().stream().map(s -> s.name + s.sequence).toList().toString());
    }
    assertEquals(found.get(0), found.get(1));
  }
}
