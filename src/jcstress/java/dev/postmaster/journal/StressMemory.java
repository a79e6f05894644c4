package dev.postmaster.journal;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** Memory for a ring that lives as long as one meeting of its threads. */
final class StressMemory {

  static final Geometry GEOMETRY = new Geometry(2, 1);

  /** More than are in use at a time with the stride of the profile. */
  private static final int PIECES = 8_192;

  private static final ByteBuffer POOL = ByteBuffer.allocateDirect(PIECES * GEOMETRY.bytes());
  private static final AtomicInteger NEXT = new AtomicInteger();

  private StressMemory() {}

  /** A piece that nobody uses, with zeros wherever the ring looks. */
  static Words next() {
    Words words = new Words(piece());
    for (int offset = Layout.B_STAMP; offset < Layout.D_TEXT; offset += Long.BYTES) {
      words.setOpaque(offset, 0);
    }
    for (int offset = GEOMETRY.slotOffset(0); offset < GEOMETRY.slotOffset(1); offset += 8) {
      words.setOpaque(offset, 0);
    }
    for (int offset = GEOMETRY.ringOffset(); offset < GEOMETRY.bytes(); offset += Long.BYTES) {
      words.setOpaque(offset, 0);
    }
    return words;
  }

  private static ByteBuffer piece() {
    int piece = Math.floorMod(NEXT.getAndIncrement(), PIECES);
    return POOL.slice(piece * GEOMETRY.bytes(), GEOMETRY.bytes());
  }

  private static boolean isStamp(int offset) {
    int inRing = offset - GEOMETRY.ringOffset();
    return inRing >= 0 && inRing % Layout.RECORD_BYTES == 0;
  }

  /** The same memory for a reader whose second look at a stamp finds what the first found. */
  static Words oneLook(Words words) {
    return new Other(words) {
      private long found;

      @Override
      long getAcquire(int offset) {
        long value = super.getAcquire(offset);
        found = isStamp(offset) ? value : found;
        return value;
      }

      @Override
      long getOpaque(int offset) {
        return isStamp(offset) ? found : super.getOpaque(offset);
      }
    };
  }

  /** The same memory for a writer that sets no mark. */
  static Words noMark(Words words) {
    return new Other(words) {
      @Override
      void setOpaque(int offset, long value) {
        if (!isStamp(offset)) {
          super.setOpaque(offset, value);
        }
      }
    };
  }

  /** Somebody else's memory. */
  private static class Other extends Words {

    private final Words words;

    Other(Words words) {
      super(0);
      this.words = words;
    }

    @Override
    long getOpaque(int offset) {
      return words.getOpaque(offset);
    }

    @Override
    long getAcquire(int offset) {
      return words.getAcquire(offset);
    }

    @Override
    void get(int offset, byte[] into, int at, int length) {
      words.get(offset, into, at, length);
    }

    @Override
    void put(int offset, byte[] from, int at, int length) {
      words.put(offset, from, at, length);
    }

    @Override
    void setOpaque(int offset, long value) {
      words.setOpaque(offset, value);
    }

    @Override
    void setRelease(int offset, long value) {
      words.setRelease(offset, value);
    }
  }
}
