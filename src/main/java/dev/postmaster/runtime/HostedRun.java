package dev.postmaster.runtime;

import dev.postmaster.Exit;
import dev.postmaster.Signal;
import dev.postmaster.Threading;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerTerms;
import dev.postmaster.core.End;
import dev.postmaster.core.Run;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * One run as its host sees it: who ended it, which threads are inside its code, what it has open.
 *
 * <p>Threading: the postmaster's loop tells, signals, interrupts and abandons; the run's own
 * threads do the rest. One compare-and-set decides whether the run ended by itself or was told
 * first.
 *
 * <p>What most runs never need is made when it is first needed: there may be 100,000 of these.
 */
final class HostedRun {

  private static final int LIVE = 0;
  private static final int TOLD = 1;
  private static final int ENDED = 2;

  private static final AtomicIntegerFieldUpdater<HostedRun> FATE =
      AtomicIntegerFieldUpdater.newUpdater(HostedRun.class, "fate");

  final Run id;
  final WorkerTerms terms;
  final WorkerSpec spec;

  /** Null on an event loop, where nobody may wait. */
  final Latch latch;

  private volatile int fate = LIVE;
  private volatile boolean stopping;
  private volatile boolean termed;
  private volatile boolean reloads;
  private volatile Object blockedIn;

  /** What an explicit exit, a misuse or an uncaught exception has made the run's end. */
  private volatile End said;

  private volatile Runnable cancel;

  /** How it ended, once that is decided. */
  private End ending;

  private Map<Signal, Integer> pending;
  private Deque<AutoCloseable> open;
  private List<Thread> inside = List.of();
  private Runnable whenOutside;
  private boolean isLeft;
  private boolean began;
  private boolean closed;
  private boolean abandoned;
  private boolean interrupted;

  /** Its domain's, if it shares memory; written before its code is scheduled. */
  DomainMemory memory;

  // ---- of the postmaster's loop alone
  /** How Vert.x sees it. */
  RunDeployment deployment;

  /** Where signals come in, once it can use them. */
  SignalAddresses.Address address;

  /** What it said of its readiness last, perhaps before it had begun; null if nothing. */
  Boolean saidReady;

  boolean isGone;
  boolean isTold;
  boolean isForced;
  End left;
  long decidedAt;
  End decided;

  HostedRun(Run id, WorkerTerms terms, WorkerSpec spec) {
    this.id = id;
    this.terms = terms;
    this.spec = spec;
    latch = terms.threading() == Threading.EVENT_LOOP ? null : new Latch();
  }

  // ---- the postmaster's loop

  /** A stop: flag, latch. */
  void tell() {
    FATE.compareAndSet(this, LIVE, TOLD);
    stopping = true;
    wake();
  }

  /** For one that has a main: flags and latch. */
  void signal(Signal signal) {
    if (signal == Signal.TERM) {
      FATE.compareAndSet(this, LIVE, TOLD);
      termed = true;
    } else if (signal == Signal.HUP && hasBegun() && !reloads) {
      return; // ignored unless asked for
    } else {
      keep(signal);
    }
    wake();
  }

  /** Keeps a signal for a handler that comes to it later. */
  synchronized void keep(Signal signal) {
    if (pending == null) {
      pending = new EnumMap<>(Signal.class);
    }
    pending.merge(signal, 1, Integer::sum);
  }

  /** The postmaster has ended: it learns that at its next wait. */
  void die() {
    if (latch != null) {
      latch.die();
    }
    if (address != null) {
      address.close();
    }
  }

  private void wake() {
    if (latch == null) {
      return;
    }
    latch.set();
    // Written after the flags, read before they are looked at: one of the two sees the other.
    Object monitor = blockedIn;
    if (monitor != null) {
      synchronized (monitor) {
        monitor.notifyAll();
      }
    }
  }

  synchronized boolean hasBegun() {
    return began;
  }

  /** Interrupts the threads that are inside this run's code: never another run's. */
  synchronized void interrupt() {
    interrupted |= latch == null || !inside.isEmpty();
    inside.forEach(Thread::interrupt);
  }

  /** As the log names it. */
  String who(String postmaster) {
    return "worker "
        + TransitionLogger.whose(postmaster)
        + "name="
        + terms.name()
        + " slot="
        + id.slot()
        + " gen="
        + id.generation()
        + " run="
        + id.runId();
  }

