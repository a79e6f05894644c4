package dev.postmaster.journal;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The ring of the last records, in memory: one writer, any number of readers that never touch it.
 *
 * <p>Each record carries its sequence number as a stamp and is the writer's half of a seqlock: a
 * reader copies, looks at the stamp again, and knows whether it was lapped.
 *
 * <p>Threading: {@link #append} one thread, the writer's; all else any.
 */
public final class Ring {

  private final Words words;
  private final int capacity;
  private final int ringOffset;
  private final RecordCodec codec = new RecordCodec();
  private long head;

  /**
   * Makes an empty ring.
   *
   * @param atLeast records; raised to a power of two between 64 and 1,048,576
   * @param epoch sixteen bytes
   * @param headSequence the last sequence number before the first record of this ring
   */
  public Ring(int atLeast, byte[] epoch, long headSequence, long nowNs) {
    capacity = Layout.capacity(atLeast);
    ringOffset = Layout.HEADER_BYTES;
    words = new Words(ringOffset + capacity * Layout.RECORD_BYTES);
    head = headSequence;
    writeHeader(epoch, nowNs);
    words.setRelease(Layout.C_HEAD, head);
  }

  private void writeHeader(byte[] epoch, long nowNs) {
    ByteBuffer header = ByteBuffer.allocate(Layout.C_HEAD).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(Layout.A_MAGIC, Layout.MAGIC);
    header.putShort(Layout.A_VERSION, Layout.MAJOR);
    header.putShort(Layout.A_VERSION + 2, Layout.MINOR);
    header.putInt(Layout.A_HEADER_BYTES, Layout.HEADER_BYTES);
    header.putInt(Layout.A_RECORD_BYTES, Layout.RECORD_BYTES);
    header.putInt(Layout.A_CAPACITY, capacity);
    header.putInt(Layout.A_SLOT_BYTES, Layout.SLOT_BYTES);
    header.putInt(Layout.A_SLOTS, 0);
    header.putLong(Layout.A_SLOTS_OFFSET, Layout.HEADER_BYTES);
    header.putLong(Layout.A_RING_OFFSET, ringOffset);
    header.putLong(Layout.A_FILE_BYTES, words.size());
    header.putLong(Layout.A_CREATED, nowNs);
    header.putInt(Layout.A_CHECKSUM, checksum(header, 0, Layout.A_CHECKSUM));
    header.putLong(Layout.B_INCARNATION, 1);
    header.putLong(Layout.B_OPENED, nowNs);
    header.putLong(Layout.B_FIRST, head + 1);
    header.putInt(Layout.B_STATE, Layout.STATE_OPEN);
    header.put(Layout.B_EPOCH, epoch, 0, 16);
    int from = Layout.B_INCARNATION;
    header.putInt(Layout.B_CHECKSUM, checksum(header, from, Layout.B_CHECKSUM));
    for (int offset = 0; offset < Layout.C_HEAD; offset += Long.BYTES) {
      words.setOpaque(offset, header.getLong(offset));
    }
  }

  private static int checksum(ByteBuffer header, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(header.array(), from, to - from);
    return (int) crc.getValue();
  }

  /** The memory, for readers and for tests that look at the bytes. */
  Words words() {
    return words;
  }

  int offset(long sequence) {
    return ringOffset + (int) (sequence & capacity - 1) * Layout.RECORD_BYTES;
  }

  public int capacity() {
    return capacity;
  }

  /** The highest published sequence number. */
  public long head() {
    return words.getAcquire(Layout.C_HEAD);
  }

  /**
   * The lowest sequence number that can still be read; {@code head + 1} if there is none. The
   * writer may be overwriting the oldest, so one less than the capacity can be relied on.
   */
  public long oldest() {
    return Math.max(first(), head() - capacity + 2);
  }

  private long first() {
    return words.getOpaque(Layout.B_FIRST);
  }

  /** Publishes the entry under the next sequence number, which it is given. */
  public void append(Entry entry) {
    long sequence = head + 1;
    entry.sequence = sequence;
    codec.encode(entry, 1);
    int offset = offset(sequence);
    words.setOpaque(offset, ~sequence);
    // Orders the mark "being written" before the words: a reader that sees one of them sees it.
    VarHandle.storeStoreFence();
    for (int word = 1; word < Layout.RECORD_WORDS; word++) {
      words.setOpaque(offset + word * Long.BYTES, codec.word(word));
    }
    // Release: whoever sees the stamp sees the words. From here on the record exists.
    words.setRelease(offset, sequence);
    head = sequence;
    words.setRelease(Layout.C_HEAD, sequence);
  }

  /** A reader of its own, for one thread. */
  public RingReader reader() {
    return new RingReader(this);
  }
}
