package dev.postmaster.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Turns the state of a slot into its 512 bytes and back, on a heap copy. The half that an edge
 * changes and the half that a registration changes have a checksum each.
 *
 * <p>Threading: one; each user has his own.
 */
final class SlotCodec {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes = new byte[Layout.SLOT_BYTES];
  private final CRC32C crc = new CRC32C();

  /** The bytes of the entry, stamp first. */
  byte[] bytes() {
    return bytes;
  }

  /** The word with both checksums. */
  long checksums() {
    return (long) LONGS.get(bytes, Layout.S_HOT_CHECKSUM);
  }

  /** Takes the bytes of a slot from elsewhere. */
  void load(byte[] from, int offset) {
    System.arraycopy(from, offset, bytes, 0, bytes.length);
  }

  void encodeHot(SlotEntry e) {
    LONGS.set(bytes, Layout.S_SEQUENCE, e.sequence);
    LONGS.set(bytes, Layout.S_GENERATION, e.generation);
    LONGS.set(bytes, Layout.S_RUN_ID, e.runId);
    LONGS.set(bytes, Layout.S_SINCE, e.sinceNs);
    LONGS.set(bytes, Layout.S_STARTED, e.startedNs);
    LONGS.set(bytes, Layout.S_NEXT, e.nextNs);
    INTS.set(bytes, Layout.S_STATE, e.state);
    INTS.set(bytes, Layout.S_FLAGS, e.flags);
    INTS.set(bytes, Layout.S_STARTS, e.starts);
    INTS.set(bytes, Layout.S_CODE, e.code);
    INTS.set(bytes, Layout.S_CAUSE, e.cause);
    INTS.set(bytes, Layout.S_RESTART, e.restartMs);
    LONGS.set(bytes, Layout.S_INCARNATION, e.incarnation);
    for (int exit = 0; exit < Layout.EXITS; exit++) {
      int count = e.exits.get(exit); // an int for the VarHandle: it converts an object slowly
      INTS.set(bytes, Layout.S_EXITS + exit * Integer.BYTES, count);
    }
    LONGS.set(bytes, Layout.S_REGISTERED, e.registeredNs);
    INTS.set(bytes, Layout.S_HOT_CHECKSUM, hotChecksum());
  }

  void encodeCold(SlotEntry e) {
    Text.put(bytes, Layout.S_NAME, Layout.SLOT_NAME_MAX, e.name);
    Text.put(bytes, Layout.S_TYPE, Layout.SLOT_NAME_MAX, e.type);
    Text.put(bytes, Layout.S_DETAIL, Layout.SLOT_DETAIL_MAX, e.detail);
    INTS.set(bytes, Layout.S_COLD_CHECKSUM, coldChecksum());
  }

  /** What the cold half's checksum is, where only the hot half was encoded. */
  void keepColdChecksum(long checksums) {
    INTS.set(bytes, Layout.S_COLD_CHECKSUM, (int) (checksums >>> Integer.SIZE));
  }

  private int hotChecksum() {
    return checksum(Layout.S_SEQUENCE, Layout.S_COLD);
  }

  private int coldChecksum() {
    return checksum(Layout.S_COLD, Layout.S_HOT_CHECKSUM);
  }

  private int checksum(int from, int to) {
    crc.reset();
    crc.update(bytes, from, to - from);
    return (int) crc.getValue();
  }

  boolean isWhole() {
    return (int) INTS.get(bytes, Layout.S_HOT_CHECKSUM) == hotChecksum()
        && (int) INTS.get(bytes, Layout.S_COLD_CHECKSUM) == coldChecksum();
  }

  /** Decodes what {@link #isWhole} has found good. */
  void decode(int slot, SlotEntry e) {
    e.slot = slot;
    e.sequence = (long) LONGS.get(bytes, Layout.S_SEQUENCE);
    e.generation = (long) LONGS.get(bytes, Layout.S_GENERATION);
    e.runId = (long) LONGS.get(bytes, Layout.S_RUN_ID);
    e.sinceNs = (long) LONGS.get(bytes, Layout.S_SINCE);
    e.startedNs = (long) LONGS.get(bytes, Layout.S_STARTED);
    e.nextNs = (long) LONGS.get(bytes, Layout.S_NEXT);
    e.state = (int) INTS.get(bytes, Layout.S_STATE);
    e.flags = (int) INTS.get(bytes, Layout.S_FLAGS);
    e.starts = (int) INTS.get(bytes, Layout.S_STARTS);
    e.code = (int) INTS.get(bytes, Layout.S_CODE);
    e.cause = (int) INTS.get(bytes, Layout.S_CAUSE);
    e.restartMs = (int) INTS.get(bytes, Layout.S_RESTART);
    e.incarnation = (long) LONGS.get(bytes, Layout.S_INCARNATION);
    List<Integer> exits = new ArrayList<>(Layout.EXITS);
    for (int exit = 0; exit < Layout.EXITS; exit++) {
      exits.add((int) INTS.get(bytes, Layout.S_EXITS + exit * Integer.BYTES));
    }
    e.exits = exits;
    e.registeredNs = (long) LONGS.get(bytes, Layout.S_REGISTERED);
    e.name = Text.get(bytes, Layout.S_NAME, Layout.SLOT_NAME_MAX);
    e.type = Text.get(bytes, Layout.S_TYPE, Layout.SLOT_NAME_MAX);
    e.detail = Text.get(bytes, Layout.S_DETAIL, Layout.SLOT_DETAIL_MAX);
  }
}
