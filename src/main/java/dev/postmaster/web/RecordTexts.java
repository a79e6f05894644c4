package dev.postmaster.web;

import dev.postmaster.StatusJson;
import dev.postmaster.Transition;

/**
 * The last records as text: each is written once, however many viewers get it.
 *
 * <p>Threading: the server's event loop.
 */
final class RecordTexts {

  private static final int CAPACITY = 1_024;

  private final long[] seqs = new long[CAPACITY];
  private final String[] texts = new String[CAPACITY];

  String of(Transition record) {
    int place = (int) (record.seq() % CAPACITY);
    if (seqs[place] != record.seq()) {
      seqs[place] = record.seq();
      texts[place] = StatusJson.transition(record).encode();
    }
    return texts[place];
  }
}
