package dev.postmaster.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The ring's memory, in words of eight bytes. Every access is opaque, acquire or release, so that
 * no word is ever torn. Offsets are multiples of eight.
 */
final class Words {

  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  // Direct memory: on 25 a heap buffer allows no acquire and no release.
  private final ByteBuffer bytes;

  Words(int size) {
    bytes = ByteBuffer.allocateDirect(size);
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
}
