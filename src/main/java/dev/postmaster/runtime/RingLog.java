package dev.postmaster.runtime;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Stage;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.journal.Entry;
import dev.postmaster.journal.Ring;
import dev.postmaster.journal.RingReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** The journal's ring as transitions. {@link #append} is the postmaster loop's; the rest any. */
final class RingLog implements TransitionLog {

  private static final long MS = 1_000_000;

  private static final WorkerState[] STATES = byCode(WorkerState.values(), WorkerState::code);
  private static final Phase[] PHASES = byCode(Phase.values(), Phase::code);
  private static final ShutdownMode[] MODES = byCode(ShutdownMode.values(), ShutdownMode::code);
  private static final Cause[] CAUSES = byCode(Cause.values(), Cause::code);
  private static final Exit[] EXITS = byCode(Exit.values(), Exit::code);
  private static final By[] BYS = byCode(By.values(), By::code);

  private final String epoch;
  private final Ring ring;
  private final Function<Handle, WorkerStatus> table;
  private final Entry scratch = new Entry();

  /**
   * An empty log.
   *
   * @param table has the full names of registrations, where a record's were cut
   */
  RingLog(String epoch, PostmasterOptions options, Function<Handle, WorkerStatus> table) {
    this.epoch = epoch;
    this.table = table;
    int capacity = Math.max(options.journalCapacity(), 4 * options.maxWorkers());
    ring = new Ring(capacity, Ulid.bytes(epoch), 0, System.currentTimeMillis() * MS);
  }

  private static <E> E[] byCode(E[] values, Function<E, Integer> code) {
    int size = Stream.of(values).mapToInt(code::apply).max().orElse(0) + 1;
    E[] table = java.util.Arrays.copyOf(values, size);
    java.util.Arrays.fill(table, null);
    Stream.of(values).forEach(value -> table[code.apply(value)] = value);
    return table;
  }

  void append(Transition t) {
    Entry entry = scratch;
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
    ring.append(entry);
  }

  @Override
  public String epoch() {
    return epoch;
  }

  @Override
  public long head() {
    return ring.head();
  }

  @Override
  public long oldest() {
    return ring.oldest();
  }

  @Override
  public int capacity() {
    return ring.capacity();
  }

  @Override
  public Page read(long after, int limit) {
    RingReader reader = ring.reader();
    Entry entry = new Entry();
    List<Transition> found = new ArrayList<>();
    Optional<Gap> gap = Optional.empty();
    long next = after + 1;
    while (found.size() < limit) {
      RingReader.Result result = reader.read(next, entry);
      if (result == RingReader.Result.OK) {
        found.add(transition(entry));
        next++;
      } else if (result == RingReader.Result.EMPTY || !found.isEmpty()) {
        break; // a gap is told with the next page, before what follows it
      } else {
        boolean lapped = result == RingReader.Result.LAPPED;
        long to = lapped ? Math.max(next, resumeAt() - 1) : next;
        String reason = lapped ? "overrun" : "corrupt";
        gap = Optional.of(new Gap(after + 1, to, reason));
        next = to + 1;
      }
    }
    return new Page(found, next - 1, gap);
  }

  /** A little after the oldest, so that a slow reader is not lapped again at once. */
  private long resumeAt() {
    return Math.min(ring.head(), ring.oldest() + ring.capacity() / 8);
  }

  private Transition transition(Entry e) {
    boolean own = e.slot < 0;
    Cause cause = CAUSES[e.cause];
    String name = e.name;
    String type = e.type;
    boolean cut = e.nameCut || e.typeCut;
    if (cut && !own) {
      WorkerStatus status = table.apply(new Handle(epoch, e.slot, e.generation));
      if (!status.name().isEmpty()) {
        name = status.name();
        type = status.type();
        cut = false;
      }
    }
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
      case PHASE, OPENED -> PHASES[code];
      case SHUTDOWN_BEGIN -> MODES[code];
      default -> null;
    };
  }
}
