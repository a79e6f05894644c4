package dev.postmaster.journal;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a file says that an earlier life left: whether its line can go on, and from where.
 *
 * <p>It can only if sequence numbers and generations are both certain (contract §1): every record
 * that must be there is, and every slot's state is. All a kill may leave behind is one record that
 * was being written, just above the head, and one slot entry, whose last record is in the ring.
 */
final class Recovery {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Why it cannot go on, in words; null if it can. */
  final String fault;

  /** Of the life before; null with a fault. */
  final Writer writer;

  final long head;

  /** Whether the record above the head was being written. */
  final boolean inFlight;

  private final SlotEntry[] slots;

  private Recovery(String fault, Writer writer, long head, boolean inFlight, SlotEntry[] slots) {
    this.fault = fault;
    this.writer = writer;
    this.head = head;
    this.inFlight = inFlight;
    this.slots = slots;
  }

  static Recovery impossible(String fault) {
    return new Recovery(fault, null, 0, false, new SlotEntry[0]);
  }

  /**
   * Reads a file.
   *
   * @param boot of this boot of the machine; 0 unknown
   */
  static Recovery of(Path path, Geometry wanted, long boot) throws IOException {
    try (JournalImage image = JournalImage.open(path)) {
      return of(image, wanted, boot);
    } catch (DamagedJournalException damaged) {
      return impossible(damaged.getMessage());
    }
  }

  /** The same of bytes whose first section is believed. */
  static Recovery of(JournalImage image, Geometry wanted, long boot) throws IOException {
    if (!image.geometry().equals(wanted)) {
      return impossible("it is of another size: " + image.geometry() + ", not " + wanted);
    }
    Optional<Writer> writer = image.lastWriter();
    if (writer.isEmpty()) {
      return impossible("who wrote it cannot be read");
    }
    boolean sameBoot = boot != 0 && writer.get().boot() == boot;
    if (!writer.get().isClosed() && !(writer.get().isOpen() && sameBoot)) {
      return impossible(
          writer.get().isOpen()
              ? "it was not closed before the machine stopped"
              : "it had met a fault");
    }
    return new Scan(image).recovery(writer.get());
  }

  /** The generation that a slot had last. */
  long generation(int slot) {
    return slots[slot] == null ? 0 : slots[slot].generation;
  }

  /** Slots that the life before did not free, in their order. */
  List<SlotEntry> left() {
    List<SlotEntry> left = new ArrayList<>();
    for (SlotEntry slot : slots) {
      if (slot != null && slot.state != 0) {
        left.add(slot);
      }
    }
    return left;
  }

  /** One pass over slots and records. */
  private static final class Scan {

    private final JournalImage image;
    private final Geometry geometry;
    private final long[] stamps;
    private final SlotEntry[] slots;
    private final boolean[] torn;
    private final RecordCodec record = new RecordCodec();
    private final SlotCodec slotCodec = new SlotCodec();
    private final Entry entry = new Entry();
    private String fault;

    Scan(JournalImage image) throws IOException {
      this.image = image;
      geometry = image.geometry();
      stamps = new long[geometry.capacity()];
      slots = new SlotEntry[geometry.slots()];
      torn = new boolean[geometry.slots()];
      image.slots(this::slot);
      image.records(this::record);
    }

    private void slot(int slot, byte[] bytes, int offset) {
      long stamp = (long) LONGS.get(bytes, offset);
      if (stamp == 0) {
        return; // never written
      }
      slotCodec.load(bytes, offset);
      slots[slot] = new SlotEntry();
      slots[slot].slot = slot;
      if ((stamp & 1) != 0) {
        torn[slot] = true;
      } else if (slotCodec.isWhole()) {
        slotCodec.decode(slot, slots[slot]);
      } else {
        fault = "the state of slot " + slot + " is damaged";
      }
    }

    private void record(int index, byte[] bytes, int offset) {
      long stamp = (long) LONGS.get(bytes, offset);
      stamps[index] = stamp;
      if (stamp <= 0) {
        return;
      }
      record.load(bytes, offset);
      if (!record.decode(entry)) {
        fault = "record " + stamp + " is damaged";
      } else if (entry.slot >= geometry.slots()) {
        fault = "record " + stamp + " is of slot " + entry.slot;
      } else if (entry.slot >= 0) {
        follow();
      }
    }

    /** A record that is newer than what is known of its slot. */
    private void follow() {
      SlotEntry slot = slots[entry.slot];
      if (slot == null) {
        slot = new SlotEntry();
        slot.slot = entry.slot;
        slots[entry.slot] = slot;
      }
      if (entry.sequence > slot.sequence) {
        slot.sequence = entry.sequence;
        slot.generation = entry.generation;
        slot.state = entry.to;
        slot.runId = entry.runId;
        slot.starts = entry.starts;
        slot.name = entry.nameCut && slot.name.startsWith(entry.name) ? slot.name : entry.name;
        slot.type = entry.typeCut && slot.type.startsWith(entry.type) ? slot.type : entry.type;
        torn[entry.slot] = false;
      }
    }

    Recovery recovery(Writer writer) {
      long top = 0;
      for (long stamp : stamps) {
        top = Math.max(top, stamp);
      }
      boolean inFlight = stamps[geometry.index(top + 1)] == ~(top + 1);
      checkHead(top);
      checkRecords(top, inFlight);
      checkSlots(top);
      return fault == null ? new Recovery(null, writer, top, inFlight, slots) : impossible(fault);
    }

    private void checkHead(long top) {
      long head = image.head();
      if (head != top && head + 1 != top) {
        fault = "its head is " + head + ", its last record " + top;
      }
    }

    /** Each place must hold the one record that belongs there. */
    private void checkRecords(long top, boolean inFlight) {
      for (int index = 0; index < stamps.length; index++) {
        // The highest number up to the top that has its place here.
        long expected = top - (top - index & geometry.capacity() - 1);
        boolean isWreck = inFlight && index == geometry.index(top + 1);
        if (!isWreck && stamps[index] != Math.max(0, expected)) {
          fault = "where record " + expected + " should be is " + stamps[index];
        }
      }
    }

    private void checkSlots(long top) {
      for (int slot = 0; slot < slots.length; slot++) {
        if (torn[slot] || slots[slot] != null && slots[slot].sequence > top) {
          fault = "the state of slot " + slot + " is not certain";
        }
      }
    }
  }
}
