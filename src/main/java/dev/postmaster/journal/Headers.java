package dev.postmaster.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/** The first page of a journal, on the heap. */
final class Headers {

  static final int EPOCH_BYTES = 16;

  private Headers() {}

  static ByteBuffer empty() {
    return ByteBuffer.allocate(Layout.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  static int checksum(ByteBuffer header, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(header.array(), from, to - from);
    return (int) crc.getValue();
  }

  /** Section A, which is never changed. */
  static void putIdentity(ByteBuffer header, Geometry geometry, long fileId, long createdNs) {
    header.putLong(Layout.A_MAGIC, Layout.MAGIC);
    header.putShort(Layout.A_VERSION, Layout.MAJOR);
    header.putShort(Layout.A_VERSION + 2, Layout.MINOR);
    header.putInt(Layout.A_HEADER_BYTES, Layout.HEADER_BYTES);
    header.putInt(Layout.A_RECORD_BYTES, Layout.RECORD_BYTES);
    header.putInt(Layout.A_CAPACITY, geometry.capacity());
    header.putInt(Layout.A_SLOT_BYTES, Layout.SLOT_BYTES);
    header.putInt(Layout.A_SLOTS, geometry.slots());
    header.putLong(Layout.A_SLOTS_OFFSET, Layout.HEADER_BYTES);
    header.putLong(Layout.A_RING_OFFSET, geometry.ringOffset());
    header.putLong(Layout.A_FILE_BYTES, geometry.bytes());
    header.putLong(Layout.A_FILE_ID, fileId);
    header.putLong(Layout.A_CREATED, createdNs);
    header.putInt(Layout.A_CHECKSUM, checksum(header, 0, Layout.A_CHECKSUM));
  }

  /**
   * Section A of a file, believed only if all of it fits together and to the file's length.
   *
   * @throws DamagedJournalException otherwise
   */
  static Geometry identity(ByteBuffer header, long fileBytes) throws DamagedJournalException {
    check(header.getLong(Layout.A_MAGIC) == Layout.MAGIC, "it does not begin as a journal does");
    int major = header.getShort(Layout.A_VERSION);
    check(major == Layout.MAJOR, "its format is " + major + ", ours " + Layout.MAJOR);
    check(
        header.getInt(Layout.A_CHECKSUM) == checksum(header, 0, Layout.A_CHECKSUM),
        "the checksum of its first section is wrong");
    check(header.getInt(Layout.A_INCOMPATIBLE) == 0, "it uses features that are not known here");
    Geometry geometry =
        new Geometry(header.getInt(Layout.A_CAPACITY), header.getInt(Layout.A_SLOTS));
    check(
        geometry.isLegal()
            && header.getInt(Layout.A_HEADER_BYTES) == Layout.HEADER_BYTES
            && header.getInt(Layout.A_RECORD_BYTES) == Layout.RECORD_BYTES
            && header.getInt(Layout.A_SLOT_BYTES) == Layout.SLOT_BYTES
            && header.getLong(Layout.A_SLOTS_OFFSET) == Layout.HEADER_BYTES
            && header.getLong(Layout.A_RING_OFFSET) == geometry.ringOffset()
            && header.getLong(Layout.A_FILE_BYTES) == geometry.bytes(),
        "its geometry is impossible");
    check(
        fileBytes == geometry.bytes(),
        "it is " + fileBytes + " bytes long and says " + geometry.bytes());
    return geometry;
  }

  private static void check(boolean holds, String otherwise) throws DamagedJournalException {
    if (!holds) {
      throw new DamagedJournalException(otherwise);
    }
  }

  /** Section B as far as it was written, by an opening or a closing that was killed; else empty. */
  static Optional<Writer> halfWritten(ByteBuffer header) {
    return isStable(header) ? Optional.empty() : Optional.of(Writer.get(header));
  }

  private static boolean isStable(ByteBuffer header) {
    return (header.getLong(Layout.B_STAMP) & 1) == 0;
  }

  /** Section B; empty while it is being written, or if it is damaged. */
  static Optional<Writer> writer(ByteBuffer header) {
    boolean stable = isStable(header);
    int sum = checksum(header, Layout.B_INCARNATION, Layout.B_CHECKSUM);
    return stable && header.getInt(Layout.B_CHECKSUM) == sum
        ? Optional.of(Writer.get(header))
        : Optional.empty();
  }
}
