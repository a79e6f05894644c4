package dev.postmaster.runtime;

import static dev.postmaster.journal.RingReader.Result.CORRUPT;
import static dev.postmaster.journal.RingReader.Result.LAPPED;

import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.StatusJson;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog;
import dev.postmaster.WorkerStatus;
import dev.postmaster.core.Supervisor;
import dev.postmaster.core.SupervisorOptions;
import dev.postmaster.journal.Entry;
import dev.postmaster.journal.Ring;
import dev.postmaster.journal.RingReader;
import dev.postmaster.journal.SimulatedMemory;
import dev.postmaster.journal.SlotEntry;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What remembers and publishes, around a core that is played: without threads, files and Vert.x.
 *
 * <p>As in production: {@link RingLog} with its {@link Ring} and {@link SlotMirror}, {@link
 * Performer}, {@link PublishedTable}, {@link CurrentStatus}. Simulated: the memory of the file, who
 * keeps it, the turns of {@link PostmasterLoop}, and of {@link Postmaster} what readers ask for.
 */
public final class SimulatedShell implements Performer.Sinks, RingLog.Keeper {

  private final SimulatedMemory memory;
  private final Ring file;
  private final PublishedTable table;
  private final CurrentStatus status;
  private final RingLog log;

  // It is only asked to record and to publish, and needs nobody who runs workers.
  private final Performer performer = new Performer(this, null);

  private final Postmaster postmaster;
  private final long before;
  private final List<Transition> emitted = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private Throwable alarm;
  private boolean wasFaulted;
  private int givenUp;

  public SimulatedShell(SupervisorOptions core, SimulatedMemory memory) {
    this.memory = memory;
    before = core.headSeq();
    PostmasterOptions options =
        new PostmasterOptions()
            .setMaxWorkers(core.maxWorkers())
            .setMaxParallelWorkers(core.maxParallelWorkers())
            .setPhase(core.phase());
    table = new PublishedTable(core.maxWorkers());
    status = new CurrentStatus(options);
    status.started();
    file = memory.ring(before);
    log = new RingLog(core.epoch(), file, this, null, options, table);
    log.watch(fault -> alarm = fault);
    postmaster =
        (Postmaster)
            Proxy.newProxyInstance(
                Postmaster.class.getClassLoader(),
                new Class<?>[] {Postmaster.class},
                (proxy, method, args) -> answer(method.getName(), args));
  }

  /** What a reader may ask at any time, in the middle of a turn too. */
  private Object answer(String method, Object[] args) {
    return switch (method) {
      case "transitions" -> log;
      case "changes" -> table.changes();
      case "status" -> status.now();
      case "slot" -> table.slot((int) args[0]);
      case "list" -> table.list((int) args[0], (int) args[1], all -> true);
      default -> throw new UnsupportedOperationException(method);
    };
  }

  public Postmaster postmaster() {
    return postmaster;
  }

  public TransitionLog log() {
    return log;
  }

  /** The ring in the file, as another process maps it. */
  public Ring file() {
    return file;
  }

  /** The record of that number as the core gave it. */
  public Transition emitted(long seq) {
    return emitted.get((int) (seq - before - 1));
  }

  /** The same as a viewer must get it. */
  public String text(long seq) {
    int at = (int) (seq - before - 1);
    while (texts.size() <= at) {
      texts.add(StatusJson.transition(emitted.get(texts.size())).encode());
    }
    return texts.get(at);
  }

  // ---- of the core

  /** The core records something. */
  public void recorded(Transition t) {
    guarded(() -> performer.record(t));
    that(log.head() == t.seq(), "46", "it is not written when record() returns: ", t);
    List<Transition> read = log.read(t.seq() - 1, 1).transitions();
    that(read.equals(List.of(t)), "47", t, " reads as ", read);
  }

  public void changed(int slot) {
    performer.changed(slot);
  }

