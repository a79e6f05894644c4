package dev.postmaster.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Memory in which every word that is copied is an access of its own. */
abstract class WordByWord extends Words {

  WordByWord(ByteBuffer bytes) {
    super(bytes);
  }

  WordByWord(int size) {
    super(size);
  }

  @Override
  void get(int offset, byte[] into, int at, int length) {
    ByteBuffer words = ByteBuffer.wrap(into).order(ByteOrder.LITTLE_ENDIAN);
    for (int byteOf = 0; byteOf < length; byteOf += Long.BYTES) {
      words.putLong(at + byteOf, getOpaque(offset + byteOf));
    }
  }

  @Override
  void put(int offset, byte[] from, int at, int length) {
    ByteBuffer words = ByteBuffer.wrap(from).order(ByteOrder.LITTLE_ENDIAN);
    for (int byteOf = 0; byteOf < length; byteOf += Long.BYTES) {
      setOpaque(offset + byteOf, words.getLong(at + byteOf));
    }
  }
}
