package dev.postmaster;

import java.time.Duration;

/**
 * A bounded queue of messages between workers of one domain, first in, first out.
 *
 * <p>A side that detaches, or whose run ends, stays detached: the other side drains what is there
 * and then gets {@link Result#DETACHED}. Sending before the other side has attached is allowed.
 *
 * <p>Source: PostgreSQL's {@code shm_mq}, which is one byte ring for one pair; here a queue has one
 * sender and one receiver at a time and holds objects, which must be immutable.
 */
public interface MessageQueue<M> {

  /** How a send or a receive went. */
  enum Result {
    SUCCESS,
    /** Full, or empty, until the time was over. */
    WOULD_BLOCK,
    /** The other side has left. */
    DETACHED
  }

  /** A received message; {@code message} is null unless the result is SUCCESS. */
  record Received<M>(Result result, M message) {}

  /**
   * Makes the calling run the sender.
   *
   * @throws IllegalStateException if there is one
   */
  void attachSender(WorkerContext context);

  /**
   * Makes the calling run the receiver.
   *
   * @throws IllegalStateException if there is one
   */
  void attachReceiver(WorkerContext context);

  /**
   * Sends; blocks while the queue is full, for at most {@code timeout}.
   *
   * @throws InterruptedException if the run is interrupted
   */
  Result send(M message, Duration timeout) throws InterruptedException;

  /**
   * Receives; blocks while the queue is empty, for at most {@code timeout}.
   *
   * @throws InterruptedException if the run is interrupted
   */
  Received<M> receive(Duration timeout) throws InterruptedException;

  /** Leaves the queue, for both sides of the calling run. */
  void detach(WorkerContext context);
}
