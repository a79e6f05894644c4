package dev.postmaster.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The journal's memory, in words of eight bytes. Words that order others are read and written
 * opaque, with acquire or release, and are never torn; what they guard is copied in one piece.
 * Offsets and lengths are multiples of eight.
 *
 * <p>Errors: where it is a mapped file each access may throw {@link InternalError}, on 17 a little
 * later, because a page of it cannot be served any more.
 */
class Words {

  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  // Never a heap buffer: on 25 that allows no acquire and no release.
  private final ByteBuffer bytes;

  Words(ByteBuffer direct) {
    bytes = direct;
  }

  Words(int size) {
    this(ByteBuffer.allocateDirect(size));
  }

  /**
   * Takes the error that is owed for an access before: 17 throws it when a thread comes back from
   * the system.
   */
  static void settle() {
    try {
      Thread.yield();
    } catch (InternalError late) {
      // What it belongs to is known.
    }
  }

  int size() {
    return bytes.capacity();
  }

  long getOpaque(int offset) {
    return (long) LONGS.getOpaque(bytes, offset);
  }

  long getAcquire(int offset) {
    return (long) LONGS.getAcquire(bytes, offset);
  }

  void setOpaque(int offset, long value) {
    LONGS.setOpaque(bytes, offset, value);
  }

  void setRelease(int offset, long value) {
    LONGS.setRelease(bytes, offset, value);
  }

  /**
   * Copies whole words out. What another thread writes meanwhile may be of any age, and is worth
   * nothing until the stamp around it was looked at again.
   *
   * @param into on the heap, from {@code at} on
   */
  void get(int offset, byte[] into, int at, int length) {
    bytes.get(offset, into, at, length);
  }

  /**
   * Copies whole words in, in any order: what orders them with others is a fence before and a
   * release after. One copy, because 31 stores of their own cost three times as much.
   */
  void put(int offset, byte[] from, int at, int length) {
    bytes.put(offset, from, at, length);
  }

  /** Whoever sees a store after this sees those before it, if he orders his loads. */
  void storeStoreFence() {
    VarHandle.storeStoreFence();
  }

  /** Loads before this are done before all that come after. */
  void acquireFence() {
    VarHandle.acquireFence();
  }
}
