package dev.postmaster.runtime;

import dev.postmaster.MessageQueue;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerExit;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;

/**
 * A bounded queue between one sender and one receiver of a domain.
 *
 * <p>Threading: any; the monitor of the queue guards it, and no worker's code runs inside.
 */
final class SharedQueue<M> implements MessageQueue<M> {

  private final DomainMemory memory;
  private final String name;
  private final int capacity;
  private final Deque<M> messages = new ArrayDeque<>();
  private final Side sender = new Side("sender");
  private final Side receiver = new Side("receiver");

  SharedQueue(DomainMemory memory, String name, int capacity) {
    this.memory = memory;
    this.name = name;
    this.capacity = capacity;
  }

  /** One of the two; once left, it stays left. */
  private static final class Side {
    final String word;
    RunContext holder;
    boolean left;

    Side(String word) {
      this.word = word;
    }

    void attach(RunContext context) {
      if (left) {
        throw new IllegalStateException("the " + word + " has left, the other side must leave too");
      }
      if (holder != null && holder != context) {
        throw new IllegalStateException("there is a " + word + " already");
      }
      holder = context;
    }

    void detach(WorkerContext context) {
      left |= holder == context;
    }

    RunContext attached() {
      if (holder == null || left) {
        throw new IllegalStateException("nobody is attached as " + word);
      }
      return holder;
    }
  }

  @Override
  public void attachSender(WorkerContext context) {
    attach(sender, context);
  }

  @Override
  public void attachReceiver(WorkerContext context) {
    attach(receiver, context);
  }

  private void attach(Side side, WorkerContext context) {
    memory.check();
    if (!(context instanceof RunContext run)) {
      throw new IllegalArgumentException("this is no context of a run");
    }
    synchronized (this) {
      side.attach(run);
      notifyAll();
    }
    context.closeAtEnd(() -> detach(context));
  }

  /** A queue that both have left is forgotten; one that only one has left waits for the other. */
  @Override
  public synchronized void detach(WorkerContext context) {
    sender.detach(context);
    receiver.detach(context);
    if (sender.left && receiver.left) {
      memory.remove(name, this);
    }
    notifyAll();
  }

  @Override
  public synchronized Result send(M message, Duration timeout) throws InterruptedException {
    memory.check();
    RunContext run = sender.attached();
    waitUntil(run, () -> receiver.left || messages.size() < capacity, timeout);
    if (receiver.left) {
      return Result.DETACHED;
    }
    if (messages.size() == capacity) {
      return Result.WOULD_BLOCK;
    }
    messages.addLast(message);
    notifyAll();
    return Result.SUCCESS;
  }

  @Override
  public synchronized Received<M> receive(Duration timeout) throws InterruptedException {
    memory.check();
    RunContext run = receiver.attached();
    waitUntil(run, () -> sender.left || !messages.isEmpty(), timeout);
    // What is complete is drained before the detached sender shows.
    M message = messages.pollFirst();
    if (message != null) {
      notifyAll();
      return new Received<>(Result.SUCCESS, message);
    }
    return new Received<>(sender.left ? Result.DETACHED : Result.WOULD_BLOCK, null);
  }

  /** Ends also when the memory is thrown away, and when the run is told: both throw. */
  private void waitUntil(RunContext run, BooleanSupplier condition, Duration timeout)
      throws InterruptedException {
    if (condition.getAsBoolean() || timeout.isZero()) {
      return;
    }
    long end = System.nanoTime() + Nanos.of(timeout);
    run.blocksIn(this);
    try {
      while (!condition.getAsBoolean()) {
        long leftNs = end - System.nanoTime();
        if (leftNs <= 0) {
          return;
        }
        if (run.isTerminationRequested()) {
          throw new WorkerExit("termination was asked for");
        }
        wait(leftNs / 1_000_000, (int) (leftNs % 1_000_000));
        memory.check();
      }
    } finally {
      run.blocksIn(null);
    }
  }

  synchronized void wake() {
    notifyAll();
  }
}
