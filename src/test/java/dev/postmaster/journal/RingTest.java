package dev.postmaster.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** The ring in memory: bytes, laps, and readers beside a writer. */
class RingTest {

  private static final byte[] EPOCH = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private static Ring ring(int capacity) {
    return new Ring(capacity, EPOCH, 0, 1_000);
  }

  private static Entry entry(long tag) {
    Entry entry = new Entry();
    entry.timeNs = tag;
    entry.generation = tag * 3;
    entry.runId = tag * 7;
    entry.slot = (int) (tag & 1_023);
    entry.name = "worker-" + tag;
    entry.type = "type-" + tag % 10;
    entry.message = "message " + tag;
    entry.delayMs = -1;
    return entry;
  }

  private static Entry read(Ring ring, long sequence) {
    Entry into = new Entry();
    assertEquals(RingReader.Result.OK, ring.reader().read(sequence, into));
    return into;
  }

  @Test
  void everyFieldComesBackAsItWasWritten() {
    Ring ring = ring(64);
    Entry entry = new Entry();
    entry.timeNs = Long.MAX_VALUE;
    entry.generation = Long.MIN_VALUE;
    entry.runId = -1;
    entry.exit = 8;
    entry.by = 6;
    entry.slot = 262_142;
    entry.code = Integer.MIN_VALUE;
    entry.from = 7;
    entry.to = 3;
    entry.cause = 40;
    entry.ready = true;
    entry.terminate = true;
    entry.starts = Integer.MAX_VALUE;
    entry.delayMs = 86_400_000;
    entry.name = "n";
    entry.type = "";
    entry.message = "ü";

    ring.append(entry);

    Entry back = read(ring, 1);
    assertEquals(1, back.sequence);
    assertEquals(Long.MAX_VALUE, back.timeNs);
    assertEquals(Long.MIN_VALUE, back.generation);
    assertEquals(-1, back.runId);
    assertEquals(8, back.exit);
    assertEquals(6, back.by);
    assertEquals(262_142, back.slot);
    assertEquals(Integer.MIN_VALUE, back.code);
    assertEquals(7, back.from);
    assertEquals(3, back.to);
    assertEquals(40, back.cause);
    assertTrue(back.ready && back.terminate);
    assertEquals(Integer.MAX_VALUE, back.starts);
    assertEquals(86_400_000, back.delayMs);
    assertEquals("n", back.name);
    assertEquals("", back.type);
    assertEquals("ü", back.message);
    assertFalse(back.nameCut || back.typeCut || back.messageCut);
  }