  /** The stack of the thread that is given up. */
  synchronized StackTraceElement[] abandon() {
    abandoned = true;
    return inside.isEmpty() ? new StackTraceElement[0] : inside.get(0).getStackTrace();
  }

  // ---- the run's threads

  /** Enters the run's code; false if it was stopped before. */
  synchronized boolean enter() {
    return !stopping && come();
  }

  /** The calling thread is inside the run's code from now on; false if nobody may be any more. */
  synchronized boolean come() {
    if (isLeft) {
      return false;
    }
    Thread.interrupted();
    if (inside.isEmpty()) {
      inside = new ArrayList<>(1);
    }
    return inside.add(Thread.currentThread());
  }

  /** Goes on to main, or says that the start is over; false if it was stopped meanwhile. */
  synchronized boolean begin() {
    began = !stopping && said == null;
    return began;
  }

  /**
   * Main has left: the interrupt that ended it must not disturb what it opened when that closes.
   */
  synchronized void unwind() {
    Thread.interrupted();
  }

  /** Leaves it, without an interrupt for whoever uses the thread next. */
  void leave() {
    Runnable then = null;
    synchronized (this) {
      inside.remove(Thread.currentThread());
      Thread.interrupted();
      if (inside.isEmpty() && whenOutside != null) {
        then = whenOutside;
        whenOutside = null;
        isLeft = true;
      }
    }
    if (then != null) {
      then.run();
    }
  }

  /**
   * Calls this once no thread is inside the run's code: at once, or by the last that leaves. From
   * then on none comes in.
   */
  void whenOutside(Runnable then) {
    synchronized (this) {
      if (!inside.isEmpty()) {
        whenOutside = then;
        return;
      }
      isLeft = true;
    }
    then.run();
  }

  /** Says where the run's thread is about to wait, so that a stop wakes it there; null: nowhere. */
  void blocksIn(Object monitor) {
    blockedIn = monitor;
  }

  /** The worker handles HUP from now on. */
  void asksForReloads() {
    reloads = true;
  }

  /** Decides how the run ended; what was said before counts. */
  synchronized End end(End end) {
    ending = said != null ? said : decide(end);
    return ending;
  }

  private End decide(End end) {
    if (FATE.compareAndSet(this, LIVE, ENDED)) {
      return end;
    }
    return end.afterTell(interrupted);
  }

  /** Decides it before its code has been left; the first word counts. */
  synchronized End say(End end) {
    if (said == null) {
      said = decide(end);
    }
    return said;
  }

  /** Whether it has ended or was told to. */
  boolean isOver() {
    return fate != LIVE;
  }

  /** Whether the run is to end, be it by a stop or a TERM. */
  boolean isTerminationRequested() {
    return stopping || termed || said != null;
  }

  boolean isStopping() {
    return stopping;
  }

  /** How often the signal has come since this was last asked. */
  synchronized int take(Signal signal) {
    Integer count = pending == null ? null : pending.remove(signal);
    return count == null ? 0 : count;
  }

  /** Whether what this run borrowed must not be used by others. */
  synchronized boolean isSuspect() {
    return abandoned || interrupted || ending != null && ending.exit() == Exit.CRASHED;
  }

  void onCancel(Runnable handler) {
    cancel = handler;
  }

  /** What INT runs; null if the worker gave nothing. */
  Runnable cancel() {
    return cancel;
  }

  /** Keeps what is to be closed at the end; false if the end is over. */
  synchronized boolean opened(AutoCloseable resource) {
    if (closed) {
      return false;
    }
    if (open == null) {
      open = new ArrayDeque<>(2);
    }
    open.addLast(resource);
    return true;
  }

  synchronized boolean hasOpen() {
    return open != null && !open.isEmpty();
  }

  /** Closes what the run has opened, last first, each taken out before it is closed. */
  void closeAll() {
    for (AutoCloseable next = takeLast(); next != null; next = takeLast()) {
      try {
        next.close();
      } catch (Throwable failure) {
        System.getLogger("dev.postmaster.runtime")
            .log(
                System.Logger.Level.WARNING,
                () ->
                    "worker "
                        + terms.name()
                        + " left something that would not close"
                        + Faults.trace(failure));
      }
    }
  }

  private synchronized AutoCloseable takeLast() {
    closed = !hasOpen();
    return closed ? null : open.pollLast();
  }
}
