package dev.postmaster.bench;

import dev.postmaster.journal.Entry;
import dev.postmaster.journal.Geometry;
import dev.postmaster.journal.Journal;
import dev.postmaster.journal.Tailer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * How long after it was due a record is seen by a tailer in the same process, at ten thousand a
 * second: open loop, so that a writer who was late does not hide it.
 */
public final class JournalLatency {

  private static final byte[] EPOCH = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final long EVERY_NS = 100_000;
  private static final int WARM_UP = 50_000;
  private static final int RECORDS = 200_000;

  private JournalLatency() {}

  /** Prints the figures. */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory("journal-latency");
    Journal journal = Journal.open(directory, "j", Geometry.of(8_192, 64), EPOCH::clone);
    long[] took = new long[RECORDS];
    Thread reader = new Thread(() -> follow(journal.ring().tailer(0), took));
    reader.start();
    Entry entry = new Entry();
    entry.name = "worker";
    long start = System.nanoTime();
    for (int n = 0; n < RECORDS; n++) {
      long due = start + n * EVERY_NS;
      while (System.nanoTime() < due) {
        Thread.onSpinWait();
      }
      entry.timeNs = due;
      journal.ring().append(entry);
    }
    reader.join();
    long[] counted = Arrays.copyOfRange(took, WARM_UP, RECORDS);
    Arrays.sort(counted);
    System.out.printf(
        "due until seen, %d records: p50 %.2f us, p99 %.2f us, p99.9 %.2f us, max %.0f us%n",
        counted.length,
        counted[counted.length / 2] / 1e3,
        counted[counted.length / 100 * 99] / 1e3,
        counted[counted.length / 1000 * 999] / 1e3,
        counted[counted.length - 1] / 1e3);
    journal.close();
    Files.delete(directory.resolve("j.journal"));
    Files.delete(directory.resolve("j.journal.lock"));
    Files.delete(directory);
  }

  private static void follow(Tailer tailer, long[] took) {
    Entry entry = new Entry();
    while (tailer.next() <= RECORDS) {
      switch (tailer.poll(entry)) {
        case RECORD -> took[(int) entry.sequence - 1] = System.nanoTime() - entry.timeNs;
        case NOTHING -> Thread.onSpinWait();
        default -> throw new IllegalStateException("lapped at ten thousand a second");
      }
    }
  }
}
