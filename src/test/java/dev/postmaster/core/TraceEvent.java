package dev.postmaster.core;

import dev.postmaster.Phase;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * One event of a history, by words that mean something in any state: slots instead of runs, so that
 * a history can be cut and still be played.
 *
 * @param at a slot, or the number of a target or a client
 * @param arg what the event needs besides
 */
record TraceEvent(What what, int at, int arg) {

  /** How a run may end, in the order of the words in {@link What#GONE}. */
  static final List<End> ENDS =
      Stream.of(
              End.returned(),
              End.threw("threw"),
              End.crashed("crashed"),
              End.exited(0, "exit 0"),
              End.exited(1, "exit 1"),
              End.exited(3, "exit 3"),
              End.startFailed("start failed"))
          .flatMap(end -> Stream.of(end, end.afterTell(false), end.afterTell(true)))
          .toList();

  /** What happens. */
  enum What {
    START,
    REGISTER,
    TERMINATE,
    TERMINATE_OLD,
    AWAIT(words(AwaitFor.values())),
    AWAIT_OLD(words(AwaitFor.values())),
    SIGNAL(words(Signal.values())),
    SIGNAL_ALL(words(Signal.values())),
    STARTED,
    READY,
    NOT_READY,
    EXTEND_START,
    EXTEND_STOP,
    ENDED(ends()),
    GONE(ends()),
    LATE_STARTED,
    LATE_READY,
    LATE_ENDED(ends()),
    LATE_GONE(ends()),
    /** At: the target; arg: for how many milliseconds, 0 without an end. */
    PAUSE,
    DRAIN,
    RESUME,
    ADVANCE(words(Phase.values())),
    ATTACH,
    DETACH,
    SHUTDOWN(words(ShutdownMode.values())),
    ABORT,
    /** The loop stood still, for so many milliseconds. */
    STALL,
    /** Time passes, and nobody wakes the postmaster. */
    PASS,
    /** Time passes until the next deadline, and the postmaster wakes. At 1: clients renewed. */
    WAKE,
    /** The postmaster wakes where it is. */
    WAKE_NOW,
    /** The wall clock is set: arg is its difference to the other, in milliseconds. */
    CLOCK;

    /** Whether a run says it. */
    boolean isOfARun() {
      return isLate() || compareTo(STARTED) >= 0 && compareTo(GONE) <= 0;
    }

    /** Whether a run says it that is gone. */
    boolean isLate() {
      return compareTo(LATE_STARTED) >= 0 && compareTo(LATE_GONE) <= 0;
    }

    /** Whether it is about no slot of its own. */
    boolean isOfAll() {
      return this == SIGNAL_ALL || this == REGISTER || compareTo(PAUSE) >= 0;
    }

    private final List<String> words;

    What(String... words) {
      this.words = List.of(words);
    }

    private static String[] words(Enum<?>[] values) {
      return Arrays.stream(values)
          .map(value -> value.name().toLowerCase(Locale.ROOT))
          .toArray(String[]::new);
    }

    private static String[] ends() {
      List<String> ends =
          List.of("returned", "threw", "crashed", "exit0", "exit1", "exit3", "start-failed");
      return ends.stream()
          .flatMap(end -> Stream.of(end, end + "-told", end + "-interrupted"))
          .toArray(String[]::new);
    }
  }

  static TraceEvent of(What what) {
    return new TraceEvent(what, 0, 0);
  }

  static TraceEvent of(What what, int at) {
    return new TraceEvent(what, at, 0);
  }

  static TraceEvent of(What what, int at, int arg) {
    return new TraceEvent(what, at, arg);
  }

  End end() {
    return ENDS.get(arg);
  }

  /** Such as {@code gone 0 crashed-told}. */
  static TraceEvent parse(String text) {
    String[] parts = text.split(" ");
    What what = What.valueOf(parts[0].toUpperCase(Locale.ROOT).replace('-', '_'));
    int word = what.words.indexOf(parts[2]);
    return new TraceEvent(
        what, Integer.parseInt(parts[1]), word >= 0 ? word : Integer.parseInt(parts[2]));
  }

  @Override
  public String toString() {
    String word = what.words.isEmpty() ? Integer.toString(arg) : what.words.get(arg);
    return what.name().toLowerCase(Locale.ROOT).replace('_', '-') + ' ' + at + ' ' + word;
  }
}
