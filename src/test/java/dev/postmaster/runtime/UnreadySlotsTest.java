package dev.postmaster.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.Handle;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The bits of those that are critical and not ready, held against a set of them. */
class UnreadySlotsTest {

  private static final int SLOTS = 200;

  private static WorkerStatus status(int slot, WorkerState state, boolean critical, boolean ready) {
    WorkerStatus s = WorkerStatus.gone(new Handle("01ARZ3NDEKTSV4RRFFQ69G5FAV", slot, 1));
    return new WorkerStatus(
        s.seq(),
        s.handle(),
        "w",
        s.type(),
        s.library(),
        s.function(),
        state,
        ready,
        s.status(),
        s.runId(),
        s.waiting(),
        s.reason(),
        s.deadlineAt(),
        s.paused(),
        s.pausedUntil(),
        s.domain(),
        s.group(),
        s.flags(),
        s.start(),
        s.threading(),
        critical,
        s.restartMs(),
        s.terminate(),
        s.registeredAt(),
        s.startedAt(),
        s.stateSince(),
        s.restartAt(),
        s.restartInMs(),
        s.starts(),
        s.failures(),
        s.exits(),
        s.last());
  }

  @Test
  void theyAreAlwaysThoseThatWerePublishedLastAsCriticalAndNotReady() {
    UnreadySlots slots = new UnreadySlots(SLOTS);
    TreeSet<Integer> model = new TreeSet<>();
    SplittableRandom random = new SplittableRandom(7);
    for (int n = 0; n < 20_000; n++) {
      int slot = random.nextInt(SLOTS);
      WorkerState state = WorkerState.values()[random.nextInt(WorkerState.values().length)];
      boolean critical = random.nextBoolean();
      boolean ready = random.nextBoolean();
      slots.published(status(slot, state, critical, ready));
      if (critical && !ready && state != WorkerState.FREE) {
        model.add(slot);
      } else {
        model.remove(slot);
      }
      List<Integer> found = new ArrayList<>();
      slots.each(found::add);
      assertEquals(List.copyOf(model), found);
      assertEquals(model.size(), slots.count());
    }
  }

  @Test
  void whoHasEnoughIsNotToldTheRest() {
    UnreadySlots slots = new UnreadySlots(SLOTS);
    for (int slot = 0; slot < SLOTS; slot++) {
      slots.published(status(slot, WorkerState.BACKOFF, true, false));
    }
    List<Integer> found = new ArrayList<>();

    slots.each(
        slot -> {
          found.add(slot);
          return found.size() < 3;
        });

    assertEquals(List.of(0, 1, 2), found);
  }

  @Test
  void aTableWithoutSlotsHasNone() {
    UnreadySlots none = new UnreadySlots(0);
    List<Integer> found = new ArrayList<>();

    none.each(found::add);

    assertEquals(List.of(), found);
    assertEquals(0, none.count());
  }
}
