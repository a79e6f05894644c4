package dev.postmaster.support;

import dev.postmaster.By;
import dev.postmaster.ErrorCode;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.PostmasterException;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.core.AwaitFor;
import dev.postmaster.core.End;
import dev.postmaster.core.Run;
import dev.postmaster.core.Supervisor;
import dev.postmaster.core.SupervisorOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A real core on a clock that the test turns. The test plays the hosts of the runs: it says when a
 * main is entered and how it ends.
 */
public final class CoreRig {

  public final RecordingEffects effects = new RecordingEffects();
  public final Supervisor core;
  private final List<Handle> handles = new ArrayList<>();
  private long now = Duration.ofHours(1).toNanos();

  CoreRig(SupervisorOptions options) {
    core = new Supervisor(options, effects);
  }

  /** With the contract's defaults, started. */
  public static CoreRig started() {
    return new CoreSetup().started();
  }

  public static CoreSetup with() {
    return new CoreSetup();
  }

  public long now() {
    return now;
  }

  // ---- registrants

  public void start() {
    core.start(now);
  }

  public Handle registerStatic(Terms terms) {
    return keep(core.registerStatic(terms.build(), now));
  }

  public Handle register(Terms terms) {
    return keep(core.register(terms.build(), By.CODE, now));
  }

  private Handle keep(Handle handle) {
    handles.add(handle);
    return handle;
  }

  /** Registers, and enters main. */
  public Handle running(Terms terms) {
    Handle handle = register(terms);
    begin(handle);
    return handle;
  }

  /** What a request is refused with. */
  public static PostmasterException refusal(Runnable request) {
    try {
      request.run();
    } catch (PostmasterException refused) {
      return refused;
    }
    throw new AssertionError("the request was not refused");
  }

  public PostmasterException refused(Terms terms) {
    return refusal(() -> register(terms));
  }

  public WorkerState terminate(Handle handle) {
    return core.terminate(handle, By.CODE, now);
  }

  public ShutdownMode shutdown(ShutdownMode mode) {
    return core.shutdown(mode, By.OPERATOR, now);
  }

  /** Starts to wait, with the default time-out of 60 s. */
  public Object await(Handle handle, AwaitFor what) {
    return await(handle, what, Duration.ofSeconds(60));
  }

  public Object await(Handle handle, AwaitFor what, Duration timeout) {
    Object waiter = new Object();
    core.await(handle, what, timeout.toNanos(), waiter, now);
    return waiter;
  }

  /** The one answer that a waiter has had; empty if none yet. */
  public Optional<Emitted.Answered> answer(Object waiter) {
    List<Emitted.Answered> all =
        effects.answers().stream().filter(answer -> answer.waiter() == waiter).toList();
    if (all.size() > 1) {
      throw new AssertionError("a wait ended " + all.size() + " times");
    }
    return all.stream().findFirst();
  }

  /** {@code waits}, {@code ok}, or the error code that a waiter was answered with. */
  public String outcome(Object waiter) {
    return answer(waiter)
        .map(answer -> answer.failure().map(ErrorCode::name).orElse("ok"))
        .orElse("waits");
  }

  // ---- hosts

  /** The run that a registration has now. */
  public Run run(Handle handle) {
    long id = status(handle).runId();
    if (id == 0) {
      throw new AssertionError(handle + " has no run, it is " + state(handle));
    }
    return new Run(handle.slot(), handle.generation(), id);
  }

  /** The run that was launched last under that name. */
  public Run launchOf(String name) {
    List<Run> runs = effects.launches().stream().filter(r -> name(r).equals(name)).toList();
    return runs.get(runs.size() - 1);
  }

  private String name(Run run) {
    return effects.records().stream()
        .filter(record -> record.seq() == run.runId())
        .findFirst()
        .orElseThrow()
        .name();
  }

  /** The names in the order in which their runs were launched. */
  public List<String> launched() {
    return effects.launches().stream().map(this::name).toList();
  }

  /** Main is entered. */
  public Run begin(Handle handle) {
    Run run = run(handle);
    core.started(run, now);
    return run;
  }

  /** Every run that was launched and has not begun enters main. */
  public void startAll() {
    for (Handle handle : handles) {
      if (state(handle) == WorkerState.STARTING) {
        begin(handle);
      }
    }
  }

  /** The run is gone, having ended so. */
  public void exit(Run run, End end) {
    core.gone(run, end, now);
  }

  public void exit(Handle handle, End end) {
    exit(run(handle), end);
  }

  /** The run ends by itself with an exception. */
  public void fail(Handle handle) {
    exit(handle, End.threw("it failed"));
  }

  /** The run ends by itself with a crash. */
  public void crash(Handle handle) {
    exit(handle, End.crashed("it crashed"));
  }

  /** The run leaves its code because it was told to. */
  public void leave(Handle handle) {
    Run run = run(handle);
    exit(run, End.returned().afterTell(effects.interrupts().contains(run)));
  }

  // ---- time

  public void advance(Duration time) {
    long end = now + time.toNanos();
    for (long next = core.nextWake(); next <= end; next = core.nextWake()) {
      now = Math.max(now, next);
      core.wake(now);
    }
    now = end;
    core.wake(now);
  }

  public void advance(long seconds) {
    advance(Duration.ofSeconds(seconds));
  }

  /** One more turn, without time going on. */
  public void wake() {
    core.wake(now);
  }

  /** Time goes on and nothing runs, deadlines neither. */
  public void stall(Duration time) {
    now += time.toNanos();
    core.stalled(time.toNanos());
  }

  // ---- looking

  /** The registration's own status; after another tenant came, that it is gone. */
  public WorkerStatus status(Handle handle) {
    return core.status(handle.slot(), now)
        .filter(status -> status.generation() == handle.generation())
        .orElseGet(() -> WorkerStatus.gone(handle));
  }

  public WorkerState state(Handle handle) {
    return status(handle).state();
  }

  /** The exit on the record that ended the last run. */
  public Exit lastExit(Handle handle) {
    return status(handle).last().exit();
  }

  /** The edges of a registration, such as {@code RUNNING>BACKOFF exit}. */
  public List<String> edges(Handle handle) {
    return effects.records().stream()
        .filter(r -> r.slot() == handle.slot() && r.generation() == handle.generation())
        .map(CoreRig::edge)
        .toList();
  }

  /** The last edge of a registration. */
  public String lastEdge(Handle handle) {
    List<String> edges = edges(handle);
    return edges.get(edges.size() - 1);
  }

  /** An edge as text. */
  public static String edge(Transition record) {
    return record.from().word() + '>' + record.to().word() + ' ' + record.cause().word();
  }

  /** The last record of a registration. */
  public Transition lastRecord(Handle handle) {
    List<Transition> records =
        effects.records().stream()
            .filter(r -> r.slot() == handle.slot() && r.generation() == handle.generation())
            .toList();
    return records.get(records.size() - 1);
  }
}
