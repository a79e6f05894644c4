package dev.postmaster.journal;

/**
 * The bytes of the ring, format 1.0, little-endian. Nothing here acts; writer and reader are
 * classes of their own.
 *
 * <pre>
 * section      offset          bytes
 * A identity        0            128   magic, versions, geometry; never changed
 * B writer        128            128   epoch, state of the writer
 * C hot words     256            256   head
 * D text          512          3,584   zeros in memory
 * slots         4,096  512 a slot      none in memory: the heap's own table is the mirror
 * ring        aligned  256 a record    the record of sequence s at (s mod capacity)
 * </pre>
 *
 * <pre>
 * record
 *   0  stamp        8   0 never written; s &gt; 0 published; ~s being written
 *   8  time         8   epoch nanoseconds
 *  16  generation   8
 *  24  run id       8
 *  32  incarnation  4
 *  36  exit         1
 *  37  by           1
 *  38  zero         2
 *  40  slot         4   -1 the postmaster's own
 *  44  code         4   smallest int: none
 *  48  kind         2   1 an edge of a slot, 2 a record of the postmaster's own
 *  50  from         1
 *  51  to           1
 *  52  cause        2
 *  54  flags        2   bits 0 to 2: name, type, message cut; 3 ready; 4 terminate
 *  56  starts       4
 *  60  delay        4   milliseconds to the restart; -1 none
 *  64  name        64   length byte, then up to 63 bytes of UTF-8
 * 128  type        40   length byte, then up to 39
 * 168  message     84   length byte, then up to 83
 * 252  checksum     4   CRC32C of bytes 0 to 251, with the stamp as published
 * </pre>
 */
final class Layout {

  /** {@code 89 50 4D 4A 4C 0D 0A 1A}: text-mode damage and a swapped byte order show at once. */
  static final long MAGIC = 0x1A0A0D4C4A4D5089L;

  static final short MAJOR = 1;
  static final short MINOR = 0;

  static final int A_MAGIC = 0;
  static final int A_VERSION = 8;
  static final int A_HEADER_BYTES = 12;
  static final int A_RECORD_BYTES = 16;
  static final int A_CAPACITY = 20;
  static final int A_SLOT_BYTES = 24;
  static final int A_SLOTS = 28;
  static final int A_SLOTS_OFFSET = 32;
  static final int A_RING_OFFSET = 40;
  static final int A_FILE_BYTES = 48;
  static final int A_CREATED = 64;
  static final int A_CHECKSUM = 124;

  static final int B_INCARNATION = 136;
  static final int B_OPENED = 168;
  static final int B_FIRST = 184;
  static final int B_STATE = 192;
  static final int B_EPOCH = 224;
  static final int B_CHECKSUM = 252;

  static final int C_HEAD = 256;

  static final int HEADER_BYTES = 4_096;
  static final int RECORD_BYTES = 256;
  static final int RECORD_WORDS = RECORD_BYTES / Long.BYTES;
  static final int SLOT_BYTES = 512;
  static final int CAPACITY_MIN = 64;
  static final int CAPACITY_MAX = 1_048_576;

  static final int STATE_OPEN = 1;

  static final int R_STAMP = 0;
  static final int R_TIME = 8;
  static final int R_GENERATION = 16;
  static final int R_RUN_ID = 24;
  static final int R_INCARNATION = 32;
  static final int R_EXIT = 36;
  static final int R_BY = 37;
  static final int R_SLOT = 40;
  static final int R_CODE = 44;
  static final int R_KIND = 48;
  static final int R_FROM = 50;
  static final int R_TO = 51;
  static final int R_CAUSE = 52;
  static final int R_FLAGS = 54;
  static final int R_STARTS = 56;
  static final int R_DELAY = 60;
  static final int R_NAME = 64;
  static final int R_TYPE = 128;
  static final int R_MESSAGE = 168;
  static final int R_CHECKSUM = 252;

  static final int NAME_MAX = 63;
  static final int TYPE_MAX = 39;
  static final int MESSAGE_MAX = 83;

  static final short KIND_EDGE = 1;
  static final short KIND_OWN = 2;

  static final int FLAG_NAME_CUT = 1;
  static final int FLAG_TYPE_CUT = 2;
  static final int FLAG_MESSAGE_CUT = 4;
  static final int FLAG_READY = 8;
  static final int FLAG_TERMINATE = 16;

  private Layout() {}

  /** The next power of two, within the bounds of the format. */
  static int capacity(long atLeast) {
    long bounded = Math.max(CAPACITY_MIN, Math.min(CAPACITY_MAX, atLeast));
    return Integer.highestOneBit((int) (2 * bounded - 1));
  }
}
