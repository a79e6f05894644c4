package dev.postmaster.journal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Memory that notes in order what is done to it. */
final class RecordedWords extends WordByWord {

  static final Geometry GEOMETRY = new Geometry(2, 1);

  /** How an access is ordered with others. */
  enum Kind {
    STORE,
    RELEASE,
    LOAD,
    ACQUIRE,
    FENCE
  }

  /**
   * One access, or neighbours of one kind to one place.
   *
   * @param place where, in words; empty for a fence
   * @param values by offset; of loads what was there
   */
  record Op(Kind kind, String place, Map<Integer, Long> values) {

    Op as(Kind other) {
      return new Op(other, place, values);
    }

    @Override
    public String toString() {
      return (kind + " " + place).strip();
    }
  }

  private final List<Op> ops = new ArrayList<>();

  RecordedWords() {
    super(GEOMETRY.bytes());
  }

  /** Of a writer, who may look at what he wrote himself. */
  List<Op> stores() {
    return ops.stream().filter(op -> op.kind != Kind.LOAD && op.kind != Kind.ACQUIRE).toList();
  }

  List<Op> loads() {
    return List.copyOf(ops);
  }

  void forget() {
    ops.clear();
  }

  /** Of 31 words of a record, and of 63 of a slot, each half is one place. */
  static String place(int offset) {
    if (offset == Layout.C_HEAD) {
      return "head";
    }
    int inSlot = offset - GEOMETRY.slotOffset(0);
    if (inSlot >= 0 && inSlot < Layout.SLOT_BYTES) {
      return "slot" + half(inSlot, Layout.SLOT_BYTES);
    }
    int inRing = offset - GEOMETRY.ringOffset();
    int inRecord = inRing % Layout.RECORD_BYTES;
    int index = inRing / Layout.RECORD_BYTES;
    return inRecord == 0 ? "stamp" + index : "record" + index + half(inRecord, Layout.RECORD_BYTES);
  }

  private static String half(int offset, int bytes) {
    return offset == 0 ? "" : offset < bytes / 2 ? "a" : "b";
  }

  private void note(Kind kind, int offset, long value) {
    String place = place(offset);
    Op last = ops.isEmpty() ? null : ops.get(ops.size() - 1);
    boolean isHalf = place.startsWith("record") || place.matches("slot[ab]");
    if (isHalf && last != null && last.kind == kind && last.place.equals(place)) {
      last.values.put(offset, value);
    } else {
      ops.add(new Op(kind, place, new HashMap<>(Map.of(offset, value))));
    }
  }

  @Override
  void setOpaque(int offset, long value) {
    super.setOpaque(offset, value);
    note(Kind.STORE, offset, value);
  }

  @Override
  void setRelease(int offset, long value) {
    super.setRelease(offset, value);
    note(Kind.RELEASE, offset, value);
  }

  @Override
  long getOpaque(int offset) {
    long value = super.getOpaque(offset);
    note(Kind.LOAD, offset, value);
    return value;
  }

  @Override
  long getAcquire(int offset) {
    long value = super.getAcquire(offset);
    note(Kind.ACQUIRE, offset, value);
    return value;
  }

  @Override
  void storeStoreFence() {
    ops.add(new Op(Kind.FENCE, "", Map.of()));
  }

  @Override
  void acquireFence() {
    ops.add(new Op(Kind.FENCE, "", Map.of()));
  }
}