  @Test
  void aRecordHasItsBytesWhereTheFormatSaysAndAChecksumThatOthersCanCompute() {
    Ring ring = ring(64);
    Entry entry = entry(5);
    entry.exit = 2;
    entry.by = 1;
    entry.code = 1;
    entry.from = 3;
    entry.to = 5;
    entry.cause = 6;
    entry.starts = 9;
    entry.delayMs = 5_000;
    entry.ready = false;
    entry.terminate = true;

    ring.append(entry);

    ByteBuffer bytes = bytes(ring, 4_096 + 256, 256);
    assertEquals(1, bytes.getLong(0));
    assertEquals(5, bytes.getLong(8));
    assertEquals(15, bytes.getLong(16));
    assertEquals(35, bytes.getLong(24));
    assertEquals(1, bytes.getInt(32));
    assertEquals(2, bytes.get(36));
    assertEquals(1, bytes.get(37));
    assertEquals(0, bytes.getShort(38));
    assertEquals(5, bytes.getInt(40));
    assertEquals(1, bytes.getInt(44));
    assertEquals(1, bytes.getShort(48));
    assertEquals(3, bytes.get(50));
    assertEquals(5, bytes.get(51));
    assertEquals(6, bytes.getShort(52));
    assertEquals(16, bytes.getShort(54));
    assertEquals(9, bytes.getInt(56));
    assertEquals(5_000, bytes.getInt(60));
    assertEquals("worker-5", text(bytes, 64));
    assertEquals("type-5", text(bytes, 128));
    assertEquals("message 5", text(bytes, 168));
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), 0, 252);
    assertEquals((int) crc.getValue(), bytes.getInt(252));
  }

  @Test
  void theHeaderSaysWhatFollows() {
    ByteBuffer header = bytes(ring(100), 0, 256);

    assertEquals((byte) 0x89, header.get(0));
    assertEquals("PMJL\r\n", new String(header.array(), 1, 6, StandardCharsets.US_ASCII));
    assertEquals(0x1A, header.get(7));
    assertEquals(128, header.getInt(20), "capacity is raised to a power of two");
    assertEquals(4_096 + 128 * 256, header.getLong(48));
    assertEquals("0123456789abcdef", new String(header.array(), 224, 16));
    CRC32C crc = new CRC32C();
    crc.update(header.array(), 0, 124);
    assertEquals((int) crc.getValue(), header.getInt(124));
  }

  private static ByteBuffer bytes(Ring ring, int from, int count) {
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    for (int offset = 0; offset < count; offset += Long.BYTES) {
      bytes.putLong(offset, ring.words().getOpaque(from + offset));
    }
    return bytes;
  }

  private static String text(ByteBuffer bytes, int offset) {
    return new String(bytes.array(), offset + 1, bytes.get(offset), StandardCharsets.UTF_8);
  }

  @Test
  void textsAreCutAtACodePointAndSaySo() {
    Ring ring = ring(64);
    Entry entry = entry(1);
    entry.name = "n".repeat(62) + "é";
    entry.type = "🙂".repeat(10);
    entry.message = "m".repeat(83);

    ring.append(entry);

    Entry back = read(ring, 1);
    assertEquals("n".repeat(62), back.name);
    assertTrue(back.nameCut);
    assertEquals("🙂".repeat(9), back.type);
    assertTrue(back.typeCut);
    assertEquals("m".repeat(83), back.message);
    assertFalse(back.messageCut);
  }

  @Test
  void aShorterTextLeavesNothingOfALongerOneBehind() {
    Ring ring = ring(64);
    Entry entry = entry(1);
    entry.message = "secret secret secret";
    ring.append(entry);
    entry.message = "x";

    ring.append(entry);

    ByteBuffer second = bytes(ring, 4_096 + 2 * 256, 256);
    assertEquals(1, second.get(168));
    for (int offset = 170; offset < 252; offset++) {
      assertEquals(0, second.get(offset));
    }
  }

  @Test
  void whatWasOverwrittenIsLappedAndWhatIsToComeIsEmpty() {
    Ring ring = ring(64);
    for (long n = 1; n <= 200; n++) {
      ring.append(entry(n));
    }

    RingReader reader = ring.reader();
    Entry into = new Entry();
    assertEquals(200, ring.head());
    assertEquals(138, ring.oldest());
    for (long n = 1; n <= 137; n++) {
      assertEquals(RingReader.Result.LAPPED, reader.read(n, into), "record " + n);
    }
    for (long n = 138; n <= 200; n++) {
      assertEquals(RingReader.Result.OK, reader.read(n, into), "record " + n);
      assertEquals(n, into.timeNs);
    }
    assertEquals(RingReader.Result.EMPTY, reader.read(201, into));
  }

  @Test
  void aFlippedBitIsCorruptNotAWrongRecord() {
    Ring ring = ring(64);
    ring.append(entry(1));
    for (int bit = 64; bit < 252 * 8; bit += 13) {
      int offset = 4_096 + 256 + bit / 64 * 8;
      long good = ring.words().getOpaque(offset);
      ring.words().setOpaque(offset, good ^ 1L << bit % 64);

      assertEquals(RingReader.Result.CORRUPT, ring.reader().read(1, new Entry()), "bit " + bit);

      ring.words().setOpaque(offset, good);
    }
  }

  @Test
  void aRecordThatIsBeingWrittenIsNeverReturned() {
    Ring ring = ring(64);
    for (long n = 1; n <= 64; n++) {
      ring.append(entry(n));
    }
    int offset = 4_096 + 256; // of sequence 1, and of 65 that overwrites it
    ring.words().setOpaque(offset, ~65L);

    assertEquals(RingReader.Result.LAPPED, ring.reader().read(1, new Entry()));
    assertEquals(RingReader.Result.EMPTY, ring.reader().read(65, new Entry()));
  }

  @Test
  void aReaderBesideAFullSpeedWriterSeesOnlyOriginalRecordsInOrder() throws Exception {
    Ring ring = ring(1_024);
    long last = 1_000_000;
    AtomicReference<Throwable> fault = new AtomicReference<>();
    Thread reading =
        new Thread(
            () -> {
              try {
                follow(ring, last);
              } catch (Throwable thrown) {
                fault.set(thrown);
              }
            });
    reading.start();

    Entry entry = entry(1);
    for (long n = 1; n <= last; n++) {
      entry.timeNs = n;
      entry.generation = n * 3;
      entry.runId = n * 7;
      ring.append(entry);
    }
    reading.join(20_000);

    assertEquals(null, fault.get());
    assertFalse(reading.isAlive());
  }

  private static void follow(Ring ring, long last) {
    RingReader reader = ring.reader();
    Entry into = new Entry();
    long next = 1;
    while (next <= last) {
      RingReader.Result result = reader.read(next, into);
      if (result == RingReader.Result.OK) {
        assertEquals(next, into.sequence);
        assertEquals(next, into.timeNs);
        assertEquals(next * 3, into.generation);
        assertEquals(next * 7, into.runId);
        next++;
      } else if (result == RingReader.Result.LAPPED) {
        assertTrue(ring.oldest() > next || ring.head() - next >= ring.capacity() - 1);
        next = Math.max(next + 1, ring.oldest());
      } else {
        assertEquals(RingReader.Result.EMPTY, result);
        Thread.onSpinWait();
      }
    }
  }
}
