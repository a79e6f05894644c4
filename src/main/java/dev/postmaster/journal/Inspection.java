package dev.postmaster.journal;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * What stands in a journal file, of a live postmaster or a dead one: read, never mapped, never
 * written.
 *
 * <p>Of a file that is being written a record may be torn while it is read: it is read again.
 *
 * <p>Threading: one. It blocks.
 */
public final class Inspection {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int TRIES = 5;

  private final JournalImage image;
  private final int last;
  private final OptionalInt only;
  private final PriorityQueue<Entry> kept =
      new PriorityQueue<>(Comparator.comparingLong((Entry e) -> e.sequence));
  private final TreeMap<Integer, SlotEntry> slots = new TreeMap<>();
  private final List<String> damages = new ArrayList<>();
  private final long[] stamps;
  private final RecordCodec record = new RecordCodec();
  private final SlotCodec slotCodec = new SlotCodec();
  private int inFlight;
  private boolean isSlotInFlight;
  private int damaged;

  private Inspection(JournalImage image, int last, OptionalInt only) throws IOException {
    this.image = image;
    this.last = last;
    this.only = only;
    stamps = new long[image.geometry().capacity()];
    image.slots(this::slot);
    image.records(this::record);
    checkOrder();
  }

  /**
   * Reads a file.
   *
   * @param last how many of the newest records are kept
   * @param only of this slot; empty: of all
   * @throws DamagedJournalException if it is no journal
   */
  public static Inspection of(Path file, int last, OptionalInt only)
      throws IOException, DamagedJournalException {
    Inspection read = once(file, last, only);
    for (int tries = 1; tries < TRIES && read.isTorn(); tries++) {
      read = once(file, last, only);
    }
    return read;
  }

  private static Inspection once(Path file, int last, OptionalInt only)
      throws IOException, DamagedJournalException {
    try (JournalImage image = JournalImage.open(file)) {
      return of(image, last, only);
    }
  }

  static Inspection of(JournalImage image, int last, OptionalInt only) throws IOException {
    return new Inspection(image, last, only);
  }

  /** Whether somebody who writes may be the reason for what is wrong. */
  private boolean isTorn() {
    boolean isWrong = !damages.isEmpty() || inFlight > 0 || isSlotInFlight;
    return writer().isEmpty() || writer().get().isOpen() && isWrong;
  }

  private void slot(int slot, byte[] bytes, int offset) {
    long stamp = (long) LONGS.get(bytes, offset);
    if (stamp == 0) {
      return;
    }
    slotCodec.load(bytes, offset);
    if ((stamp & 1) != 0) {
      isSlotInFlight = true;
    } else if (!slotCodec.isWhole()) {
      damages.add("slot " + slot + ": its checksum is wrong");
    } else {
      SlotEntry entry = new SlotEntry();
      slotCodec.decode(slot, entry);
      slots.put(slot, entry);
    }
  }

  private void record(int index, byte[] bytes, int offset) {
    long stamp = (long) LONGS.get(bytes, offset);
    if (stamp < 0) {
      inFlight++;
      return;
    }
    if (stamp == 0) {
      return;
    }
    record.load(bytes, offset);
    Entry entry = new Entry();
    if (image.geometry().index(stamp) != index || !record.decode(entry)) {
      damaged++;
      damages.add("record " + stamp + ": its checksum or its place is wrong");
      return;
    }
    stamps[index] = stamp;
    if (entry.slot >= image.geometry().slots()) {
      damaged++;
      damages.add("record " + stamp + ": there is no slot " + entry.slot);
      return;
    }
    follow(entry);
    if (only.isEmpty() || only.getAsInt() == entry.slot) {
      kept.add(entry);
      if (kept.size() > last) {
        kept.poll();
      }
    }
  }

  /** The mirror of a slot may be older than its last record. */
  private void follow(Entry e) {
    SlotEntry slot = slots.get(e.slot);
    if (slot != null && e.sequence > slot.sequence) {
      slot.sequence = e.sequence;
      slot.generation = e.generation;
      slot.state = e.to;
      slot.runId = e.runId;
      slot.starts = e.starts;
    }
  }

  /** Between the oldest and the newest none may be missing. */
  private void checkOrder() {
    long top = top();
    Geometry geometry = image.geometry();
    for (long sequence = oldest(); sequence <= top; sequence++) {
      long there = stamps[geometry.index(sequence)];
      if (there < sequence) {
        damages.add("record " + sequence + ": it is missing");
      }
    }
  }

  private long top() {
    long top = 0;
    for (long stamp : stamps) {
      top = Math.max(top, stamp);
    }
    return top;
  }

  public Optional<Writer> writer() {
    return image.writer();
  }

  public Geometry geometry() {
    return image.geometry();
  }

  /** The highest record that is there. */
  public long head() {
    return top();
  }

  /** The lowest that can be relied on. */
  public long oldest() {
    return Math.max(1, top() - image.geometry().capacity() + 2);
  }

  public long heartbeatNs() {
    return image.heartbeatNs();
  }

  /** Records that are whole. */
  public int readable() {
    int readable = 0;
    for (long stamp : stamps) {
      readable += stamp > 0 ? 1 : 0;
    }
    return readable;
  }

  /** Records that were being written: one at most, after a kill. */
  public int inFlight() {
    return inFlight;
  }

  public int damaged() {
    return damaged;
  }

  /** Everything that is wrong, in words; empty if the journal is whole. */
  public List<String> damages() {
    return List.copyOf(damages);
  }

  /** The newest records that were asked for, oldest first. */
  public List<Entry> records() {
    Deque<Entry> sorted = new ArrayDeque<>();
    PriorityQueue<Entry> left = new PriorityQueue<>(kept);
    while (!left.isEmpty()) {
      sorted.addLast(left.poll());
    }
    return List.copyOf(sorted);
  }

  /** Slots that are or were in use, in their order. */
  public List<SlotEntry> slots() {
    return slots.values().stream()
        .filter(slot -> only.isEmpty() || only.getAsInt() == slot.slot)
        .toList();
  }

  /**
   * Whether a postmaster holds the lock beside the file; empty if there is none to ask.
   *
   * <p>Only for another process than the postmaster's: in its own the question would lose the lock.
   */
  public static Optional<Boolean> isLocked(Path file) {
    Path lock = file.resolveSibling(file.getFileName() + ".lock");
    if (!Files.exists(lock)) {
      return Optional.empty();
    }
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.READ);
        FileLock shared = channel.tryLock(0, Long.MAX_VALUE, true)) {
      return Optional.of(shared == null);
    } catch (OverlappingFileLockException here) {
      return Optional.of(true);
    } catch (IOException unknown) {
      return Optional.empty();
    }
  }
}
