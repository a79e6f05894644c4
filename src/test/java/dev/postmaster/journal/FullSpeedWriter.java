package dev.postmaster.journal;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A process that does nothing but write a journal, until it is killed. */
final class FullSpeedWriter {

  static final String NAME = "full";

  private static final int TEXTS = 1_000;

  private FullSpeedWriter() {}

  /** Takes the directory and the capacity; says "open" when there is a file. */
  public static void main(String[] args) throws Exception {
    Geometry geometry = Geometry.of(Integer.parseInt(args[1]), 16);
    byte[] epoch = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    Journal journal = Journal.open(Path.of(args[0]), NAME, geometry, () -> epoch);
    System.out.println("open");
    Entry entry = new Entry();
    String[] names = texts("worker-");
    String[] messages = texts("it said ");
    for (long sequence = journal.ring().head() + 1; ; sequence++) {
      fill(entry, sequence, names, messages);
      journal.ring().append(entry);
    }
  }

  static String[] texts(String prefix) {
    String[] texts = new String[TEXTS];
    for (int n = 0; n < TEXTS; n++) {
      texts[n] = prefix + n;
    }
    return texts;
  }

  /** What the record of that number says: a word of another one shows. */
  static void fill(Entry entry, long sequence, String[] names, String[] messages) {
    int text = (int) (sequence % TEXTS);
    entry.timeNs = sequence * 31;
    entry.generation = ~sequence;
    entry.runId = sequence << 7;
    entry.slot = (int) (sequence & 15);
    entry.code = (int) sequence;
    entry.starts = (int) sequence * 3;
    entry.delayMs = (int) sequence * 5;
    entry.name = names[text];
    entry.message = messages[text];
  }
}
