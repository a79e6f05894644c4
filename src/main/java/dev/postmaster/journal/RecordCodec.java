package dev.postmaster.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Turns entries into the 256 bytes of a record and back, on a heap copy: a checksum over memory
 * that may be a mapped file would kill the JVM when a page of it cannot be served.
 *
 * <p>Threading: one; each user has his own.
 */
final class RecordCodec {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  /** A power of two. */
  private static final int KNOWN = 256;

  /** Name and type of a worker as they stand in a record. */
  private static final class Names {

    private static final int BYTES = Layout.R_MESSAGE - Layout.R_NAME;

    private final byte[] bytes = new byte[BYTES];
    private String name;
    private String type;
    private int cut;

    /** A worker's records come with the same objects as long as it is registered. */
    boolean are(Entry entry) {
      return name == entry.name && type == entry.type;
    }

    void set(Entry entry) {
      name = entry.name;
      type = entry.type;
      int typeAt = Layout.R_TYPE - Layout.R_NAME;
      cut = Text.put(bytes, 0, Layout.NAME_MAX, name) ? Layout.FLAG_NAME_CUT : 0;
      cut |= Text.put(bytes, typeAt, Layout.TYPE_MAX, type) ? Layout.FLAG_TYPE_CUT : 0;
    }
  }

  private final byte[] record = new byte[Layout.RECORD_BYTES];
  private final CRC32C crc = new CRC32C();

  /** What was encoded last for some slots: most records are of the same few workers. */
  private Names[] known;

  /** The bytes of the record, stamp first. */
  byte[] bytes() {
    return record;
  }

  void stamp(long sequence) {
    LONGS.set(record, Layout.R_STAMP, sequence);
  }

  /** Encodes with the stamp as published. */
  void encode(Entry entry, int incarnation) {
    LONGS.set(record, Layout.R_STAMP, entry.sequence);
    LONGS.set(record, Layout.R_TIME, entry.timeNs);
    LONGS.set(record, Layout.R_GENERATION, entry.generation);
    LONGS.set(record, Layout.R_RUN_ID, entry.runId);
    INTS.set(record, Layout.R_INCARNATION, incarnation);
    record[Layout.R_EXIT] = (byte) entry.exit;
    record[Layout.R_BY] = (byte) entry.by;
    INTS.set(record, Layout.R_SLOT, entry.slot);
    INTS.set(record, Layout.R_CODE, entry.code);
    SHORTS.set(record, Layout.R_KIND, entry.slot < 0 ? Layout.KIND_OWN : Layout.KIND_EDGE);
    record[Layout.R_FROM] = (byte) entry.from;
    record[Layout.R_TO] = (byte) entry.to;
    SHORTS.set(record, Layout.R_CAUSE, (short) entry.cause);
    INTS.set(record, Layout.R_STARTS, entry.starts);
    INTS.set(record, Layout.R_DELAY, entry.delayMs);
    SHORTS.set(record, Layout.R_FLAGS, (short) (texts(entry) | cuts(entry) | states(entry)));
    INTS.set(record, Layout.R_CHECKSUM, checksum());
  }

  private int texts(Entry entry) {
    Names names = names(entry);
    System.arraycopy(names.bytes, 0, record, Layout.R_NAME, Names.BYTES);
    if (entry.message.isEmpty() && record[Layout.R_MESSAGE] == 0) {
      return names.cut; // as the record before: most say nothing
    }
    boolean cut = Text.put(record, Layout.R_MESSAGE, Layout.MESSAGE_MAX, entry.message);
    return names.cut | (cut ? Layout.FLAG_MESSAGE_CUT : 0);
  }

  private Names names(Entry entry) {
    if (known == null) {
      known = new Names[KNOWN];
    }
    int place = entry.slot & KNOWN - 1;
    Names names = known[place];
    if (names == null) {
      names = new Names();
      known[place] = names;
    }
    if (!names.are(entry)) {
      names.set(entry);
    }
    return names;
  }

  /** What had been cut before it came here is not whole again. */
  private static int cuts(Entry entry) {
    return (entry.nameCut ? Layout.FLAG_NAME_CUT : 0)
        | (entry.typeCut ? Layout.FLAG_TYPE_CUT : 0)
        | (entry.messageCut ? Layout.FLAG_MESSAGE_CUT : 0);
  }

  private static int states(Entry entry) {
    return (entry.ready ? Layout.FLAG_READY : 0) | (entry.terminate ? Layout.FLAG_TERMINATE : 0);
  }

  /** Takes the bytes of a record from elsewhere. */
  void load(byte[] from, int offset) {
    System.arraycopy(from, offset, record, 0, record.length);
  }

  private int checksum() {
    crc.reset();
    crc.update(record, 0, Layout.R_CHECKSUM);
    return (int) crc.getValue();
  }

  /** Decodes; false if the checksum is wrong. */
  boolean decode(Entry entry) {
    if ((int) INTS.get(record, Layout.R_CHECKSUM) != checksum()) {
      return false;
    }
    entry.sequence = (long) LONGS.get(record, Layout.R_STAMP);
    entry.incarnation = (int) INTS.get(record, Layout.R_INCARNATION);
    entry.timeNs = (long) LONGS.get(record, Layout.R_TIME);
    entry.generation = (long) LONGS.get(record, Layout.R_GENERATION);
    entry.runId = (long) LONGS.get(record, Layout.R_RUN_ID);
    entry.exit = record[Layout.R_EXIT];
    entry.by = record[Layout.R_BY];
    entry.slot = (int) INTS.get(record, Layout.R_SLOT);
    entry.code = (int) INTS.get(record, Layout.R_CODE);
    entry.from = record[Layout.R_FROM];
    entry.to = record[Layout.R_TO];
    entry.cause = (short) SHORTS.get(record, Layout.R_CAUSE);
    entry.starts = (int) INTS.get(record, Layout.R_STARTS);
    entry.delayMs = (int) INTS.get(record, Layout.R_DELAY);
    int flags = (short) SHORTS.get(record, Layout.R_FLAGS);
    entry.nameCut = (flags & Layout.FLAG_NAME_CUT) != 0;
    entry.typeCut = (flags & Layout.FLAG_TYPE_CUT) != 0;
    entry.messageCut = (flags & Layout.FLAG_MESSAGE_CUT) != 0;
    entry.ready = (flags & Layout.FLAG_READY) != 0;
    entry.terminate = (flags & Layout.FLAG_TERMINATE) != 0;
    entry.name = Text.get(record, Layout.R_NAME, Layout.NAME_MAX);
    entry.type = Text.get(record, Layout.R_TYPE, Layout.TYPE_MAX);
    entry.message = Text.get(record, Layout.R_MESSAGE, Layout.MESSAGE_MAX);
    return true;
  }
}
