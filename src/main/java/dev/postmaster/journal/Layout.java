package dev.postmaster.journal;

/**
 * The bytes of the ring, format 1.0, little-endian. Nothing here acts; writer and reader are
 * classes of their own.
 *
 * <pre>
 * section      offset          bytes
 * A identity        0            128   magic, versions, geometry; never changed
 * B writer        128            128   who writes, his epoch and state, under a stamp
 * C hot words     256            256   head, heartbeat
 * D text          512          3,584   lines for people, zeros in memory
 * slots         4,096  512 a slot      the mirror of each slot's state; none in memory
 * ring        aligned  256 a record    the record of sequence s at (s mod capacity)
 * </pre>
 *
 * <pre>
 * section A                                 section B
 *   0  magic             8                  128  stamp            8   even: stable
 *   8  major, minor      2, 2               136  incarnation      8   1, 2, 3, one an opening
 *  12  header bytes      4                  152  pid              8
 *  16  record bytes      4                  160  process started  8   epoch milliseconds
 *  20  capacity          4                  168  opened           8   epoch nanoseconds
 *  24  slot bytes        4                  176  closed           8   0 while open
 *  28  slots             4                  184  first sequence   8   of this incarnation
 *  32  slots' offset     8                  192  state            4   1 open 2 closed 3 faulted
 *  40  ring's offset     8                  196  previous end     4   0 none 1 clean 2 a kill
 *  48  file bytes        8                  200  boot             8   hash of the boot's id
 *  56  file id           8                  208  pid namespace    8
 *  64  created           8                  216  damaged records  8   found at the opening
 *  72  incompatible      4                  224  epoch           16   big-endian
 *  76  compatible        4                  252  checksum         4   of 136 to 251
 * 124  checksum          4   of 0 to 123
 * </pre>
 *
 * <pre>
 * slot
 *   0  stamp        8   even: stable; odd: being written; 0 never written
 *   8  sequence     8   of the record that produced the state
 *  16  generation   8
 *  24  run id       8   -1 before the first launch, 0 without a run
 *  32  since        8   epoch nanoseconds, as all times
 *  40  last start   8
 *  48  next start   8   0 none
 *  56  state        4
 *  60  flags        4   see SlotFlags
 *  64  starts       4
 *  68  code         4   of the last exit; smallest int: none
 *  72  cause        4   of the last end
 *  76  restart      4   milliseconds; -1 never
 *  80  incarnation  8
 *  88  exits       32   eight counters
 * 120  registered   8
 * 128  name       128   length byte, then up to 127 bytes of UTF-8
 * 256  type       128   the same
 * 384  detail     120   of the last failure: length byte, then up to 119
 * 504  checksum     4   of 8 to 127
 * 508  checksum     4   of 128 to 503
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
  static final int A_FILE_ID = 56;
  static final int A_CREATED = 64;
  static final int A_INCOMPATIBLE = 72;
  static final int A_CHECKSUM = 124;

  static final int B_STAMP = 128;
  static final int B_INCARNATION = 136;
  static final int B_PID = 152;
  static final int B_PID_STARTED = 160;
  static final int B_OPENED = 168;
  static final int B_CLOSED = 176;
  static final int B_FIRST = 184;
  static final int B_STATE = 192;
  static final int B_PREVIOUS = 196;
  static final int B_BOOT = 200;
  static final int B_NAMESPACE = 208;
  static final int B_DAMAGED = 216;
  static final int B_EPOCH = 224;
  static final int B_CHECKSUM = 252;

  static final int C_HEAD = 256;
  static final int C_HEARTBEAT = 320;
  static final int C_BEATS = 328;

  static final int D_TEXT = 512;

  static final int HEADER_BYTES = 4_096;
  static final int RECORD_BYTES = 256;
  static final int SLOT_BYTES = 512;
  static final int CAPACITY_MIN = 64;
  static final int CAPACITY_MAX = 1_048_576;

  static final int SLOTS_MAX = 262_143;

  static final int STATE_OPEN = 1;
  static final int STATE_CLOSED = 2;
  static final int STATE_FAULTED = 3;

  static final int PREVIOUS_NONE = 0;
  static final int PREVIOUS_CLEAN = 1;
  static final int PREVIOUS_KILLED = 2;

  static final int S_STAMP = 0;
  static final int S_SEQUENCE = 8;
  static final int S_GENERATION = 16;
  static final int S_RUN_ID = 24;
  static final int S_SINCE = 32;
  static final int S_STARTED = 40;
  static final int S_NEXT = 48;
  static final int S_STATE = 56;
  static final int S_FLAGS = 60;
  static final int S_STARTS = 64;
  static final int S_CODE = 68;
  static final int S_CAUSE = 72;
  static final int S_RESTART = 76;
  static final int S_INCARNATION = 80;
  static final int S_EXITS = 88;
  static final int S_REGISTERED = 120;
  static final int S_COLD = 128;
  static final int S_NAME = 128;
  static final int S_TYPE = 256;
  static final int S_DETAIL = 384;
  static final int S_HOT_CHECKSUM = 504;
  static final int S_COLD_CHECKSUM = 508;

  static final int SLOT_NAME_MAX = 127;
  static final int SLOT_DETAIL_MAX = 119;
  static final int EXITS = 8;

  static final int R_STAMP = 0;
  static final int R_TIME = 8;
  static final int R_BODY_BYTES = RECORD_BYTES - R_TIME;
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
