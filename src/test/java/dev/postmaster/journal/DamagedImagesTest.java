package dev.postmaster.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Images of small journals that lost power, or were damaged in any way: whoever reads them gets one
 * kind of exception, or records as they were written, and nothing else.
 */
class DamagedImagesTest {

  private static final byte[] EPOCH = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final Geometry SIZE = Geometry.of(64, 3);

  /** A build's share; profile {@code torture} has ten times as much. */
  private static final int TIMES = Integer.getInteger("postmaster.kills") / 20;

  private static final int POWER_LOSSES = 10_000;
  private static final int FUZZED = 100_000;

  @TempDir Path directory;

  /** What lies in memory and cannot fail. */
  private record Heap(byte[] bytes) implements JournalImage.Source {

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public void read(ByteBuffer into, long from) throws IOException {
      into.put(bytes, (int) from, into.remaining());
    }

    @Override
    public void close() {}
  }

  /** Each record that was ever written, by its number. */
  private final Map<Long, byte[]> written = new HashMap<>();

  private final Random random = new Random(4);
  private byte[] writer;
  private int whole;
  private int refused;

  /** The file after so many records: of slot 1, two a registration. */
  private List<byte[]> history(int records) throws IOException {
    List<byte[]> images = new ArrayList<>();
    try (Journal journal = Journal.open(directory, "j", SIZE, () -> EPOCH)) {
      Path file = directory.resolve("j.journal");
      images.add(Files.readAllBytes(file));
      writer = Arrays.copyOfRange(images.get(0), Layout.B_STAMP, Layout.C_HEAD);
      for (long n = 1; n <= records; n++) {
        Entry entry = new Entry();
        entry.slot = 1;
        entry.generation = (n + 1) / 2;
        entry.from = (int) ((n + 1) % 2);
        entry.to = (int) (n % 2);
        entry.name = "worker-" + entry.generation;
        entry.message = "m" + random.nextLong();
        journal.ring().append(entry);
        SlotEntry slot = new SlotEntry();
        slot.slot = 1;
        slot.sequence = n;
        slot.generation = entry.generation;
        slot.state = entry.to;
        slot.name = entry.name;
        journal.ring().mirror(slot, n % 2 == 1);
        byte[] image = Files.readAllBytes(file);
        images.add(image);
        int at = SIZE.recordOffset(n);
        written.put(n, Arrays.copyOfRange(image, at, at + Layout.RECORD_BYTES));
      }
    }
    return images;
  }

  /** Reads it in both ways. */
  private void read(byte[] image, String what) {
    try {
      inspect(image, what);
      recover(image, what);
    } catch (DamagedJournalException refusal) {
      refused++;
    } catch (IOException | RuntimeException | Error other) {
      throw new AssertionError(what + ": " + other, other);
    }
  }

  private void inspect(byte[] image, String what) throws IOException, DamagedJournalException {
    Inspection read =
        Inspection.of(JournalImage.of(new Heap(image)), SIZE.capacity(), OptionalInt.empty());
    for (Entry entry : read.records()) {
      RecordCodec codec = new RecordCodec();
      codec.encode(entry, entry.incarnation);
      byte[] original = written.get(entry.sequence);
      assertTrue(original != null, () -> what + ": never written: " + entry.sequence);
      RecordCodec expected = new RecordCodec();
      expected.load(original, 0);
      assertArrayEquals(expected.bytes(), codec.bytes(), what);
    }
  }

  /** If it goes on, then from a moment that there was. */
  private void recover(byte[] image, String what) throws IOException, DamagedJournalException {
    Recovery recovery = Recovery.of(JournalImage.of(new Heap(image)), SIZE, Machine.boot());
    if (recovery.fault != null) {
      return;
    }
    whole++;
    assertEquals((recovery.head + 1) / 2, recovery.generation(1), what);
    assertEquals(recovery.head % 2, recovery.left().size(), what);
    if (Arrays.equals(writer, Arrays.copyOfRange(image, Layout.B_STAMP, Layout.C_HEAD))) {
      // One who lies about the writer with a checksum to it is believed.
      assertArrayEquals(EPOCH, recovery.writer.epoch(), what);
    }
  }

