package dev.postmaster.runtime;

import dev.postmaster.Exit;
import dev.postmaster.Signal;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerTerms;
import dev.postmaster.core.End;
import dev.postmaster.core.Run;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One run as its host sees it: who ended it, which thread is inside its code, what it has open.
 *
 * <p>Threading: the postmaster's loop tells, signals, interrupts and abandons; the run's own thread
 * does the rest. One compare-and-set decides whether the run ended by itself or was told first.
 */
final class HostedRun {

  private static final int LIVE = 0;
  private static final int TOLD = 1;
  private static final int ENDED = 2;

  final Run id;
  final WorkerTerms terms;
  final WorkerSpec spec;
  final Latch latch = new Latch();

  private final AtomicInteger fate = new AtomicInteger(LIVE);
  private final Map<Signal, Integer> pending = new EnumMap<>(Signal.class);
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private volatile boolean stopping;
  private volatile boolean termed;
  private volatile boolean abandoned;
  private volatile boolean reloads;
  private volatile Object blockedIn;

  /** What an explicit exit, or a misuse, has made the run's end, whatever main does after it. */
  private volatile End said;

  private volatile Runnable cancel;

  /** How it ended, once that is decided. */
  private End ending;

  private Thread thread;
  private boolean began;
  private boolean closed;
  private boolean interrupted;
  private StackTraceElement[] stack = {};

  /** Written before main is scheduled, read after main has left. */
  volatile String deploymentId;

  /** Its domain's, if it shares memory; written before main is scheduled. */
  DomainMemory memory;

  // ---- of the postmaster's loop alone
  boolean isGone;
  boolean deployed;
  End left;
  long decidedAt;
  End decided;

  HostedRun(Run id, WorkerTerms terms, WorkerSpec spec) {
    this.id = id;
    this.terms = terms;
    this.spec = spec;
  }

  // ---- the postmaster's loop

  /** A stop: flag, latch. */
  void tell() {
    fate.compareAndSet(LIVE, TOLD);
    stopping = true;
    wake();
  }

  void signal(Signal signal) {
    if (signal == Signal.TERM) {
      fate.compareAndSet(LIVE, TOLD);
      termed = true;
    } else if (signal == Signal.HUP && hasBegun() && !reloads) {
      return; // ignored unless asked for
    } else {
      synchronized (pending) {
        pending.merge(signal, 1, Integer::sum);
      }
    }
    wake();
  }

  private void wake() {
    latch.set();
    // Written after the flags, read before they are looked at: one of the two sees the other.
    Object monitor = blockedIn;
    if (monitor != null) {
      synchronized (monitor) {
        monitor.notifyAll();
      }
    }
  }

  private synchronized boolean hasBegun() {
    return began;
  }

  /** Interrupts the thread, if it is inside this run's code: never another run's. */
  synchronized void interrupt() {
    if (thread != null) {
      interrupted = true;
      thread.interrupt();
    }
  }

  /** Keeps the stack of a thread that is given up. */
  synchronized StackTraceElement[] abandon() {
    abandoned = true;
    if (thread != null) {
      stack = thread.getStackTrace();
    }
    return stack;
  }

  // ---- the run's thread

  /** Enters the run's code; false if it was stopped before. */
  synchronized boolean enter() {
    if (stopping) {
      return false;
    }
    Thread.interrupted();
    thread = Thread.currentThread();
    return true;
  }

  /** Goes on to main; false if it was stopped while its worker was made. */
  synchronized boolean begin() {
    began = !stopping;
    return began;
  }

  /**
   * Main has left: the interrupt that ended it must not disturb what it opened when that closes.
   */
  synchronized void unwind() {
    Thread.interrupted();
  }

  /** Leaves it, without an interrupt for whoever uses the thread next. */
  synchronized void leave() {
    thread = null;
    Thread.interrupted();
  }

  /** Says where the run's thread is about to wait, so that a stop wakes it there; null: nowhere. */
  void blocksIn(Object monitor) {
    blockedIn = monitor;
  }

  /** The worker handles HUP from now on. */
  void asksForReloads() {
    reloads = true;
  }

  /** Decides how the run ended; the first word counts. */
  synchronized End end(End end) {
    ending = said != null ? said : decide(end);
    return ending;
  }

  private synchronized End decide(End end) {
    if (fate.compareAndSet(LIVE, ENDED)) {
      return end;
    }
    return end.afterTell(interrupted);
  }

  /** Decides it before main has left: an explicit exit, or a misuse. */
  synchronized End say(End end) {
    if (said == null) {
      said = decide(end);
    }
    return said;
  }

  /** Whether the run is to end, be it by a stop or a TERM. */
  boolean isTerminationRequested() {
    return stopping || termed || said != null;
  }

  boolean isStopping() {
    return stopping;
  }

  /** How often the signal has come since this was last asked. */
  int take(Signal signal) {
    synchronized (pending) {
      Integer count = pending.remove(signal);
      return count == null ? 0 : count;
    }
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
  boolean opened(AutoCloseable resource) {
    synchronized (open) {
      if (!closed) {
        open.addLast(resource);
      }
      return !closed;
    }
  }

  boolean hasOpen() {
    synchronized (open) {
      return !open.isEmpty();
    }
  }

  /** Takes the last opened, or null: removed before it is closed, so that nothing closes twice. */
  AutoCloseable takeLast() {
    synchronized (open) {
      closed = open.isEmpty();
      return open.pollLast();
    }
  }
}
