package dev.postmaster.runtime;

import static dev.postmaster.support.Terms.worker;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Stage;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.core.End;
import dev.postmaster.journal.Entry;
import dev.postmaster.journal.Geometry;
import dev.postmaster.journal.Inspection;
import dev.postmaster.journal.Journal;
import dev.postmaster.journal.Ring;
import dev.postmaster.journal.RingReader;
import dev.postmaster.support.CoreRig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real journal is legal; each thing that a postmaster cannot do is seen in a forged one. */
class WitnessTest {

  private List<Transition> journal;

  /** A life with everything in it that leaves a record. */
  @BeforeEach
  void live() {
    CoreRig rig = CoreRig.with().phase(Phase.CONSISTENT).notStarted();
    rig.core.open("test", rig.now());
    rig.start();
    rig.core.advance(Phase.RUN, By.CODE, rig.now());
    Handle often = rig.running(worker("often").restart(5));
    rig.fail(often);
    rig.advance(5);
    rig.begin(often);
    Handle once = rig.running(worker("once"));
    rig.exit(once, End.returned());
    Handle told = rig.running(worker("told"));
    rig.terminate(told);
    rig.leave(told);
    Handle crashed = rig.running(worker("crashed").shared());
    rig.crash(crashed);
    rig.begin(crashed);
    rig.shutdown(ShutdownMode.FAST);
    rig.leave(often);
    rig.leave(crashed);
    journal = new ArrayList<>(rig.effects.records());
  }

  private static List<String> violations(List<Transition> records) {
    Witness witness = new Witness(true);
    records.forEach(witness::saw);
    return witness.violations();
  }

  private int find(Predicate<Transition> which) {
    for (int n = 0; n < journal.size(); n++) {
      if (which.test(journal.get(n))) {
        return n;
      }
    }
    throw new AssertionError("no such record");
  }

  private int find(Cause cause) {
    return find(t -> t.cause() == cause);
  }

  private void assertSeen(String what) {
    List<String> seen = violations(journal);
    assertTrue(seen.stream().anyMatch(text -> text.contains(what)), what + " in " + seen);
  }

  private void forge(int at, UnaryOperator<Transition> change) {
    journal.set(at, change.apply(journal.get(at)));
  }

  /** The same record with other figures where they are given. */
  private static Transition with(
      Transition t, long seq, int slot, long generation, long runId, Stage to, Cause cause) {
    return new Transition(
        seq,
        t.at(),
        slot,
        generation,
        runId,
        t.name(),
        t.type(),
        false,
        t.from(),
        to,
        cause,
        t.ready(),
        t.terminate(),
        t.starts(),
        t.restartAt(),
        t.restartInMs(),
        t.exit(),
        t.code(),
        t.message(),
        t.by());
  }

  private static Transition says(
      Transition t, long at, boolean ready, boolean terminate, int starts, Exit exit) {
    return new Transition(
        t.seq(),
        at,
        t.slot(),
        t.generation(),
        t.runId(),
        t.name(),
        t.type(),
        false,
        t.from(),
        t.to(),
        t.cause(),
        ready,
        terminate,
        starts,
        t.restartAt(),
        t.restartInMs(),
        exit,
        t.code(),
        t.message(),
        t.by());
  }

  @Test
  void aRealOneIsLegalFromAnyRecordOn() {
    for (int from = 0; from < journal.size(); from++) {
      assertEquals(List.of(), violations(journal.subList(from, journal.size())));
    }
  }

  @Test
  void aRecordThatIsMissing() {
    journal.remove(find(Cause.STARTED));
    assertSeen("it follows");
    assertSeen("the slot is STARTING");
  }

  @Test
  void anEdgeThatThereIsNot() {
    forge(
        find(Cause.STARTED),
        t ->
            with(
                t,
                t.seq(),
                t.slot(),
                t.generation(),
                t.runId(),
                WorkerState.PARKED,
                Cause.STARTED));
    assertSeen("there is no such edge");
  }

  @Test
  void aGenerationThatDoesNotRise() {
    int second = find(t -> t.cause() == Cause.REGISTERED && t.generation() == 2);
    forge(second, t -> with(t, t.seq(), t.slot(), 1, 0, t.to(), t.cause()));
    assertSeen("the generation was 1");
  }