  @Test
  void afterALossOfPowerNoRecordIsWrong() throws Exception {
    List<byte[]> history = history(200);
    for (int n = 0; n < POWER_LOSSES * TIMES; n++) {
      int to = 1 + random.nextInt(200);
      byte[] before = history.get(Math.max(0, to - 1 - random.nextInt(100)));
      byte[] image = history.get(to).clone();
      int unit = random.nextBoolean() ? 512 : 4_096;
      for (int at = 0; at < image.length; at += unit) {
        if (random.nextBoolean()) {
          System.arraycopy(before, at, image, at, unit);
        }
      }
      read(image, "loss " + n);
    }
    assertTrue(whole > 0, "nothing ever went on");
  }

  @Test
  void whateverHappensToAFileItsRecordsAreRightOrItIsRefused() throws Exception {
    List<byte[]> history = history(150);
    List<BiConsumer<byte[], Random>> damages =
        List.of(
            DamagedImagesTest::flip,
            DamagedImagesTest::flip,
            DamagedImagesTest::zero,
            DamagedImagesTest::swap,
            DamagedImagesTest::lie,
            DamagedImagesTest::lieWithAChecksum,
            DamagedImagesTest::stamp);
    for (int n = 0; n < FUZZED * TIMES; n++) {
      byte[] image = history.get(random.nextInt(history.size())).clone();
      int times = 1 + random.nextInt(3);
      for (int damage = 0; damage < times; damage++) {
        damages.get(random.nextInt(damages.size())).accept(image, random);
      }
      if (random.nextInt(10) == 0) {
        image = Arrays.copyOf(image, random.nextInt(2 * image.length));
      }
      read(image, "damage " + n);
    }
    assertTrue(refused > FUZZED / 20, "only " + refused + " refused");
  }

  private static void flip(byte[] image, Random random) {
    image[random.nextInt(image.length)] ^= (byte) (1 << random.nextInt(8));
  }

  private static void zero(byte[] image, Random random) {
    int unit = 1 << random.nextInt(13);
    int at = random.nextInt(image.length / unit) * unit;
    Arrays.fill(image, at, at + unit, (byte) 0);
  }

  private static void swap(byte[] image, Random random) {
    int unit = random.nextBoolean() ? 256 : 4_096;
    int one = random.nextInt(image.length / unit) * unit;
    int other = random.nextInt(image.length / unit) * unit;
    byte[] kept = Arrays.copyOfRange(image, one, one + unit);
    System.arraycopy(image, other, image, one, unit);
    System.arraycopy(kept, 0, image, other, unit);
  }

  /** Any word of the first sections becomes a number that is likely to hurt. */
  private static void lie(byte[] image, Random random) {
    int[] numbers = {0, 1, -1, 3, 63, 65, 262_144, 1 << 20, 1 << 21, Integer.MIN_VALUE};
    ByteBuffer.wrap(image)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(random.nextInt(80) * 4, numbers[random.nextInt(numbers.length)]);
  }

  private static void lieWithAChecksum(byte[] image, Random random) {
    lie(image, random);
    ByteBuffer header = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(Layout.A_CHECKSUM, Headers.checksum(header, 0, Layout.A_CHECKSUM));
    header.putInt(
        Layout.B_CHECKSUM, Headers.checksum(header, Layout.B_INCARNATION, Layout.B_CHECKSUM));
  }

  private static void stamp(byte[] image, Random random) {
    long[] stamps = {0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE, random.nextInt(300), ~65L};
    ByteBuffer.wrap(image)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(SIZE.recordOffset(random.nextInt(64)), stamps[random.nextInt(stamps.length)]);
  }

  @Test
  void aRecordOfASlotThatIsNotThereIsDamage() throws Exception {
    Path file = directory.resolve("j.journal");
    try (Journal journal = Journal.open(directory, "j", SIZE, () -> EPOCH)) {
      Entry entry = new Entry();
      entry.slot = SIZE.slots();
      journal.ring().append(entry);
    }

    Inspection read = Inspection.of(file, 1, OptionalInt.empty());

    assertEquals(List.of("record 1: there is no slot 3"), read.damages());
    assertEquals(1, read.damaged());
  }
}
