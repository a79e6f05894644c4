package dev.postmaster.journal;

/**
 * Follows a ring record by record, and names exactly what it could not read.
 *
 * <p>It asks for one number after the other. So each number comes once at most, and what does not
 * come lies in a gap.
 *
 * <p>Threading: one; it never touches what the writer writes.
 */
public final class Tailer {

  /** What a step came to. */
  public enum Step {
    /** The entry was filled. */
    RECORD,
    /** Nothing more has been written. */
    NOTHING,
    /** From {@link #gapFrom} to {@link #gapTo} was overwritten before it was read. */
    LAPPED,
    /** The same was damaged. */
    CORRUPT
  }

  private final Ring ring;
  private final RingReader reader;
  private long next;
  private long gapFrom;
  private long gapTo;

  Tailer(Ring ring, long after) {
    this.ring = ring;
    reader = ring.reader();
    next = Math.min(Math.max(0, after), Long.MAX_VALUE - 1) + 1;
  }

  /** Reads the next record into the entry, or says what is in its way and steps over it. */
  public Step poll(Entry into) {
    RingReader.Result result = reader.read(next, into);
    if (result == RingReader.Result.OK) {
      next++;
      return Step.RECORD;
    }
    if (result == RingReader.Result.EMPTY) {
      return Step.NOTHING;
    }
    gapFrom = next;
    if (result == RingReader.Result.LAPPED) {
      next = Math.max(next + 1, afterLap());
      gapTo = next - 1;
      return Step.LAPPED;
    }
    do {
      next++;
    } while (reader.read(next, into) == RingReader.Result.CORRUPT);
    gapTo = next - 1;
    return Step.CORRUPT;
  }

  /** A little after the oldest, so that a slow reader is not lapped again at once. */
  private long afterLap() {
    return Math.min(ring.head(), ring.oldest() + ring.capacity() / 8);
  }

  /** The record that {@link #poll} tries next. */
  public long next() {
    return next;
  }

  /** The first record of the last gap. */
  public long gapFrom() {
    return gapFrom;
  }

  /** The last record of the last gap. */
  public long gapTo() {
    return gapTo;
  }
}
