package dev.postmaster.core;

import java.util.Arrays;

/**
 * The free slots, lowest first: a bit a slot, and above it a bit for each word that has any, up to
 * one word. Each operation costs as many steps as there are levels: three for 262,143 slots.
 */
final class FreeSlots {

  private final long[][] levels;

  /** All free. */
  FreeSlots(int slots) {
    int depth = 1;
    for (int words = words(slots); words > 1; words = words(words)) {
      depth++;
    }
    levels = new long[depth][];
    int bits = slots;
    for (int level = 0; level < depth; level++) {
      levels[level] = ones(bits);
      bits = words(bits);
    }
  }

  private FreeSlots(FreeSlots other) {
    levels = Arrays.stream(other.levels).map(long[]::clone).toArray(long[][]::new);
  }

  FreeSlots copy() {
    return new FreeSlots(this);
  }

  private static int words(int bits) {
    return Math.max(1, (bits + Long.SIZE - 1) / Long.SIZE);
  }

  private static long[] ones(int bits) {
    long[] words = new long[words(bits)];
    for (int bit = 0; bit < bits; bit++) {
      words[bit >> 6] |= 1L << bit;
    }
    return words;
  }

  /** The lowest free slot, or -1. */
  int lowest() {
    int index = 0;
    for (int level = levels.length - 1; level >= 0; level--) {
      long word = levels[level][index];
      if (word == 0) {
        return -1;
      }
      index = (index << 6) + Long.numberOfTrailingZeros(word);
    }
    return index;
  }

  void take(int slot) {
    int index = slot;
    for (long[] level : levels) {
      level[index >> 6] &= ~(1L << index);
      if (level[index >> 6] != 0) {
        return;
      }
      index >>= 6;
    }
  }

  void free(int slot) {
    int index = slot;
    for (long[] level : levels) {
      level[index >> 6] |= 1L << index;
      index >>= 6;
    }
  }

  boolean isFree(int slot) {
    return (levels[0][slot >> 6] & 1L << slot) != 0;
  }
}
