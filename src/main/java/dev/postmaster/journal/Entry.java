package dev.postmaster.journal;

/**
 * One record outside the ring: a carrier that its owner fills again and again. What the numbers
 * mean is the business of whoever writes them.
 *
 * <p>Units: {@link #timeNs} epoch nanoseconds, {@link #delayMs} milliseconds, -1 none.
 */
public final class Entry {

  public long sequence;

  /** Which opening of the file wrote it; only read. */
  public int incarnation;

  public long timeNs;
  public long generation;
  public long runId;
  public int exit;
  public int by;

  /** -1 for a record of the postmaster's own. */
  public int slot;

  public int code;
  public int from;
  public int to;
  public int cause;
  public boolean ready;
  public boolean terminate;
  public int starts;
  public int delayMs;

  /** At most 63 bytes of UTF-8 are kept; {@link #nameCut} says whether that was less. */
  public String name = "";

  /** At most 39 bytes. */
  public String type = "";

  /** At most 83 bytes. */
  public String message = "";

  public boolean nameCut;
  public boolean typeCut;
  public boolean messageCut;
}
