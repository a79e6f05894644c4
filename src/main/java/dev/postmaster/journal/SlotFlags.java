package dev.postmaster.journal;

/** The flags of a slot's entry; never re-used. */
public final class SlotFlags {

  /** It has a tenant. */
  public static final int USED = 1;

  public static final int READY = 2;
  public static final int TERMINATE = 4;

  /** As of the record that produced the state. */
  public static final int PAUSED = 8;

  /** Registered after the start. */
  public static final int DYNAMIC = 16;

  public static final int SHARED_MEMORY = 32;
  public static final int DATABASE_CONNECTION = 64;
  public static final int PARALLEL = 128;

  private static final int START_SHIFT = 8;
  private static final int THREADING_SHIFT = 10;

  private static final int TWO_BITS = 3;
  private static final String[] STARTS = {
    null, "POSTMASTER_START", "CONSISTENT_STATE", "RECOVERY_FINISHED"
  };
  private static final String[] THREADINGS = {"WORKER", "EVENT_LOOP", "VIRTUAL_THREAD", null};

  private SlotFlags() {}

  public static boolean has(int flags, int flag) {
    return (flags & flag) != 0;
  }

  /** The start time by its name, null if it is not known. */
  public static String startOf(int flags) {
    return STARTS[flags >> START_SHIFT & TWO_BITS];
  }

  /** The threading by its name, null if it is not known. */
  public static String threadingOf(int flags) {
    return THREADINGS[flags >> THREADING_SHIFT & TWO_BITS];
  }

  /** The phase it starts in, two bits: STARTUP 1, CONSISTENT 2, RUN 3. */
  public static int start(int phase) {
    return phase << START_SHIFT;
  }

  /** What it runs on, two bits: a worker thread 0, an event loop 1, a virtual thread 2. */
  public static int threading(int kind) {
    return kind << THREADING_SHIFT;
  }
}
