package dev.postmaster.runtime;

import dev.postmaster.Handle;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.core.Past;
import dev.postmaster.journal.Entry;
import dev.postmaster.journal.Journal;
import dev.postmaster.journal.Ring;
import dev.postmaster.journal.SlotEntry;
import dev.postmaster.journal.Tailer;
import io.vertx.core.internal.ContextInternal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The journal as transitions: in memory, or in a file until that meets a fault.
 *
 * <p>Threading: the readers' methods any; all else the postmaster's loop.
 */
final class RingLog implements TransitionLog {

  private static final long MS = 1_000_000;
  private static final long BEAT_MS = 1_000;

  private final String epoch;
  private final PublishedTable table;
  private final Entry scratch = new Entry();

  /** Who has the file; none of what is asked of him is waited for. */
  interface Keeper {

    /**
     * Looks at the file from now on.
     *
     * @param faulted is told of a fault, on any thread
     */
    void watch(Consumer<Throwable> faulted);

    /** Gives up a file that met a fault; the directory is kept until {@link #close}. */
    void giveUp(Throwable why);

    /** Closes what was opened; then goes on, on any thread. */
    void close(boolean isFaulted, Runnable then);
  }

  /** Null in memory. */
  private final Keeper keeper;

  /** Null in memory. */
  private final Journal journal;

  private final SlotMirror mirror;

  /** In memory after a fault of the file. */
  private volatile Ring ring;

  /** The head, on the heap: to ask for it must not meet a fault of the file. */
  private volatile long head;

  private volatile boolean isFaulted;
  private boolean isGivenUp;

  /** Tells the postmaster's loop of a fault that others met. */
  private volatile Consumer<Throwable> alarm = fault -> {};

  private Runnable stopBeats = () -> {};

  private RingLog(String epoch, PostmasterOptions options, PublishedTable table) {
    this.epoch = epoch;
    this.table = table;
    keeper = null;
    journal = null;
    mirror = null;
    ring = new Ring(capacity(options), Ulid.bytes(epoch), 0, System.currentTimeMillis() * MS);
  }

  /**
   * A log in a ring that is there already.
   *
   * @param journal what the ring is in; null if it is in no file that could be opened again
   */
  RingLog(
      String epoch,
      Ring ring,
      Keeper keeper,
      Journal journal,
      PostmasterOptions options,
      PublishedTable table) {
    this.epoch = epoch;
    this.ring = ring;
    this.keeper = keeper;
    this.journal = journal;
    this.table = table;
    head = ring.head();
    mirror = new SlotMirror(options.maxWorkers(), journal == null ? List.of() : journal.left());
  }

  /**
   * A log in memory, of a new epoch: it ends with the process.
   *
   * @param table has the full names of registrations, where a record's were cut
   */
  static RingLog inMemory(PostmasterOptions options, PublishedTable table) {
    return new RingLog(Ulid.next(System.currentTimeMillis()), options, table);
  }

  /**
   * Opens the file.
   *
   * @param then the log, or why there is none, on a thread of the journal's
   */
  static void open(
      PostmasterOptions options, PublishedTable table, BiConsumer<RingLog, IOException> then) {
    JournalKeeper keeper = new JournalKeeper(options);
    keeper.open(
        Ulid.bytes(Ulid.next(System.currentTimeMillis())),
        (journal, refused) ->
            then.accept(journal == null ? null : of(keeper, journal, options, table), refused));
  }

  private static RingLog of(
      JournalKeeper keeper, Journal journal, PostmasterOptions options, PublishedTable table) {
    return new RingLog(Ulid.text(journal.epoch()), journal.ring(), keeper, journal, options, table);
  }

  static int capacity(PostmasterOptions options) {
    return Math.max(options.journalCapacity(), 4 * options.maxWorkers());
  }

  /** What an earlier life of this epoch left. */
  Past past() {
    if (journal == null) {
      return Past.NONE;
    }
    List<Past.Left> left = new ArrayList<>();
    for (SlotEntry slot : journal.left()) {
      WorkerState state = Records.state(slot.state);
      long runId = state.hasRun() ? slot.runId : 0;
      left.add(
          new Past.Left(
              slot.slot, slot.generation, state, runId, slot.name, slot.type, slot.starts));
    }
    return new Past(left, journal::generation);
  }

  /**
   * Static registration is over; the file is looked after from now on.
   *
   * @param loop the postmaster's
   * @param onFault is told of a fault, on any thread, and calls {@link #fault}
   */
  void started(ContextInternal loop, Consumer<Throwable> onFault) {
    watch(onFault);
    if (keeper != null) {
      long beats = loop.setPeriodic(BEAT_MS, beat -> beat());
      stopBeats = () -> loop.owner().cancelTimer(beats);
    }
  }

