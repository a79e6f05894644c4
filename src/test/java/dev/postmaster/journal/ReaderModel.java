package dev.postmaster.journal;

import dev.postmaster.journal.RecordedWords.Op;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A reader as one or two programs of loads, and what {@link RingReader} makes of what they loaded.
 *
 * <p>Its state is a number: which program, and for each of its loads 0, or 1 and which of the
 * stores to that place it saw.
 */
final class ReaderModel {

  static final int DONE = 0;

  private static final int LOAD_BITS = 4;
  private static final int PROGRAM_SHIFT = 24;
  private static final int SLOT = 5;

  /** What a program came to: an outcome, or the program that goes on; both empty: not yet. */
  private record Step(String outcome, int goesOn) {}

  private static final Step NOT_YET = new Step("", -1);

  /** The program asks for a load that was not done. */
  private static final class NotLoaded extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Answers with what was loaded, in the order of the program. */
  private static final class Loaded extends WordByWord {

    private final Program program;
    private final Map<String, List<Op>> stores;
    private final int state;
    private int at = -1;

    Loaded(Program program, Map<String, List<Op>> stores, int state) {
      super(0);
      this.program = program;
      this.stores = stores;
      this.state = state;
    }

    @Override
    long getOpaque(int offset) {
      String place = RecordedWords.place(offset);
      boolean isNext = at < 0 || !program.ops.get(at).values().containsKey(offset);
      boolean isWhole = at >= 0 && (place.equals("head") || place.startsWith("stamp"));
      at += isNext || isWhole ? 1 : 0;
      if (!program.ops.get(at).place().equals(place)) {
        throw new AssertionError(place + " is read where the recorded program has another place");
      }
      int seen = seen(state, at);
      if (seen == 0) {
        throw new NotLoaded();
      }
      return seen == 1 ? 0 : stores.get(place).get(seen - 2).values().get(offset);
    }

    @Override
    long getAcquire(int offset) {
      return getOpaque(offset);
    }
  }

  /** Loads without fences; for each the loads that must be done before it. */
  private static final class Program {

    final List<Op> ops;
    final int[] before;

    Program(List<Op> recorded) {
      ops = recorded.stream().filter(op -> op.kind() != RecordedWords.Kind.FENCE).toList();
      before = PublishModel.order(recorded);
    }
  }

  private final Program[] programs = new Program[SLOT + 1];
  private final int start;
  private final Map<Integer, Step> known = new HashMap<>();

  private ReaderModel(int start) {
    this.start = start << PROGRAM_SHIFT;
  }

  static Entry entry(long sequence) {
    Entry entry = new Entry();
    entry.timeNs = sequence;
    entry.message = "message " + sequence;
    return entry;
  }

  static SlotEntry slot(long sequence) {
    SlotEntry slot = new SlotEntry();
    slot.sequence = sequence;
    slot.detail = "detail " + sequence;
    return slot;
  }

  /** Asks for one record. */
  static ReaderModel record(int sequence, UnaryOperator<List<Op>> change) {
    ReaderModel reader = new ReaderModel(sequence);
    reader.programs[sequence] = new Program(change.apply(recorded(sequence, sequence)));
    return reader;
  }

  /** Reads the slot, then the record that it names. */
  static ReaderModel slotThenRecord() {
    ReaderModel reader = new ReaderModel(SLOT);
    reader.programs[SLOT] = new Program(recorded(1, SLOT));
    for (int sequence = 1; sequence < SLOT - 1; sequence++) {
      reader.programs[sequence] = new Program(recorded(sequence, sequence));
    }
    return reader;
  }

  /** What the reader does where nobody writes, and all is there. */
  private static List<Op> recorded(int records, int program) {
    RecordedWords words = new RecordedWords();
    Ring ring = new Ring(words, RecordedWords.GEOMETRY, 1, 0, 1);
    for (int n = 1; n <= records; n++) {
      ring.append(entry(n));
      ring.mirror(slot(n), true);
    }
    words.forget();
    read(ring, program);
    return words.loads();
  }

  private static String read(Ring ring, int program) {
    if (program == SLOT) {
      SlotEntry into = new SlotEntry();
      RingReader.Result result = ring.reader().slot(0, into);
      boolean isRight = into.detail.equals("detail " + into.sequence);
      return result != RingReader.Result.OK
          ? "slot " + result
          : isRight ? "" + into.sequence : "slot wrong";
    }
    Entry into = new Entry();
    RingReader.Result result = ring.reader().read(program, into);
    boolean isRight = into.message.equals("message " + program) && into.timeNs == program;
    return program + " " + (result == RingReader.Result.OK && !isRight ? "wrong" : result);
  }

  List<String> names() {
    return PublishModel.names(recorded(start >> PROGRAM_SHIFT, start >> PROGRAM_SHIFT));
  }

  int start() {
    return start;
  }

  int loads(int state) {
    return programs[state >> PROGRAM_SHIFT].ops.size();
  }

  String place(int state, int load) {
    return programs[state >> PROGRAM_SHIFT].ops.get(load).place();
  }

  static int seen(int state, int load) {
    return state >> load * LOAD_BITS & (1 << LOAD_BITS) - 1;
  }

  /** Whether the load is open, and all that must be done before it is. */
  boolean isPossible(int state, int load) {
    int before = programs[state >> PROGRAM_SHIFT].before[load];
    for (int other = 0; other < load; other++) {
      if ((before >> other & 1) != 0 && seen(state, other) == 0) {
        return false;
      }
    }
    return seen(state, load) == 0;
  }

  /**
   * The state after a load.
   *
   * @param version how many of the stores to that place were visible
   */
  int loaded(int state, int load, int version, PublishModel model) {
    int next = state | version + 1 << load * LOAD_BITS;
    Step step = known.computeIfAbsent(next, unknown -> step(next, model.stores()));
    if (step == NOT_YET) {
      return next;
    }
    if (step.goesOn > 0) {
      return step.goesOn << PROGRAM_SHIFT;
    }
    model.cameTo(step.outcome);
    return DONE;
  }

  private Step step(int state, Map<String, List<Op>> stores) {
    int program = state >> PROGRAM_SHIFT;
    Words words = new Loaded(programs[program], stores, state);
    try {
      String outcome = read(new Ring(words, RecordedWords.GEOMETRY, 1, 0, 1), program);
      boolean isAfterSlot = start >> PROGRAM_SHIFT == SLOT && program != SLOT;
      return outcome.length() == 1
          ? new Step("", Integer.parseInt(outcome))
          : new Step((isAfterSlot ? "slot " + program + ", " : "") + outcome, -1);
    } catch (NotLoaded open) {
      return NOT_YET;
    }
  }
}