  @Test
  void aSlotThatIsNotTheLowestFree() {
    forge(find(Cause.REGISTERED), t -> with(t, t.seq(), 3, 1, 0, t.to(), t.cause()));
    assertSeen("slot 0 is free and lower");
  }

  @Test
  void aRunUnderAnotherNumber() {
    forge(find(Cause.LAUNCH), t -> with(t, t.seq(), t.slot(), 1, 77, t.to(), t.cause()));
    assertSeen("not 77");
  }

  @Test
  void aRestartBeforeItsTime() {
    long at = journal.get(find(Cause.EXIT)).at() + 4_900;
    int restart = find(Cause.RESTART_TIMER);
    for (int n = restart; n < journal.size(); n++) {
      forge(n, t -> says(t, at, t.ready(), t.terminate(), t.starts(), t.exit()));
    }
    assertSeen("it waited 4900 of 5000 ms");
  }

  @Test
  void aTerminationThatIsForgottenAndOneThatStartsAgain() {
    int end = find(t -> t.terminate() && t.to() == WorkerState.FREE);
    forge(end, t -> says(t, t.at(), false, false, t.starts(), t.exit()));
    assertSeen("its termination is forgotten");
    forge(find(Cause.LAUNCH), t -> says(t, t.at(), false, true, t.starts(), t.exit()));
    assertSeen("its termination was asked for");
  }

  @Test
  void startsThatAreNotCountedAndAnExitFromNowhere() {
    forge(find(Cause.RESTART_TIMER), t -> says(t, t.at(), false, false, 1, t.exit()));
    assertSeen("starts were 1");
    forge(find(Cause.STARTED), t -> says(t, t.at(), true, false, 1, Exit.FAILED));
    assertSeen("its exit is FAILED");
  }

  @Test
  void oneThatIsReadyWithoutRunningAndOneThatHasCompletedAndWaits() {
    forge(find(Cause.LAUNCH), t -> says(t, t.at(), true, false, 1, t.exit()));
    assertSeen("it is ready without running");
    int back = find(t -> t.to() == WorkerState.BACKOFF);
    forge(back, t -> says(t, t.at(), false, false, 1, Exit.COMPLETED));
    assertSeen("it has completed");
  }

  @Test
  void somebodyWhoIsRegisteredAfterTheGateClosed() {
    int gate = find(Cause.SHUTDOWN_BEGIN);
    Transition first = journal.get(find(Cause.REGISTERED));
    journal.subList(gate + 1, journal.size()).clear();
    long seq = journal.get(gate).seq() + 1;
    journal.add(with(first, seq, 40, 1, 0, WorkerState.REGISTERED, Cause.REGISTERED));
    assertSeen("the gate was closed");
  }

  @Test
  void aCycleWithoutABeginningAPhaseThatGoesBackAndAnEndWithRuns() {
    journal.remove(find(Cause.CRASH_BEGIN));
    assertSeen("nothing was reset");
    forge(find(Cause.PHASE), t -> with(t, t.seq(), -1, 0, 0, Phase.STARTUP, Cause.PHASE));
    assertSeen("it goes back");
    journal.removeIf(t -> t.from() == WorkerState.STOPPING);
    assertSeen("is STOPPING");
  }

  @Test
  void whatAnEarlierLifeLeftAndNobodyFreed() {
    journal.removeIf(t -> t.seq() > find(Cause.STARTED) + 1);
    Transition opened = journal.get(0);
    long seq = journal.size() + 1;
    journal.add(with(opened, seq, -1, 0, 0, Phase.RUN, Cause.OPENED));
    Transition first = journal.get(find(Cause.REGISTERED));
    journal.add(with(first, seq + 1, 1, 1, 0, WorkerState.REGISTERED, Cause.REGISTERED));
    assertSeen("slots that an earlier life left are not free yet");
  }

  /** What the next life writes of a slot that a kill left; it knows of no termination. */
  private static Transition orphaned(Transition left, long seq) {
    return new Transition(
        seq,
        left.at(),
        left.slot(),
        left.generation(),
        left.runId(),
        left.name(),
        left.type(),
        false,
        left.to(),
        WorkerState.FREE,
        Cause.ORPHANED,
        false,
        false,
        left.starts(),
        0,
        -1,
        Exit.NONE,
        Transition.NO_CODE,
        "",
        By.POSTMASTER);
  }

