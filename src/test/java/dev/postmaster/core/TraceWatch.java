package dev.postmaster.core;

import dev.postmaster.Transition;
import dev.postmaster.journal.SimulatedMemory;
import dev.postmaster.runtime.SimulatedFollower;
import dev.postmaster.runtime.SimulatedShell;
import dev.postmaster.web.SimulatedViewer;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The journal of a history, and those who read it: they look between any two records, stores and
 * publications, and whenever one of them has seen everything it must show what is.
 *
 * <p>What they do, and where the file fails, is drawn from the seed and not from the events: the
 * history that is left when events were taken out has readers and a fault too.
 */
final class TraceWatch {

  /** What must have come about often. */
  static final List<String> PREMISES =
      List.of(
          "viewer resumes",
          "viewer gap overrun",
          "viewer gap corrupt",
          "viewer gap slow-consumer",
          "viewer gap subscribe",
          "viewer gets slots",
          "viewer shows what is",
          "follower lapped",
          "follower shows what is",
          "look between stores",
          "journal failed");

  private static final int STORES_MAX = 600;
  private static final int LOOKS_MAX = 8;
  private static final int PAGE_EVERY = 4;
  private static final int STALL_EVERY = 100;
  private static final int STALL_MAX = 400;
  private static final int STEPS_MAX = 5_000;

  private final SplittableRandom random;
  private final SimulatedMemory memory;
  private final SimulatedShell shell;
  private final List<SimulatedViewer> viewers;
  private final int maxWorkers;
  private final long first;

  /** Follows the file, as long as that can be read. */
  private SimulatedFollower follower;

  private int stalled;
  private long checked;
  private long laps;
  private boolean failed;

  /** Where it is counted; may be null. */
  Coverage coverage;

  TraceWatch(long seed, SupervisorOptions options) {
    random = new SplittableRandom(Long.reverse(~seed));
    maxWorkers = options.maxWorkers();
    first = options.headSeq();
    // As in production at least four times the slots, but no more than a history fills.
    int capacity = Integer.highestOneBit(Math.max(8, 8 * maxWorkers - 1)) << random.nextInt(2);
    memory = new SimulatedMemory(capacity, maxWorkers, random.split());
    shell = new SimulatedShell(options, memory);
    viewers =
        SimulatedViewer.some(
            1 + random.nextInt(3), shell.postmaster(), random.split(), shell::text, this::count);
    memory.look(
        () -> {
          count("look between stores");
          shell.glance(random.nextInt(maxWorkers));
          look();
        });
    if (random.nextInt(3) == 0) {
      memory.failAfter(random.nextInt(STORES_MAX));
    }
  }

  private void count(String what) {
    if (coverage != null) {
      coverage.premise(what);
    }
  }

  /** Whether the file has met a fault. */
  boolean hasFailed() {
    return failed;
  }

  void recorded(Transition t) {
    shell.recorded(t);
    look();
  }

  void changed(int slot) {
    shell.changed(slot);
  }

  /** Somebody is told something: all that was recorded can be read. */
  void told(long seq) {
    if (shell.log().head() != seq) {
      throw new AssertionError("invariant 46 is broken: told before it is written: " + seq);
    }
  }

  /** In the middle of a turn. */
  private void look() {
    int who = random.nextInt(2 * viewers.size() + 1);
    if (who < viewers.size()) {
      viewers.get(who).pump();
    } else if (who == viewers.size()) {
      follow(random.nextInt(LOOKS_MAX));
    }
  }

  private boolean follow(int looks) {
    if (random.nextInt(STALL_EVERY) == 0) {
      stalled = random.nextInt(STALL_MAX);
    }
    if (stalled-- > 0) {
      return false;
    }
    if (memory.isBad()) {
      follower = null;
      return false;
    }
    if (follower == null) {
      follower = new SimulatedFollower(shell.file(), maxWorkers, shell::emitted);
    }
    boolean seen = follower.step(looks);
    for (; laps < follower.laps(); laps++) {
      count("follower lapped");
    }
    return seen;
  }

  /** After an event. */
  void after(Supervisor supervisor, long now, boolean isOver) {
    shell.turned(supervisor, now, this::look);
    if (!failed && shell.log().isFaulted()) {
      failed = true;
      count("journal failed");
    }
    long head = supervisor.seq();
    if (random.nextInt(PAGE_EVERY) == 0 && head > first) {
      shell.page(random.nextLong(first, head), 1 + random.nextInt(LOOKS_MAX));
    }
    if (follow(random.nextInt(LOOKS_MAX)) && checked != supervisor.seq()) {
      checked = supervisor.seq();
      count("follower shows what is");
      for (int slot = 0; slot < maxWorkers; slot++) {
        supervisor.status(slot, now).ifPresent(follower::check);
      }
    }
    for (SimulatedViewer viewer : viewers) {
      viewer.step();
      if (isOver) {
        catchUp(viewer, supervisor, now);
      }
      if (viewer.isToBeChecked()) {
        count("viewer shows what is");
        check(viewer, supervisor, now);
      }
    }
  }

  /** Nothing more happens: it reads on until it has seen everything. */
  private void catchUp(SimulatedViewer viewer, Supervisor supervisor, long now) {
    for (int steps = 0; !viewer.isCaughtUp(); steps++) {
      if (steps == STEPS_MAX) {
        throw new AssertionError("the feed is broken: a viewer never gets all");
      }
      viewer.readOn();
      shell.turned(supervisor, now, () -> {});
    }
  }

  private void check(SimulatedViewer viewer, Supervisor supervisor, long now) {
    for (int slot = 0; slot < maxWorkers; slot++) {
      supervisor.status(slot, now).ifPresent(viewer::check);
    }
    viewer.check(supervisor.phase().word(), supervisor.used());
  }
}
