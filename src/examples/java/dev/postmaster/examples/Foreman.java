package dev.postmaster.examples;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.Flag;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;

/** A worker that has others do its work: it registers them, waits for them, adds up. */
public final class Foreman implements BackgroundWorker {

  private final int parts;
  private final long limit;
  private final LongConsumer result;

  /** Sums up the numbers below the limit, in so many parts at a time. */
  public Foreman(int parts, long limit, LongConsumer result) {
    this.parts = parts;
    this.limit = limit;
    this.result = result;
  }

  @Override
  public void run(WorkerContext context) throws Exception {
    Map<String, Long> sums = new ConcurrentHashMap<>();
    List<WorkerHandle> workers = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      WorkerHandle worker = context.await(context.postmaster().register(part(part, sums)));
      context.closeAtEnd(worker::terminate); // nobody works on when the foreman has left
      workers.add(worker);
    }
    for (WorkerHandle worker : workers) {
      context.await(worker.awaitGone());
    }
    if (sums.size() < parts) {
      throw context.exit(1, "only these have done their part: " + sums.keySet());
    }
    result.accept(sums.values().stream().mapToLong(Long::longValue).sum());
  }

  private WorkerSpec part(int part, Map<String, Long> sums) {
    BackgroundWorker main =
        context -> {
          long sum = 0;
          for (long number = part; number < limit; number += parts) {
            sum += number;
          }
          sums.put(context.name(), sum);
        };
    return WorkerSpec.of("part-" + part, () -> main).type("part").flags(Flag.PARALLEL);
  }
}
