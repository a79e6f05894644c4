package dev.postmaster.journal;

import java.nio.ByteBuffer;

/**
 * The ring of the last records and the mirror of the slots, in memory or in a mapped file: one
 * writer, any number of readers that never touch it.
 *
 * <p>Each record carries its sequence number as a stamp and is the writer's half of a seqlock: a
 * reader copies, looks at the stamp again, and knows whether it was lapped. A slot's entry has a
 * stamp that is odd while it is written.
 *
 * <p>Threading: {@link #append}, {@link #mirror}, {@link #beat} one thread, the writer's; all else
 * any.
 *
 * <p>Errors: {@link InternalError} where a page of a mapped file cannot be served.
 */
public final class Ring {

  private final Words words;
  private final Geometry geometry;
  private final long first;
  private final int incarnation;
  private final RecordCodec codec = new RecordCodec();
  private final SlotCodec slotCodec = new SlotCodec();
  private long head;
  private long beats;

  /**
   * Makes an empty ring in memory, without a mirror: the heap has the slots themselves.
   *
   * @param atLeast records; raised to a power of two between 64 and 1,048,576
   * @param epoch sixteen bytes
   * @param headSequence the last sequence number before the first record of this ring
   */
  public Ring(int atLeast, byte[] epoch, long headSequence, long nowNs) {
    this(Geometry.of(atLeast, 0), epoch, headSequence, nowNs);
  }

  private Ring(Geometry geometry, byte[] epoch, long headSequence, long nowNs) {
    this(new Words(geometry.bytes()), geometry, headSequence + 1, headSequence, 1);
    ByteBuffer header = Headers.empty();
    Headers.putIdentity(header, geometry, 0, nowNs);
    for (int offset = 0; offset < Layout.B_STAMP; offset += Long.BYTES) {
      words.setOpaque(offset, header.getLong(offset));
    }
    sign(
        new Writer(
            1, 0, 0, nowNs, 0, headSequence + 1, Layout.STATE_OPEN, 0, 0, 0, 0, epoch.clone()));
    words.setRelease(Layout.C_HEAD, head);
  }

  /**
   * A ring in memory that is there already.
   *
   * @param first the lowest sequence number that it can have
   * @param head the highest that was published
   */
  Ring(Words words, Geometry geometry, long first, long head, int incarnation) {
    this.words = words;
    this.geometry = geometry;
    this.first = first;
    this.head = head;
    this.incarnation = incarnation;
  }

  /** Writes section B. */
  void sign(Writer writer) {
    ByteBuffer header = Headers.empty();
    writer.put(header);
    long stamp = words.getOpaque(Layout.B_STAMP) | 1;
    words.setOpaque(Layout.B_STAMP, stamp);
    words.storeStoreFence();
    for (int offset = Layout.B_INCARNATION; offset < Layout.C_HEAD; offset += Long.BYTES) {
      words.setOpaque(offset, header.getLong(offset));
    }
    words.setRelease(Layout.B_STAMP, stamp + 1);
  }

  /** The memory, for readers and for tests that look at the bytes. */
  Words words() {
    return words;
  }

  int offset(long sequence) {
    return geometry.recordOffset(sequence);
  }

  int slotOffset(int slot) {
    return geometry.slotOffset(slot);
  }

  public int capacity() {
    return geometry.capacity();
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
    return oldest(head());
  }

  /** The same under a head that the caller knows, without a look at the memory. */
  public long oldest(long known) {
    return Math.max(first, known - geometry.capacity() + 2);
  }

  /** Publishes the entry under the next sequence number, which it is given. */
  public void append(Entry entry) {
    long sequence = head + 1;
    entry.sequence = sequence;
    codec.encode(entry, incarnation);
    write(sequence);
    head = sequence;
    words.setRelease(Layout.C_HEAD, sequence);
  }

  private void write(long sequence) {
    int offset = offset(sequence);
    words.setOpaque(offset, ~sequence);
    // Orders the mark "being written" before the words: a reader that sees one of them sees it.
    words.storeStoreFence();
    words.put(offset + Layout.R_TIME, codec.bytes(), Layout.R_TIME, Layout.R_BODY_BYTES);
    // Release: whoever sees the stamp sees the words. From here on the record exists.
    words.setRelease(offset, sequence);
  }

  /**
   * Whether the record is there as it was written. Where a page of a file cannot be served a store
   * may be lost without a word, and the error come later.
   */
  public boolean holds(long sequence) {
    return words.getOpaque(offset(sequence)) == sequence
        && words.getOpaque(Layout.C_HEAD) == sequence;
  }

  /**
   * Writes the state of a slot into the mirror. It may be older than the last record, never newer:
   * a reader adds the records that follow {@link SlotEntry#sequence}.
   *
   * @param cold whether name, type or detail are not those of the last time
   */
  public void mirror(SlotEntry entry, boolean cold) {
    entry.incarnation = incarnation;
    int offset = geometry.slotOffset(entry.slot);
    int end = cold ? Layout.S_HOT_CHECKSUM : Layout.S_COLD;
    slotCodec.encodeHot(entry);
    if (cold) {
      slotCodec.encodeCold(entry);
    } else {
      slotCodec.keepColdChecksum(words.getOpaque(offset + Layout.S_HOT_CHECKSUM));
    }
    long stamp = words.getOpaque(offset) | 1;
    words.setOpaque(offset, stamp);
    words.storeStoreFence();
    int from = Layout.S_SEQUENCE;
    words.put(offset + from, slotCodec.bytes(), from, end - from);
    words.setOpaque(offset + Layout.S_HOT_CHECKSUM, slotCodec.checksums());
    words.setRelease(offset, stamp + 1);
  }

  /** Says that the writer is there. */
  public void beat(long nowNs) {
    words.setOpaque(Layout.C_HEARTBEAT, nowNs);
    words.setOpaque(Layout.C_BEATS, ++beats);
  }

  /**
   * A ring in memory that goes on with the same numbers, and has what can still be read of this
   * one.
   *
   * @param epoch sixteen bytes
   * @param last the last number that was given out and written
   */
  public Ring inMemory(byte[] epoch, long last, long nowNs) {
    long from = Math.max(first, last - geometry.capacity() + 2);
    Ring copy = new Ring(Geometry.of(geometry.capacity(), 0), epoch, from - 1, nowNs);
    RingReader reader = reader();
    Entry entry = new Entry();
    Words.settle();
    while (copy.head < last) {
      if (canRead(reader, copy.head + 1, entry)) {
        copy.append(entry);
      } else {
        copy.head++; // it is lost, and whoever asks for it is told so
      }
    }
    Words.settle();
    copy.words.setRelease(Layout.C_HEAD, copy.head);
    return copy;
  }

  private static boolean canRead(RingReader reader, long sequence, Entry into) {
    try {
      boolean read = reader.read(sequence, into) == RingReader.Result.OK;
      Thread.yield();
      return read;
    } catch (InternalError notServed) {
      return false;
    }
  }

  /** A reader of its own, for one thread. */
  public RingReader reader() {
    return new RingReader(this);
  }

  /** Follows it from the record after that one; for one thread. */
  public Tailer tailer(long after) {
    return new Tailer(this, after);
  }
}
