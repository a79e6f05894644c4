package dev.postmaster.support;

import dev.postmaster.Phase;
import dev.postmaster.WorkerTerms;
import dev.postmaster.core.Past;
import dev.postmaster.core.SupervisorOptions;
import java.time.Duration;
import java.util.function.Consumer;

/** Options of a core under test: the contract's defaults, and what the test changes of them. */
public final class CoreSetup {

  /** Of every core under test. */
  public static final String EPOCH = "01JDA3CNTRACT0TESTS0EPC0H7";

  private int workers = 8;
  private int threads = 1_024;
  private int parallel = 8;
  private long headSeq;
  private Past past = Past.NONE;
  private boolean virtualThreads = true;
  private boolean uniqueNames;
  private boolean restartAfterCrash = true;
  private int crashCycles = 3;
  private Duration shutdownTimeout = Duration.ofSeconds(30);
  private Phase phase = Phase.RUN;
  private Consumer<WorkerTerms> entryPoints = terms -> {};

  public CoreSetup workers(int value) {
    workers = value;
    return this;
  }

  public CoreSetup threads(int value) {
    threads = value;
    return this;
  }

  public CoreSetup parallel(int value) {
    parallel = value;
    return this;
  }

  public CoreSetup headSeq(long value) {
    headSeq = value;
    return this;
  }

  /** What an earlier life of the epoch left. */
  public CoreSetup past(Past value) {
    past = value;
    return this;
  }

  public CoreSetup noVirtualThreads() {
    virtualThreads = false;
    return this;
  }

  public CoreSetup uniqueNames() {
    uniqueNames = true;
    return this;
  }

  public CoreSetup noRestartAfterCrash() {
    restartAfterCrash = false;
    return this;
  }

  public CoreSetup crashLimit(int cycles) {
    crashCycles = cycles;
    return this;
  }

  public CoreSetup shutdownTimeout(Duration value) {
    shutdownTimeout = value;
    return this;
  }

  public CoreSetup phase(Phase value) {
    phase = value;
    return this;
  }

  public CoreSetup entryPoints(Consumer<WorkerTerms> value) {
    entryPoints = value;
    return this;
  }

  SupervisorOptions options() {
    return new SupervisorOptions(
        EPOCH,
        headSeq,
        past,
        workers,
        threads,
        parallel,
        uniqueNames,
        restartAfterCrash,
        crashCycles,
        Duration.ofMinutes(10).toNanos(),
        shutdownTimeout.toNanos(),
        phase,
        virtualThreads,
        entryPoints);
  }

  /** A core that has started. */
  public CoreRig started() {
    CoreRig rig = notStarted();
    rig.start();
    return rig;
  }

  /** A core that still takes static registrations. */
  public CoreRig notStarted() {
    return new CoreRig(options());
  }
}
