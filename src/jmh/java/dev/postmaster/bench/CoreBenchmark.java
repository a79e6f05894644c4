package dev.postmaster.bench;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.Phase;
import dev.postmaster.Signal;
import dev.postmaster.Transition;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerStatus;
import dev.postmaster.WorkerTerms;
import dev.postmaster.core.Effects;
import dev.postmaster.core.End;
import dev.postmaster.core.Past;
import dev.postmaster.core.Run;
import dev.postmaster.core.Supervisor;
import dev.postmaster.core.SupervisorOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * The core alone: one whole life of a worker, and one failure with its restart, beside so many
 * others that are registered and running.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 3, jvmArgs = "-Xmx4g")
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class CoreBenchmark {

  private static final long RESTART_NS = TimeUnit.SECONDS.toNanos(5);

  /** How many are registered besides. */
  @Param({"10", "100000"})
  public int registered;

  private final WorkerTerms terms =
      WorkerSpec.of("w", () -> context -> {}).restartAfter(Duration.ofSeconds(5)).terms();
  private final Launches launches = new Launches();
  private Supervisor core;
  private Run restarted;
  private long now;

  /** Runs this class alone. */
  public static void main(String[] args) throws Exception {
    new Runner(new OptionsBuilder().include(CoreBenchmark.class.getSimpleName()).build()).run();
  }

  /** Registers the others. */
  @Setup
  public void setUp() {
    core =
        new Supervisor(
            new SupervisorOptions(
                "0123456789ABCDEFGHJKMNPQRS",
                0,
                Past.NONE,
                100_064,
                100_064,
                8,
                false,
                true,
                3,
                TimeUnit.MINUTES.toNanos(10),
                TimeUnit.SECONDS.toNanos(30),
                Phase.RUN,
                true,
                any -> {}),
            launches);
    core.open("", now);
    core.start(now);
    for (int n = 0; n < registered; n++) {
      core.register(terms, By.CODE, now);
      core.started(launches.last, now);
    }
    core.register(terms, By.CODE, now);
    core.started(launches.last, now);
    restarted = launches.last;
  }

  /** Register, launch, started, gone. */
  @Benchmark
  public long life() {
    now += 1_000;
    core.register(terms, By.CODE, now);
    Run run = launches.last;
    core.started(run, now);
    core.gone(run, End.returned(), now);
    return core.seq();
  }

  /** Failed, restart due, launch, started. */
  @Benchmark
  public long restart() {
    core.gone(restarted, End.threw("boom"), now);
    now += RESTART_NS;
    core.wake(now);
    restarted = launches.last;
    core.started(restarted, now);
    return core.seq();
  }

  private static final class Launches implements Effects {

    Run last;

    @Override
    public void launch(Run run) {
      last = run;
    }

    @Override
    public void record(Transition transition) {}

    @Override
    public void changed(int slot) {}

    @Override
    public void tell(Run run, Cause reason) {}

    @Override
    public void signal(Run run, Signal signal) {}

    @Override
    public void interrupt(Run run) {}

    @Override
    public void abandon(Run run) {}

    @Override
    public void answer(Object waiter, Optional<ErrorCode> failure, WorkerStatus status) {}

    @Override
    public void notify(String address, WorkerStatus status) {}

    @Override
    public void resetDomain(String domain) {}

    @Override
    public void again() {}

    @Override
    public void ended(boolean abnormal) {}
  }
}
