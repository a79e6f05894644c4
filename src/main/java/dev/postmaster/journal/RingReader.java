package dev.postmaster.journal;

/**
 * Reads a ring from any sequence number on.
 *
 * <p>Threading: one thread a reader; it never touches what the writer writes.
 */
public final class RingReader {

  /** What a read came to. */
  public enum Result {
    /** The entry was filled. */
    OK,
    /** Nothing has been written there yet. */
    EMPTY,
    /** It was overwritten, or is being overwritten now. */
    LAPPED,
    /** Its checksum is wrong, or it is not there. */
    CORRUPT
  }

  private final Ring ring;
  private final RecordCodec codec = new RecordCodec();

  RingReader(Ring ring) {
    this.ring = ring;
  }

  /** Reads the record of that sequence number into the entry. */
  public Result read(long sequence, Entry into) {
    if (sequence > ring.head()) {
      return Result.EMPTY;
    }
    if (sequence < ring.oldest()) {
      return Result.LAPPED;
    }
    Words words = ring.words();
    int offset = ring.offset(sequence);
    long stamp = words.getAcquire(offset);
    if (stamp != sequence) {
      // An older one under a head that is newer was lost, or is damaged.
      return (stamp < 0 ? ~stamp : stamp) > sequence ? Result.LAPPED : Result.CORRUPT;
    }
    codec.stamp(sequence);
    words.get(offset + Layout.R_TIME, codec.bytes(), Layout.R_TIME, Layout.R_BODY_BYTES);
    // Orders the words before the second look at the stamp.
    words.acquireFence();
    if (words.getOpaque(offset) != sequence) {
      return Result.LAPPED;
    }
    return codec.decode(into) ? Result.OK : Result.CORRUPT;
  }

  /**
   * Reads the mirror of a slot: as its last record left it, or the one before. {@link
   * SlotEntry#sequence} says which; the record of that number can be read, or was overwritten.
   *
   * @return EMPTY if it was never in use, LAPPED if it is being written: try again
   */
  public Result slot(int slot, SlotEntry into) {
    Words words = ring.words();
    int offset = ring.slotOffset(slot);
    long stamp = words.getAcquire(offset);
    if (stamp == 0) {
      return Result.EMPTY;
    }
    SlotCodec slotCodec = new SlotCodec();
    int from = Layout.S_SEQUENCE;
    words.get(offset + from, slotCodec.bytes(), from, Layout.SLOT_BYTES - from);
    words.acquireFence();
    if ((stamp & 1) != 0 || words.getOpaque(offset) != stamp) {
      return Result.LAPPED;
    }
    if (!slotCodec.isWhole()) {
      return Result.CORRUPT;
    }
    slotCodec.decode(slot, into);
    return Result.OK;
  }
}
