package dev.postmaster.runtime;

import dev.postmaster.By;
import dev.postmaster.ErrorCode;
import dev.postmaster.core.Supervisor;
import io.vertx.core.internal.ContextInternal;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Refusals in journal and log: the first of a kind at once, its repeats once a minute, counted. A
 * kind is a code and a caller; beyond {@value #KINDS_MAX} of them in a minute all further callers
 * are one.
 *
 * <p>Threading: any. Only what is written takes a turn of the postmaster's loop.
 */
final class Refusals {

  static final int KINDS_MAX = 64;

  private static final System.Logger LOG = System.getLogger("dev.postmaster.runtime");
  private static final long MINUTE_MS = 60_000;

  private record Kind(ErrorCode code, String caller, By by) {}

  private final ContextInternal context;
  private final long periodMs;
  private final BiConsumer<String, By> record;
  private final AtomicLongArray counts = new AtomicLongArray(ErrorCode.values().length);

  /** How often each was repeated since it was last written. */
  private final Map<Kind, Integer> repeats = new HashMap<>();

  /**
   * Counts for so long before it writes again.
   *
   * @param record writes one, with what is to stand there
   */
  Refusals(ContextInternal context, long periodMs, BiConsumer<String, By> record) {
    this.context = context;
    this.periodMs = periodMs;
    this.record = record;
  }

  /** Those of a postmaster, whose core is there from its start to its end. */
  static Refusals of(ContextInternal context, Turns turns, Supplier<Supervisor> core) {
    return new Refusals(
        context, MINUTE_MS, (message, by) -> turns.submit(now -> write(core, message, by, now)));
  }

  /** How many with that code, from the beginning on. */
  long count(ErrorCode code) {
    return counts.get(code.ordinal());
  }

  private static void write(Supplier<Supervisor> core, String message, By by, long now) {
    if (core.get() != null) {
      core.get().refused(message, by, now);
    }
  }

  /**
   * Counts one.
   *
   * @param caller who was refused, as the journal shows it
   * @param sentence what he was told, for the log
   */
  synchronized void saw(ErrorCode code, String caller, By by, String sentence) {
    counts.incrementAndGet(code.ordinal());
    boolean room = repeats.size() < KINDS_MAX;
    Kind exact = new Kind(code, caller, by);
    Kind kind = room || repeats.containsKey(exact) ? exact : new Kind(code, "others", by);
    if (repeats.computeIfPresent(kind, (same, times) -> times + 1) == null) {
      repeats.put(kind, 0);
      write(kind, code + " " + kind.caller(), sentence);
    }
  }

  private void write(Kind kind, String message, String sentence) {
    LOG.log(Level.WARNING, "refused {0}: {1}", message, Faults.onOneLine(sentence));
    record.accept(message, kind.by());
    context.setTimer(periodMs, late -> aMinuteLater(kind));
  }

  private synchronized void aMinuteLater(Kind kind) {
    int times = repeats.remove(kind);
    if (times > 0) {
      repeats.put(kind, 0);
      write(kind, kind.code() + " " + kind.caller() + ", times=" + times, "in the last minute");
    }
  }
}
