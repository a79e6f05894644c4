package dev.postmaster.examples;

import dev.postmaster.MessageQueue;
import dev.postmaster.MessageQueue.Received;
import dev.postmaster.MessageQueue.Result;
import dev.postmaster.SharedMemory;
import dev.postmaster.SharedMemory.SharedCounter;
import dev.postmaster.WorkerContext;
import java.time.Duration;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;

/**
 * What {@link MemoryHolder} and {@link MemoryFriend} share: a counter of the beats, a map of the
 * latest ones, and one end of the queue that carries them.
 *
 * <p>A side that has left a queue stays away from it. So whoever finds the other side gone leaves
 * too, and asks for a fresh queue at its next beat; until then a beat is lost, as one is when the
 * queue is full.
 *
 * <p>Threading: the run's own thread.
 */
final class Beats {

  static final String NAME = "beats";
  static final String LATEST = "latest";
  static final String SENT = "sent";
  static final String RECEIVED = "received";

  private static final int CAPACITY = 16;

  private final WorkerContext context;
  private final SharedMemory memory;
  private final BiConsumer<MessageQueue<Long>, WorkerContext> attach;
  private MessageQueue<Long> queue;

  private Beats(WorkerContext context, BiConsumer<MessageQueue<Long>, WorkerContext> attach) {
    this.context = context;
    this.memory = context.sharedMemory();
    this.attach = attach;
  }

  static Beats sent(WorkerContext context) {
    return new Beats(context, MessageQueue::attachSender);
  }

  static Beats received(WorkerContext context) {
    return new Beats(context, MessageQueue::attachReceiver);
  }

  SharedCounter counter() {
    return memory.counter(NAME);
  }

  ConcurrentMap<String, Long> latest() {
    return memory.map(LATEST);
  }

  /** Counts one more beat and sends its number. */
  void send() throws InterruptedException {
    long number = counter().add(1);
    latest().put(SENT, number);
    if (isAttached() && queue.send(number, Duration.ZERO) == Result.DETACHED) {
      leave();
    }
  }

  /** Takes all beats that have come. */
  void receive() throws InterruptedException {
    while (isAttached()) {
      Received<Long> beat = queue.receive(Duration.ZERO);
      if (beat.result() == Result.DETACHED) {
        leave();
      }
      if (beat.result() != Result.SUCCESS) {
        return;
      }
      latest().put(RECEIVED, beat.message());
    }
  }

  private boolean isAttached() {
    if (queue == null) {
      MessageQueue<Long> found = memory.queue(NAME, CAPACITY);
      try {
        attach.accept(found, context);
        queue = found;
      } catch (IllegalStateException taken) {
        // By an earlier run, until the other side has left it too; or by a namesake.
        return false;
      }
    }
    return true;
  }

  private void leave() {
    queue.detach(context);
    queue = null;
  }
}
