package dev.postmaster.journal;

/**
 * How large a journal is.
 *
 * @param capacity records, a power of two between 64 and 1,048,576
 * @param slots 0 to 262,143
 */
public record Geometry(int capacity, int slots) {

  /**
   * The geometry for so many.
   *
   * @param atLeast records; raised to a power of two
   */
  public static Geometry of(int atLeast, int slots) {
    return new Geometry(Layout.capacity(atLeast), slots);
  }

  /** Whether the format allows it. */
  boolean isLegal() {
    return Integer.bitCount(capacity) == 1
        && capacity >= Layout.CAPACITY_MIN
        && capacity <= Layout.CAPACITY_MAX
        && slots >= 0
        && slots <= Layout.SLOTS_MAX;
  }

  int slotOffset(int slot) {
    return Layout.HEADER_BYTES + slot * Layout.SLOT_BYTES;
  }

  /** The slots end where a page does. */
  int ringOffset() {
    int end = slotOffset(slots);
    return (end + Layout.HEADER_BYTES - 1) / Layout.HEADER_BYTES * Layout.HEADER_BYTES;
  }

  int index(long sequence) {
    return (int) (sequence & capacity - 1);
  }

  int recordOffset(long sequence) {
    return ringOffset() + index(sequence) * Layout.RECORD_BYTES;
  }

  /** At most 385 MiB. */
  int bytes() {
    return ringOffset() + capacity * Layout.RECORD_BYTES;
  }
}