  /**
   * The end of a turn: what changed is published, and a fault that was met is acted on.
   *
   * @param others what readers do in between
   */
  public void turned(Supervisor core, long now, Runnable others) {
    guarded(
        () -> {
          performer.perform(
              slot -> {
                core.status(slot, now)
                    .ifPresent(
                        shown -> {
                          table.publish(shown);
                          log.mirror(shown);
                          isMirrored(shown);
                        });
                others.run();
              });
          status.refresh(core, now);
          performer.tellAll();
          log.beat();
          notice();
        });
    that(log.head() == core.seq(), "45", "the head is ", log.head(), ", not ", core.seq());
    boolean once = givenUp == (log.isFaulted() ? 1 : 0) && givenUp == (memory.isMet() ? 1 : 0);
    that(once, "48", "given up ", givenUp, " times, faulted ", log.isFaulted());
  }

  /** What another sees who asks for a page: of a number no more, and no less, than is true. */
  public void page(long after, int limit) {
    TransitionLog.Page page = log.read(after, limit);
    long last = after;
    if (page.gap().isPresent()) {
      TransitionLog.Gap gap = page.gap().get();
      boolean next = gap.from() == last + 1 && gap.to() >= gap.from() && gap.to() <= log.head();
      that(next, "47", "after ", after, " is ", gap);
      last = gap.to();
    }
    for (Transition t : page.transitions()) {
      that(t.seq() == ++last && t.equals(emitted(last)), "47", "after ", after, " comes ", t);
    }
    that(page.next() == last, "47", "after ", after, " it goes on at ", page.next());
  }

  /** Another process looks at a slot, and at the oldest record, while one of them is written. */
  public void glance(int slot) {
    if (!memory.isBad()) {
      RingReader reader = file.reader();
      that(reader.slot(slot, new SlotEntry()) != CORRUPT, "47", "damaged slot ", slot);
      long oldest = file.head() + 1 - file.capacity();
      boolean lapped = reader.read(oldest, new Entry()) == LAPPED;
      that(lapped || oldest <= before, "47", "what is overwritten can be read: ", oldest);
    }
  }

  private void isMirrored(WorkerStatus shown) {
    if (!memory.isBad()) {
      SlotEntry entry = new SlotEntry();
      file.reader().slot(shown.slot(), entry);
      that(entry.sequence == shown.seq(), "45", "the mirror is of ", entry.sequence, ": ", shown);
    }
  }

  /** What could be read of the file when it failed is not lost. */
  private void isKept() {
    Entry entry = new Entry();
    for (long seq = file.head(); seq > Math.max(before, file.head() - file.capacity()); seq--) {
      if (file.reader().read(seq, entry) == RingReader.Result.OK) {
        that(log.read(seq - 1, 1).gap().isEmpty(), "48", "it lost record ", seq);
      }
    }
  }

  /** A fault that a reader met comes as a turn of its own; one that nobody was told of, late. */
  private void notice() {
    if (alarm == null && memory.isMet() && !log.isFaulted()) {
      InternalError late = new InternalError("a fault occurred in a recent unsafe memory access");
      that(log.isFault(late), "48", "not known as a fault: ", late);
      alarm = late;
    }
    if (alarm != null) {
      log.fault(alarm);
      alarm = null;
    }
    if (log.isFaulted() && !wasFaulted) {
      wasFaulted = true;
      try {
        isKept();
      } catch (InternalError notServed) {
        // Nothing of the file can be read any more.
      }
    }
  }

  private static void guarded(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | InternalError escaped) {
      throw new AssertionError("invariant 48 is broken: it went on to the core", escaped);
    }
  }

  private static void that(boolean holds, String invariant, Object... otherwise) {
    if (!holds) {
      String text = Stream.of(otherwise).map(String::valueOf).collect(Collectors.joining());
      throw new AssertionError("invariant " + invariant + " is broken: " + text);
    }
  }

  // ---- sinks

  @Override
  public void record(Transition transition) {
    status.recorded(transition);
    emitted.add(transition);
    log.append(transition);
  }

  @Override
  public void answer(Object waiter, Optional<ErrorCode> failure, WorkerStatus found) {}

  @Override
  public void notify(String address, WorkerStatus found) {}

  @Override
  public void again() {}

  @Override
  public void ended(boolean abnormal) {}

  // ---- keeper

  @Override
  public void watch(Consumer<Throwable> faulted) {}

  @Override
  public void giveUp(Throwable why) {
    givenUp++;
  }

  @Override
  public void close(boolean isFaulted, Runnable then) {
    then.run();
  }
}
