package dev.postmaster.support;

import dev.postmaster.Flag;
import dev.postmaster.Readiness;
import dev.postmaster.StartTime;
import dev.postmaster.Threading;
import dev.postmaster.WorkerTerms;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Builds {@link WorkerTerms}; what a test does not say has the default of contract §2. */
public final class Terms {

  private final String name;
  private String type = "";
  private Set<Flag> flags = Set.of();
  private StartTime start = StartTime.RECOVERY_FINISHED;
  private Duration restart = Duration.ofSeconds(5);
  private String notify = "";
  private Threading threading = Threading.WORKER;
  private boolean verticle;
  private String domain = "main";
  private Readiness ready = Readiness.AT_ONCE;
  private Duration startTimeout = Duration.ofSeconds(60);
  private Duration grace = Duration.ofSeconds(10);
  private Duration force = Duration.ofSeconds(5);
  private List<String> requires = List.of();
  private List<String> after = List.of();

  private Terms(String name) {
    this.name = name;
  }

  public static Terms worker(String name) {
    return new Terms(name);
  }

  public Terms type(String value) {
    type = value;
    return this;
  }

  public Terms flags(Flag... values) {
    flags = values.length == 0 ? Set.of() : EnumSet.of(values[0], values);
    return this;
  }

  /** With SHARED_MEMORY: a crash of it is a crash cycle. */
  public Terms shared() {
    return flags(Flag.SHARED_MEMORY);
  }

  /** With PARALLEL, and therefore never restarted. */
  public Terms parallel() {
    return flags(Flag.PARALLEL).never();
  }

  public Terms startAt(StartTime value) {
    start = value;
    return this;
  }

  public Terms restart(Duration value) {
    restart = value;
    return this;
  }

  public Terms restart(long seconds) {
    return restart(Duration.ofSeconds(seconds));
  }

  public Terms never() {
    return restart(WorkerTerms.NEVER);
  }

  public Terms notify(String address) {
    notify = address;
    return this;
  }

  public Terms threading(Threading value) {
    threading = value;
    return this;
  }

  /** A verticle on an event loop. */
  public Terms verticle() {
    verticle = true;
    return threading(Threading.EVENT_LOOP);
  }

  public Terms domain(String value) {
    domain = value;
    return this;
  }

  public Terms ready(Readiness value) {
    ready = value;
    return this;
  }

  public Terms startTimeout(Duration value) {
    startTimeout = value;
    return this;
  }

  public Terms grace(Duration value) {
    grace = value;
    return this;
  }

  public Terms force(Duration value) {
    force = value;
    return this;
  }

  public Terms stop(long graceSeconds, long forceSeconds) {
    return grace(Duration.ofSeconds(graceSeconds)).force(Duration.ofSeconds(forceSeconds));
  }

  public Terms requires(String... names) {
    requires = List.of(names);
    return this;
  }

  public Terms after(String... names) {
    after = List.of(names);
    return this;
  }

  public WorkerTerms build() {
    return new WorkerTerms(
        name,
        type,
        "",
        "",
        flags,
        start,
        restart,
        notify,
        threading,
        verticle,
        domain,
        ready,
        startTimeout,
        grace,
        force,
        false,
        requires,
        after);
  }
}
