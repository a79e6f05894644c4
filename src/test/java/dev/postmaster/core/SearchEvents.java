package dev.postmaster.core;

import dev.postmaster.Exit;
import dev.postmaster.Phase;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.WorkerState;
import dev.postmaster.core.TraceEvent.What;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Everything that a menu lets happen in a state. */
final class SearchEvents {

  private static final int UNTIL_MS = 2_000;
  private static final int STALL_MS = 1_000;

  /** Ends with something left to close; the others differ from these when they are gone only. */
  private static final Set<Exit> ENDED = EnumSet.of(Exit.COMPLETED, Exit.CRASHED);

  private final SearchMenu menu;
  private final List<TraceEvent> ends;

  /** What is left to say where a run has ended and is not gone. */
  private final TraceEvent gone = TraceEvent.of(What.GONE, 0, 0);

  private List<TraceEvent> found;
  private TraceWorld world;

  SearchEvents(SearchMenu menu) {
    this.menu = menu;
    ends =
        IntStream.range(0, TraceEvent.ENDS.size())
            .mapToObj(end -> TraceEvent.of(What.GONE, 0, end))
            .filter(menu::hasEnd)
            .toList();
  }

  List<TraceEvent> of(TraceWorld in) {
    found = new ArrayList<>();
    world = in;
    requests();
    for (TraceSlot slot : world.checker.slots) {
      requests(slot);
      if (slot.live != null && !world.checker.isOver()) {
        answers(slot);
      }
      if (slot.last != null) {
        add(What.LATE_GONE, slot.index, 6);
      }
    }
    time();
    return found;
  }

  private void add(What what, int at, int arg) {
    if (menu.has(what)) {
      found.add(TraceEvent.of(what, at, arg));
    }
  }

  private void requests() {
    int lowest = world.supervisor.table.free.lowest();
    if (lowest < 0 || world.checker.slots[lowest].generation < menu.generations()) {
      for (int kind : menu.kinds()) {
        add(What.REGISTER, 0, kind);
      }
    }
    for (ShutdownMode mode : menu.modes()) {
      add(What.SHUTDOWN, 0, mode.ordinal());
    }
    add(What.ABORT, 0, 0);
    for (Phase phase : Phase.values()) {
      add(What.ADVANCE, 0, phase.ordinal());
    }
    add(What.ATTACH, 0, 0);
    add(What.DETACH, 0, 0);
    add(What.SIGNAL_ALL, 0, Signal.TERM.ordinal());
    for (int target : menu.targets()) {
      add(What.PAUSE, target, 0);
      if (menu.passMs() == 0) {
        add(What.PAUSE, target, UNTIL_MS);
      }
      add(What.DRAIN, target, 0);
      add(What.RESUME, target, 0);
    }
  }

  private void requests(TraceSlot slot) {
    if (slot.generation == 0) {
      return;
    }
    add(What.TERMINATE, slot.index, 0);
    if (slot.generation > 1) {
      add(What.TERMINATE_OLD, slot.index, 0);
      add(What.AWAIT_OLD, slot.index, AwaitFor.STARTED.ordinal());
    }
    Slot real = world.supervisor.table.slots[slot.index];
    for (AwaitFor what : menu.waits()) {
      boolean room = real.waits.size() < menu.waitsMax();
      if (room && real.waits.stream().noneMatch(wait -> wait.what == what)) {
        add(What.AWAIT, slot.index, what.ordinal());
      }
    }
    add(What.SIGNAL, slot.index, Signal.TERM.ordinal());
  }

  private void answers(TraceSlot slot) {
    add(What.STARTED, slot.index, 0);
    add(What.READY, slot.index, 0);
    add(What.NOT_READY, slot.index, 0);
    if (slot.startExtensions == 0) {
      add(What.EXTEND_START, slot.index, 0);
    }
    if (slot.stopExtensions == 0) {
      add(What.EXTEND_STOP, slot.index, 0);
    }
    if (slot.end != null) {
      add(What.ENDED, slot.index, 6);
      add(What.GONE, slot.index, gone.arg());
      return;
    }
    for (TraceEvent end : ends) {
      if (TraceWorld.isPossible(slot, end.end())) {
        if (ENDED.contains(end.end().exit()) && !end.end().explicit()) {
          add(What.ENDED, slot.index, end.arg());
        }
        add(What.GONE, slot.index, end.arg());
      }
    }
  }

  private void time() {
    if (world.supervisor.nextWake() != Long.MAX_VALUE) {
      add(What.WAKE, TraceWorld.RENEWED, 0);
      boolean lapses = world.supervisor.clients.count() > 0;
      if (lapses && world.checker.slots[0].state != WorkerState.FREE) {
        add(What.PASS, 0, (int) (Clients.LEASE_NS / TraceSetup.MS));
      }
    }
    long wait = world.supervisor.nextWake() - world.now;
    if (menu.passMs() > 0 && wait < Long.MAX_VALUE / 2 && wait > menu.passMs() * TraceSetup.MS) {
      found.add(TraceEvent.of(What.PASS, 0, menu.passMs()));
    }
    if (world.stalled == 0 && world.supervisor.judging()) {
      add(What.STALL, 0, STALL_MS);
    }
  }
}
