package dev.postmaster.core;

import dev.postmaster.Flag;
import dev.postmaster.Phase;
import dev.postmaster.Readiness;
import dev.postmaster.StartTime;
import dev.postmaster.Threading;
import dev.postmaster.WorkerFactory;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerTerms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/** Draws limits and kinds of workers for a random history. */
final class HistorySetup {

  private static final int FEW_SLOTS = 8;
  private static final int SLOTS_MAX = 64;
  private static final List<String> NAMES = List.of("a", "b", "c", "d");
  private static final int[] TIMES_MS = {0, 100, 1_000, 3_000};

  private final SplittableRandom random;

  private HistorySetup(long seed) {
    random = new SplittableRandom(seed);
  }

  static TraceSetup of(long seed) {
    return new HistorySetup(seed).draw(seed);
  }

  /** The same with a journal, and viewers that read it. */
  static TraceSetup watched(long seed) {
    TraceSetup setup = of(seed);
    return new TraceSetup(
        "HistorySetup.watched(" + seed + ")",
        setup.options(),
        setup.kinds(),
        setup.staticKinds(),
        OptionalLong.of(seed));
  }

  private TraceSetup draw(long seed) {
    // Few slots meet more often; many show what is counted and queued.
    int slots = 1 + random.nextInt(random.nextInt(8) == 0 ? SLOTS_MAX : FEW_SLOTS);
    Phase phase = random.nextInt(3) == 0 ? pick(List.of(Phase.values())) : Phase.RUN;
    SupervisorOptions options =
        new SupervisorOptions(
            TraceSetup.EPOCH,
            random.nextInt(1_000),
            Past.NONE,
            slots,
            1 + random.nextInt(slots),
            random.nextInt(4),
            random.nextInt(4) == 0,
            random.nextInt(10) > 0,
            random.nextInt(4),
            (2_000 + random.nextInt(8_000)) * TraceSetup.MS,
            (1_000 + random.nextInt(9_000)) * TraceSetup.MS,
            phase,
            true,
            terms -> {});
    List<WorkerTerms> kinds = new ArrayList<>();
    int count = 3 + random.nextInt(6);
    for (int i = 0; i < count; i++) {
      kinds.add(kind());
    }
    return new TraceSetup("HistorySetup.of(" + seed + ")", options, kinds, random.nextInt(3));
  }

  private WorkerTerms kind() {
    WorkerSpec spec =
        WorkerSpec.of(pick(NAMES), "library", "function")
            .type(random.nextBoolean() ? "t" : "")
            .restartAfter(time())
            .startTimeout(time().plusMillis(500))
            .stop(time(), time())
            .domain(random.nextInt(3) == 0 ? "other" : "main");
    if (random.nextInt(3) == 0) {
      spec = spec.notify("n");
    }
    if (random.nextInt(3) == 0) {
      spec = spec.threading(Threading.EVENT_LOOP);
    }
    if (random.nextInt(3) == 0) {
      spec = spec.startAt(pick(List.of(StartTime.values())));
    }
    spec =
        switch (random.nextInt(4)) {
          case 0 -> spec.ready(Readiness.SAID);
          case 1 -> spec.ready(Readiness.after(time()));
          default -> spec;
        };
    spec =
        switch (random.nextInt(6)) {
          case 0 -> spec.neverRestart();
          case 1 -> spec.flags(Flag.PARALLEL).neverRestart();
          case 2 -> spec.flags(Flag.PARALLEL, Flag.SHARED_MEMORY).neverRestart();
          case 3, 4 -> spec.flags(Flag.SHARED_MEMORY);
          default -> spec;
        };
    spec =
        switch (random.nextInt(6)) {
          case 0 -> spec.requires(pick(NAMES));
          case 1 -> spec.after(pick(NAMES));
          case 2 -> spec.requires(pick(NAMES)).after(pick(NAMES));
          default -> spec;
        };
    return random.nextInt(4) == 0 ? verticle(spec) : spec.terms();
  }

  /** One that Vert.x knows, on whatever threads. */
  private static WorkerTerms verticle(WorkerSpec spec) {
    return spec.terms(Optional.of(new WorkerFactory.Verticle(() -> null)));
  }

  private Duration time() {
    return Duration.ofMillis(TIMES_MS[random.nextInt(TIMES_MS.length)]);
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
