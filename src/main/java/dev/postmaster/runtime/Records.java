package dev.postmaster.runtime;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Phase;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Stage;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.journal.Entry;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Stream;

/** What the numbers of the journal mean. Threading: any. */
public final class Records {

  private static final long MS = 1_000_000;

  private static final WorkerState[] STATES = byCode(WorkerState.values(), WorkerState::code);
  private static final Phase[] PHASES = byCode(Phase.values(), Phase::code);
  private static final ShutdownMode[] MODES = byCode(ShutdownMode.values(), ShutdownMode::code);
  private static final Cause[] CAUSES = byCode(Cause.values(), Cause::code);
  private static final Exit[] EXITS = byCode(Exit.values(), Exit::code);
  private static final By[] BYS = byCode(By.values(), By::code);

  private Records() {}

  private static <E> E[] byCode(E[] values, Function<E, Integer> code) {
    int size = Stream.of(values).mapToInt(code::apply).max().orElse(0) + 1;
    E[] table = Arrays.copyOf(values, size);
    Arrays.fill(table, null);
    Stream.of(values).forEach(value -> table[code.apply(value)] = value);
    return table;
  }

  private static <E> E at(E[] table, int code) {
    return code >= 0 && code < table.length ? table[code] : null;
  }

  /** Null if a later version wrote it. */
  public static WorkerState state(int code) {
    return at(STATES, code);
  }

  /** Null if a later version wrote it. */
  public static Cause cause(int code) {
    return at(CAUSES, code);
  }

  /** Whether this version knows all that a record says. */
  public static boolean isKnown(Entry e) {
    boolean stages =
        e.slot < 0 ? e.from < PHASES.length + 1 && e.to < PHASES.length + 1 : isEdge(e);
    return cause(e.cause) != null && at(EXITS, e.exit) != null && at(BYS, e.by) != null && stages;
  }

  private static boolean isEdge(Entry e) {
    return state(e.from) != null && state(e.to) != null;
  }

  /**
   * A record as a transition.
   *
   * @param name in full, where that is known
   * @param cut whether name or type are not
   */
  public static Transition transition(Entry e, String name, String type, boolean cut) {
    boolean own = e.slot < 0;
    Cause cause = CAUSES[e.cause];
    long at = e.timeNs / MS;
    return new Transition(
        e.sequence,
        at,
        e.slot,
        e.generation,
        e.runId,
        name,
        type,
        cut,
        own ? ownStage(cause, e.from) : STATES[e.from],
        own ? ownStage(cause, e.to) : STATES[e.to],
        cause,
        e.ready,
        e.terminate,
        e.starts,
        e.delayMs < 0 ? 0 : at + e.delayMs,
        e.delayMs,
        EXITS[e.exit],
        e.code,
        e.message,
        BYS[e.by]);
  }

  private static Stage ownStage(Cause cause, int code) {
    return switch (cause) {
      case PHASE, OPENED -> at(PHASES, code);
      case SHUTDOWN_BEGIN -> at(MODES, code);
      default -> null;
    };
  }

  /** A transition as a record; its number is given when it is appended. */
  static void fill(Entry entry, Transition t) {
    entry.timeNs = t.at() * MS;
    entry.generation = t.generation();
    entry.runId = t.runId();
    entry.exit = t.exit().code();
    entry.by = t.by().code();
    entry.slot = t.slot();
    entry.code = t.code();
    entry.from = t.from() == null ? 0 : t.from().code();
    entry.to = t.to() == null ? 0 : t.to().code();
    entry.cause = t.cause().code();
    entry.ready = t.ready();
    entry.terminate = t.terminate();
    entry.starts = t.starts();
    entry.delayMs = (int) t.restartInMs();
    entry.name = t.name();
    entry.type = t.type();
    entry.message = t.message();
  }

  /** The 26 characters of an epoch's sixteen bytes. */
  public static String epoch(byte[] bytes) {
    return Ulid.text(bytes);
  }
}
