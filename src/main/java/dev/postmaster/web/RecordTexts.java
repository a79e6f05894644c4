package dev.postmaster.web;

import dev.postmaster.StatusJson;
import dev.postmaster.Transition;
import dev.postmaster.WorkerStatus;

/**
 * The last records and workers as text: each is written once, however many viewers get it.
 *
 * <p>The socket still makes bytes of a text for each viewer. That is a copy of some hundred bytes,
 * 0.1 µs, beside a write of some µs; a frame made once would have to be one of Vert.x's internals.
 *
 * <p>Threading: the server's event loop.
 */
final class RecordTexts {

  private static final int CAPACITY = 1_024;

  private final long[] seqs = new long[CAPACITY];
  private final String[] texts = new String[CAPACITY];
  private final long[] workerSeqs = new long[CAPACITY];
  private final WorkerStatus[] workers = new WorkerStatus[CAPACITY];
  private final String[] workerTexts = new String[CAPACITY];

  String of(Transition record) {
    int place = (int) (record.seq() % CAPACITY);
    if (seqs[place] != record.seq()) {
      seqs[place] = record.seq();
      texts[place] = StatusJson.transition(record).encode();
    }
    return texts[place];
  }

  /** The message {@code worker}; {@code seq} is that of its record, or the head. */
  String worker(long seq, WorkerStatus worker) {
    int place = worker.slot() % CAPACITY;
    if (workerSeqs[place] != seq || !worker.equals(workers[place])) {
      workerSeqs[place] = seq;
      workers[place] = worker;
      workerTexts[place] = FeedText.worker(seq, worker);
    }
    return workerTexts[place];
  }
}
