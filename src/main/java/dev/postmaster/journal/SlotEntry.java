package dev.postmaster.journal;

import java.util.List;

/**
 * The state of one slot outside the file: a carrier that its owner fills again and again.
 *
 * <p>Units: times epoch nanoseconds, 0 none; {@link #restartMs} milliseconds, -1 never.
 */
public final class SlotEntry {

  public int slot;

  /** Of the record that produced the state. */
  public long sequence;

  public long generation;

  /** -1 before the first launch, 0 without a run. */
  public long runId;

  public long sinceNs;
  public long startedNs;
  public long nextNs;
  public int state;

  /** Of {@code Layout}; see docs/JOURNAL.md. */
  public int flags;

  public int starts;
  public int code;
  public int cause;
  public int restartMs;
  public long incarnation;

  /** How often runs ended in each of the eight ways. */
  public List<Integer> exits = List.of(0, 0, 0, 0, 0, 0, 0, 0);

  public long registeredNs;

  /** At most 127 bytes of UTF-8 are kept. */
  public String name = "";

  /** At most 127 bytes. */
  public String type = "";

  /** Of the last failure, at most 119 bytes. */
  public String detail = "";
}