  /** The same without the beats. */
  void watch(Consumer<Throwable> onFault) {
    alarm = onFault;
    if (keeper != null) {
      mirror.started();
      keeper.watch(onFault);
    }
  }

  /** Goes on in memory, once. */
  void fault(Throwable why) {
    long last = head;
    while (keeper != null && !isGivenUp) {
      attempt(() -> fault(why, last));
    }
  }

  private void fault(Throwable why, long last) {
    if (!isFaulted) {
      ring = ring.inMemory(Ulid.bytes(epoch), last, System.currentTimeMillis() * MS);
      isFaulted = true;
    }
    keeper.giveUp(why);
    isGivenUp = true;
  }

  /** Whether an error of a turn is a page of the file that could not be served; 17 says it late. */
  boolean isFault(Throwable error) {
    return keeper != null
        && error instanceof InternalError
        && String.valueOf(error.getMessage()).contains("unsafe memory access");
  }

  /** Closes it after its last record; then goes on, on any thread. */
  void close(Runnable then) {
    stopBeats.run();
    if (keeper == null) {
      then.run();
    } else {
      keeper.close(isFaulted, then);
    }
  }

  /** The writer is there, and its loop turns. */
  void beat() {
    if (keeper != null && !isFaulted) {
      guarded(() -> ring.beat(System.currentTimeMillis() * MS), head);
    }
  }

  /** What a record has made of a slot. */
  void mirror(WorkerStatus status) {
    if (keeper != null && !isFaulted) {
      guarded(() -> mirror.write(status, ring), head);
    }
  }

  private void guarded(Runnable write, long last) {
    InternalError why = attempt(write);
    while (why != null && !isGivenUp) {
      InternalError first = why;
      attempt(() -> fault(first, last)); // 17 may still owe us another
    }
  }

  private static InternalError attempt(Runnable access) {
    try {
      access.run();
      return null;
    } catch (InternalError notServed) {
      return notServed;
    }
  }

  void append(Transition t) {
    Records.fill(scratch, t);
    if (keeper == null || isFaulted) {
      ring.append(scratch);
    } else {
      appendToFile(t);
    }
    head = t.seq();
  }

  private void appendToFile(Transition t) {
    guarded(
        () -> {
          ring.append(scratch);
          mirror.recorded(t, ring);
          if (!ring.holds(t.seq())) {
            Thread.yield(); // 17 throws what it owes us when a thread comes back from the system
            throw new InternalError("record " + t.seq() + " is not there after it was written");
          }
        },
        t.seq() - 1);
    if (isFaulted) {
      ring.append(scratch);
    }
  }

  @Override
  public String epoch() {
    return epoch;
  }

  @Override
  public long head() {
    return head;
  }

  @Override
  public long oldest() {
    return ring.oldest(head);
  }

  @Override
  public int capacity() {
    return ring.capacity();
  }

  @Override
  public Optional<Path> path() {
    return journal == null ? Optional.empty() : Optional.of(journal.path());
  }

  @Override
  public boolean isFaulted() {
    return isFaulted;
  }

  @Override
  public Page read(long after, int limit) {
    try {
      return readRing(after, limit);
    } catch (InternalError notServed) {
      alarm.accept(notServed);
      return new Page(List.of(), after, Optional.empty()); // there is more when it is in memory
    }
  }

  private Page readRing(long after, int limit) {
    Tailer tailer = ring.tailer(after);
    Entry entry = new Entry();
    List<Transition> found = new ArrayList<>();
    Optional<Gap> gap = Optional.empty();
    long read = after;
    while (found.size() < limit) {
      Tailer.Step step = tailer.poll(entry);
      if (step == Tailer.Step.RECORD) {
        found.add(transition(entry));
      } else if (step == Tailer.Step.NOTHING || !found.isEmpty()) {
        break; // a gap is told with the next page, before what follows it
      } else {
        String reason = step == Tailer.Step.LAPPED ? "overrun" : "corrupt";
        gap = Optional.of(new Gap(after + 1, tailer.gapTo(), reason));
      }
      read = tailer.next() - 1;
    }
    return new Page(found, read, gap);
  }

  private Transition transition(Entry e) {
    boolean cut = (e.nameCut || e.typeCut) && e.slot >= 0;
    WorkerStatus status = cut ? table.of(new Handle(epoch, e.slot, e.generation), epoch) : null;
    return status == null || status.name().isEmpty()
        ? Records.transition(e, e.name, e.type, e.nameCut || e.typeCut)
        : Records.transition(e, status.name(), status.type(), false);
  }
}
