package dev.postmaster.journal;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * Writer and readers of a ring of two records and one slot, on real processors.
 *
 * <p>What a reader came to is a number: 0 nothing there, 1 whole, 2 lapped or being written, 3
 * corrupt, 4 whole and of another number.
 *
 * <p>The controls leave something out that x86 shows: interesting outcomes there say that the tests
 * can fail. What only weaker processors show (a fence of the writer or of the reader, a release)
 * these cannot; {@code PublishModelTest} has it as a model.
 */
public final class JournalStress {

  private JournalStress() {}

  static Ring ring(Words words) {
    return new Ring(words, StressMemory.GEOMETRY, 1, 0, 1);
  }

  static void append(Ring ring, int sequence) {
    Entry entry = new Entry();
    entry.timeNs = sequence;
    entry.message = "message " + sequence;
    ring.append(entry);
  }

  static void mirror(Ring ring, int sequence) {
    SlotEntry slot = new SlotEntry();
    slot.sequence = sequence;
    slot.detail = "detail " + sequence;
    ring.mirror(slot, true);
  }

  static int read(Ring ring, int sequence) {
    Entry into = new Entry();
    return switch (ring.reader().read(sequence, into)) {
      case EMPTY -> 0;
      case OK -> into.timeNs == sequence && into.message.equals("message " + sequence) ? 1 : 4;
      case LAPPED -> 2;
      case CORRUPT -> 3;
    };
  }

  static int slot(Ring ring, SlotEntry into) {
    return switch (ring.reader().slot(0, into)) {
      case EMPTY -> 0;
      case OK -> into.detail.equals("detail " + into.sequence) ? 1 : 4;
      case LAPPED -> 2;
      case CORRUPT -> 3;
    };
  }

  /** A record is published while it is asked for. */
  @JCStressTest
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "not there yet")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "whole")
  @Outcome(expect = FORBIDDEN)
  @State
  public static class PublishAndRead {

    private final Ring ring = ring(StressMemory.next());

    /** Publishes. */
    @Actor
    public void writer() {
      append(ring, 1);
    }

    /** Reads. */
    @Actor
    public void reader(I_Result result) {
      result.r1 = read(ring, 1);
    }
  }

  /** A record is overwritten while it is read. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "whole")
  @Outcome(id = "2", expect = ACCEPTABLE, desc = "lapped")
  @Outcome(expect = FORBIDDEN)
  @State
  public static class LapWhileReading {

    private final Ring ring = ring(StressMemory.next());

    /** One record is there. */
    public LapWhileReading() {
      append(ring, 1);
    }

    /** Overwrites it. */
    @Actor
    public void writer() {
      append(ring, 2);
      append(ring, 3);
    }

    /** Reads. */
    @Actor
    public void reader(I_Result result) {
      result.r1 = read(ring, 1);
    }
  }

  /** A slot is written again while it is read. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "whole")
  @Outcome(id = "2", expect = ACCEPTABLE, desc = "being written")
  @Outcome(expect = FORBIDDEN)
  @State
  public static class SlotWhileWritten {

    private final Ring ring = ring(StressMemory.next());

    /** It was in use. */
    public SlotWhileWritten() {
      mirror(ring, 1);
    }

    /** Writes it again. */
    @Actor
    public void writer() {
      mirror(ring, 2);
    }

    /** Reads. */
    @Actor
    public void reader(I_Result result) {
      result.r1 = slot(ring, new SlotEntry());
    }
  }

  /** A slot never names a record that cannot be read. */
  @JCStressTest
  @Outcome(id = "[02], -1", expect = ACCEPTABLE, desc = "no slot yet")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "slot and record")
  @Outcome(expect = FORBIDDEN)
  @State
  public static class MirrorBehindRecord {

    private final Ring ring = ring(StressMemory.next());

    /** An edge, as the postmaster writes it. */
    @Actor
    public void writer() {
      append(ring, 1);
      mirror(ring, 1);
    }

    /** Reads the slot, then the record that it names. */
    @Actor
    public void reader(II_Result result) {
      SlotEntry slot = new SlotEntry();
      result.r1 = slot(ring, slot);
      result.r2 = result.r1 == 1 ? read(ring, (int) slot.sequence) : -1;
    }
  }

  /** Control: a reader that does not look at the stamp again. */
  @JCStressTest
  @Outcome(id = "[12]", expect = ACCEPTABLE, desc = "whole, or lapped")
  @Outcome(id = "3", expect = ACCEPTABLE_INTERESTING, desc = "torn: the control works")
  @Outcome(expect = FORBIDDEN)
  @State
  public static class ControlOneLook {

    private final Words words = StressMemory.next();
    private final Ring ring = ring(words);
    private final Ring careless = ring(StressMemory.oneLook(words));

    /** One record is there. */
    public ControlOneLook() {
      append(ring, 1);
    }

    /** Overwrites it. */
    @Actor
    public void writer() {
      append(ring, 2);
      append(ring, 3);
    }

    /** Reads. */
    @Actor
    public void reader(I_Result result) {
      result.r1 = read(careless, 1);
    }
  }

  /** Control: a writer that does not mark what it overwrites. */
  @JCStressTest
  @Outcome(id = "[12]", expect = ACCEPTABLE, desc = "whole, or lapped")
  @Outcome(id = "3", expect = ACCEPTABLE_INTERESTING, desc = "torn: the control works")
  @Outcome(expect = FORBIDDEN)
  @State
  public static class ControlNoMark {

    private final Words words = StressMemory.next();
    private final Ring ring = ring(StressMemory.noMark(words));

    /** One record is there. */
    public ControlNoMark() {
      append(ring, 1);
    }

    /** Overwrites it. */
    @Actor
    public void writer() {
      append(ring, 2);
      append(ring, 3);
    }

    /** Reads. */
    @Actor
    public void reader(I_Result result) {
      result.r1 = read(ring, 1);
    }
  }

  /** Control: a head that is published before its record. */
  @JCStressTest
  @Outcome(id = "[01]", expect = ACCEPTABLE, desc = "not there yet, or whole")
  @Outcome(id = "3", expect = ACCEPTABLE_INTERESTING, desc = "missed: the control works")
  @Outcome(expect = FORBIDDEN)
  @State
  public static class ControlHeadFirst {

    private final Words words = StressMemory.next();
    private final Ring ring = ring(words);

    /** Publishes in the wrong order. */
    @Actor
    public void writer() {
      words.setRelease(Layout.C_HEAD, 1);
      append(ring, 1);
    }

    /** Reads. */
    @Actor
    public void reader(I_Result result) {
      result.r1 = read(ring, 1);
    }
  }
}