  @Test
  void aKillAfterAnyRecordAndTheLifeAfterItAreLegal() {
    for (int killed = 1; killed <= journal.size(); killed++) {
      List<Transition> lives = new ArrayList<>(journal.subList(0, killed));
      Map<Integer, Transition> lasts = new TreeMap<>();
      lives.stream().filter(t -> !t.own()).forEach(t -> lasts.put(t.slot(), t));
      lives.add(with(journal.get(0), killed + 1, -1, 0, 0, Phase.CONSISTENT, Cause.OPENED));
      lasts.values().stream()
          .filter(t -> t.to() != WorkerState.FREE)
          .forEach(t -> lives.add(orphaned(t, lives.size() + 1)));
      for (int from = 0; from < lives.size(); from++) {
        assertEquals(List.of(), violations(lives.subList(from, lives.size())));
      }
    }
  }

  /** As they come back out of a file, where texts are cut. */
  private static List<Transition> recorded(List<Transition> records) {
    Ring ring = new Ring(64, new byte[16], 0, 0);
    Entry entry = new Entry();
    List<Transition> read = new ArrayList<>();
    for (Transition t : records) {
      Records.fill(entry, t);
      ring.append(entry);
      assertEquals(RingReader.Result.OK, ring.reader().read(t.seq(), entry));
      read.add(Records.transition(entry, entry.name, entry.type, entry.nameCut || entry.typeCut));
    }
    return read;
  }

  @Test
  void twoDomainsWhoseNamesAreTheSameWhereTheyAreCut() {
    CoreRig rig = CoreRig.started();
    for (String domain : List.of("d".repeat(70) + 1, "d".repeat(70) + 2)) {
      Handle busy = rig.running(worker("busy").shared().domain(domain));
      rig.crash(rig.running(worker("crashed").shared().domain(domain)));
      assertEquals(WorkerState.STOPPING, rig.state(busy));
    }
    journal = new ArrayList<>(rig.effects.records());
    assertEquals(2, journal.stream().filter(t -> t.cause() == Cause.CRASH_BEGIN).count());

    assertEquals(List.of(), violations(recorded(journal)));
  }

  @Test
  void aPhaseAndAModeThatAreNone() {
    forge(find(Cause.PHASE), t -> with(t, t.seq(), -1, 0, 0, null, Cause.PHASE));
    assertSeen("it goes back");
    int gate = find(Cause.SHUTDOWN_BEGIN);
    forge(gate, t -> with(t, t.seq(), -1, 0, 0, null, Cause.SHUTDOWN_BEGIN));
    assertSeen("the mode was null");
  }

  @Test
  void oneLineForASlotFarAboveTheLowest() {
    forge(find(Cause.REGISTERED), t -> with(t, t.seq(), 262_142, 1, 0, t.to(), t.cause()));
    assertEquals(
        1, violations(journal).stream().filter(text -> text.contains("free and lower")).count());
  }

  /** The same out of a real file. */
  private static Inspection inspected(Path directory, Consumer<Ring> writer) throws Exception {
    Geometry size = Geometry.of(64, 8);
    try (Journal file = Journal.open(directory, "j", size, () -> new byte[16])) {
      writer.accept(file.ring());
    }
    Path path = directory.resolve("j.journal");
    return Inspection.of(path, Integer.MAX_VALUE, OptionalInt.empty());
  }

  @Test
  void aClockThatWasSetBackALittleIsNothingAgainstAFile(@TempDir Path directory) throws Exception {
    aRestartBeforeItsTime();
    Inspection read =
        inspected(
            directory,
            ring -> {
              Entry entry = new Entry();
              for (Transition t : journal) {
                Records.fill(entry, t);
                ring.append(entry);
              }
            });

    assertEquals(List.of(), read.damages());
    assertEquals(List.of(), Witness.of(read));
  }

  @Test
  void aRecordThatNobodyUnderstandsIsNamed(@TempDir Path directory) throws Exception {
    Inspection read =
        inspected(
            directory,
            ring -> {
              Entry entry = new Entry();
              entry.slot = -1;
              entry.cause = 99;
              ring.append(entry);
            });

    assertEquals(List.of(), read.damages());
    assertEquals(List.of("record 1: nothing is known of what it says"), Witness.of(read));
  }
}
