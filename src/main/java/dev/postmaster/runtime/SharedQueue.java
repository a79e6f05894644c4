package dev.postmaster.runtime;

import dev.postmaster.MessageQueue;
import dev.postmaster.WorkerContext;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;

/** A bounded queue between one sender and one receiver of a domain. */
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
    WorkerContext holder;
    boolean left;

    Side(String word) {
      this.word = word;
    }

    void attach(WorkerContext context) {
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
    synchronized (this) {
      side.attach(context);
      notifyAll();
    }
    context.closeAtEnd(() -> detach(context));
  }

  @Override
  public synchronized void detach(WorkerContext context) {
    sender.detach(context);
    receiver.detach(context);
    boolean senderDone = sender.left || sender.holder == null;
    boolean receiverDone = receiver.left || receiver.holder == null;
    if (senderDone && receiverDone) {
      memory.remove(name, this);
    }
    notifyAll();
  }

  @Override
  public synchronized Result send(M message, Duration timeout) throws InterruptedException {
    memory.check();
    if (sender.holder == null || sender.left) {
      throw new IllegalStateException("nobody is attached as sender");
    }
    waitUntil(() -> receiver.left || messages.size() < capacity, timeout);
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
    if (receiver.holder == null || receiver.left) {
      throw new IllegalStateException("nobody is attached as receiver");
    }
    waitUntil(() -> sender.left || !messages.isEmpty(), timeout);
    // What is complete is drained before the detached sender shows.
    M message = messages.pollFirst();
    if (message != null) {
      notifyAll();
      return new Received<>(Result.SUCCESS, message);
    }
    return new Received<>(sender.left ? Result.DETACHED : Result.WOULD_BLOCK, null);
  }

  private void waitUntil(BooleanSupplier condition, Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + Nanos.of(timeout);
    while (!condition.getAsBoolean()) {
      long leftNs = end - System.nanoTime();
      if (leftNs <= 0) {
        return;
      }
      wait(leftNs / 1_000_000, (int) (leftNs % 1_000_000));
      memory.check();
    }
  }

  synchronized void wake() {
    notifyAll();
  }
}
