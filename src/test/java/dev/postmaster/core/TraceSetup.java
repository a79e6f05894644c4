package dev.postmaster.core;

import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.Target;
import dev.postmaster.WorkerTerms;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a history is played on.
 *
 * @param name the expression that gives it again, for a test to be pasted
 * @param kinds what can be registered, by number
 * @param staticKinds how many of them are registered before the start
 * @param watched the seed of a journal and its readers; empty without
 */
record TraceSetup(
    String name,
    SupervisorOptions options,
    List<WorkerTerms> kinds,
    int staticKinds,
    OptionalLong watched) {

  TraceSetup(String name, SupervisorOptions options, List<WorkerTerms> kinds, int staticKinds) {
    this(name, options, kinds, staticKinds, OptionalLong.empty());
  }

  static final String EPOCH = "01JDA3AAAAAAAAAAAAAAAAAAAA";
  static final long MS = 1_000_000;

  /** The targets that are not workers: all, a type, two domains. */
  static final int WIDE_TARGETS = 4;

  /** As by default, with limits that histories of a few seconds reach. */
  static SupervisorOptions options(int slots, Phase phase) {
    return options(slots, slots, 2, 2, phase);
  }

  static SupervisorOptions options(
      int slots, int threads, int parallel, int crashCycles, Phase phase) {
    return new SupervisorOptions(
        EPOCH,
        0,
        Past.NONE,
        slots,
        threads,
        parallel,
        false,
        true,
        crashCycles,
        2_000 * MS,
        5_000 * MS,
        phase,
        true,
        terms -> {});
  }

  Target target(int number, TraceSlot[] slots) {
    return switch (number) {
      case 0 -> Target.all();
      case 1 -> Target.type(kinds.get(0).type());
      case 2 -> Target.domain("main");
      case 3 -> Target.domain("other");
      default -> {
        TraceSlot slot = slots[(number - WIDE_TARGETS) % slots.length];
        yield Target.of(new Handle(EPOCH, slot.index, slot.generation));
      }
    };
  }
}
