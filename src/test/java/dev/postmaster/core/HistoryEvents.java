package dev.postmaster.core;

import dev.postmaster.Phase;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.core.TraceEvent.What;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Draws the events of a random history; each seed leaves some kinds of them out. */
final class HistoryEvents {

  /** Without these nothing moves. */
  private static final Set<What> ALWAYS =
      EnumSet.of(What.REGISTER, What.STARTED, What.GONE, What.WAKE);

  /** These end a history, and come late in it. */
  private static final Set<What> LAST = EnumSet.of(What.SHUTDOWN, What.ABORT);

  private static final int TRIES = 4;
  private static final int HOUR_MS = 3_600_000;

  private final SplittableRandom random;
  private final TraceWorld world;
  private final List<What> bag = new ArrayList<>();

  HistoryEvents(long seed, TraceWorld world) {
    random = new SplittableRandom(~seed);
    this.world = world;
    for (What what : What.values()) {
      if (!LAST.contains(what) && (ALWAYS.contains(what) || random.nextInt(3) > 0)) {
        for (int times = weight(what); times > 0; times--) {
          bag.add(what);
        }
      }
    }
  }

  private static int weight(What what) {
    return switch (what) {
      case STARTED, GONE -> 12;
      case WAKE -> 10;
      case REGISTER -> 8;
      case READY, PASS, AWAIT, ENDED -> 4;
      case DRAIN, PAUSE, SIGNAL_ALL, STALL, CLOCK -> 1;
      default -> 2;
    };
  }

  /** The next one; from {@code late} on it may be a shutdown. */
  TraceEvent next(boolean late) {
    if (!world.supervisor.started && random.nextInt(4) == 0) {
      return TraceEvent.of(What.START);
    }
    if (late && random.nextInt(50) == 0) {
      int mode = 1 + random.nextInt(ShutdownMode.values().length - 1);
      return random.nextInt(8) == 0
          ? TraceEvent.of(What.ABORT)
          : TraceEvent.of(What.SHUTDOWN, 0, mode);
    }
    What what = bag.get(random.nextInt(bag.size()));
    int slot = random.nextInt(world.checker.slots.length);
    return switch (what) {
      case REGISTER -> TraceEvent.of(what, 0, random.nextInt(world.setup.kinds().size()));
      case AWAIT, AWAIT_OLD -> TraceEvent.of(what, slot, random.nextInt(AwaitFor.values().length));
      case SIGNAL -> TraceEvent.of(what, live(slot), random.nextInt(Signal.values().length));
      case SIGNAL_ALL -> TraceEvent.of(what, 0, random.nextInt(Signal.values().length));
      case ENDED, GONE -> ends(what);
      case STARTED, READY, NOT_READY, EXTEND_START, EXTEND_STOP -> TraceEvent.of(what, live(slot));
      case LATE_ENDED, LATE_GONE ->
          TraceEvent.of(what, slot, random.nextInt(TraceEvent.ENDS.size()));
      case PAUSE, DRAIN -> TraceEvent.of(what, target(), random.nextInt(3) * 1_500);
      case RESUME -> TraceEvent.of(what, target());
      case ADVANCE -> TraceEvent.of(what, 0, random.nextInt(Phase.values().length));
      case ATTACH, DETACH -> TraceEvent.of(what, random.nextInt(3));
      case STALL -> TraceEvent.of(what, 0, 100 + random.nextInt(900));
      case PASS -> TraceEvent.of(what, 0, 1 + random.nextInt(1_500));
      case WAKE -> TraceEvent.of(what, random.nextInt(2));
      case CLOCK -> TraceEvent.of(what, 0, random.nextInt(-HOUR_MS, HOUR_MS));
      default -> TraceEvent.of(what, slot);
    };
  }

  private int target() {
    return random.nextInt(TraceSetup.WIDE_TARGETS + world.checker.slots.length);
  }

  /** Rather a slot with a run. */
  private int live(int slot) {
    int found = slot;
    for (int tries = 0; tries < TRIES && world.checker.slots[found].live == null; tries++) {
      found = random.nextInt(world.checker.slots.length);
    }
    return found;
  }

  /** An end that such a run could come to, if one is found. */
  private TraceEvent ends(What what) {
    TraceSlot slot = world.checker.slots[live(0)];
    int end = random.nextInt(TraceEvent.ENDS.size());
    for (int i = 0; i < TraceEvent.ENDS.size(); i++) {
      if (TraceWorld.isPossible(slot, TraceEvent.ENDS.get(end))) {
        return TraceEvent.of(what, slot.index, end);
      }
      end = (end + 1) % TraceEvent.ENDS.size();
    }
    return TraceEvent.of(What.WAKE);
  }
}
