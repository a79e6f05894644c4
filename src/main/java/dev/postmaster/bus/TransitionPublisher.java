package dev.postmaster.bus;

import dev.postmaster.Cause;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.StatusJson;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageCodec;
import io.vertx.core.eventbus.MessageProducer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/**
 * Publishes each record of the journal of this life under {@code postmaster.<name>.transitions}.
 *
 * <p>Shape: {@link StatusJson#transition}, a JsonObject.
 *
 * <p>Ordering: {@code seq} rises by one from the record {@code opened} to {@code closed}. A
 * consumer that comes later, or lost a message, reads the rest in the journal.
 *
 * <p>Threading: the bus's loop, but for the constructor, which the postmaster's loop calls.
 */
final class TransitionPublisher {

  /*
   * Locally a record travels as it is, and a codec of this publisher's makes JSON of it when Vert.x
   * copies the message for a receiver: once, and never if nobody listens. Another node of a cluster
   * does not know that codec, and who listens there cannot be seen from here: for it the JSON is
   * made at once.
   */

  private static final int PAGE = 1_000;
  private static final Duration PATIENCE = Duration.ofMillis(1);

  private final Vertx vertx;
  private final Postmaster postmaster;
  private final TransitionLog log;
  private final String address;
  private final boolean local;
  private final EdgeCodec codec;
  private final MessageProducer<Edge> publisher;

  /** What was published last. */
  private long seq;

  /** What nobody wants: nobody listened yet when this was the last of all. */
  private long unwanted;

  private Runnable stop = () -> {};

  TransitionPublisher(Vertx vertx, Postmaster postmaster, PostmasterOptions options) {
    this.vertx = vertx;
    this.postmaster = postmaster;
    log = postmaster.transitions();
    address = "postmaster." + options.name() + ".transitions";
    local = !options.remoteControl();
    // The epoch: the codec of the one before, of the same name, may not be gone yet.
    codec = new EdgeCodec(address + '.' + log.epoch());
    publisher =
        vertx
            .eventBus()
            .publisher(
                address, new DeliveryOptions().setLocalOnly(true).setCodecName(codec.name()));
    seq = beforeThisLife();
  }

  /** The journal may hold earlier lives; static registrations came since this one was opened. */
  private long beforeThisLife() {
    long end = log.head();
    while (end >= log.oldest()) {
      long after = Math.max(log.oldest() - 1, end - PAGE);
      long opened = -1;
      for (Transition record : log.read(after, PAGE).transitions()) {
        opened = record.cause() == Cause.OPENED ? record.seq() : opened;
      }
      if (opened >= 0) {
        return opened - 1;
      }
      end = after;
    }
    return end;
  }

  void open() {
    if (local) {
      vertx.eventBus().registerCodec(codec);
    }
    stop = postmaster.onTransition(this::heard, PATIENCE);
    catchUp(log.head());
  }

  void close() {
    stop.run();
    catchUp(log.head());
    if (local) {
      vertx.eventBus().unregisterCodec(codec.name());
    }
  }

  private void heard(Transition transition) {
    if (transition.seq() > seq + 1) {
      catchUp(transition.seq() - 1);
    }
    if (transition.seq() > seq) {
      publish(transition);
    }
  }

  /** What was recorded before it listened; later there is nothing that it has not heard. */
  private void catchUp(long to) {
    while (seq < to) {
      TransitionLog.Page page = log.read(seq, (int) Math.min(PAGE, to - seq));
      if (page.next() == seq) {
        return;
      }
      page.transitions().forEach(this::publish);
      seq = page.next();
    }
  }

  private void publish(Transition transition) {
    seq = transition.seq();
    if (local) {
      publishHere(transition);
    } else {
      vertx.eventBus().publish(address, StatusJson.transition(transition));
    }
  }

  /** Mostly nobody listens: then one attempt tells it for all that has been recorded until then. */
  private void publishHere(Transition transition) {
    if (seq > unwanted) {
      long head = log.head();
      // Done by now: it is put into the receivers' queues on this thread.
      if (publisher.write(new Edge(transition)).cause() instanceof ReplyException failure
          && failure.failureType() == ReplyFailure.NO_HANDLERS) {
        unwanted = head;
      }
    }
  }

  /** A record, and its JSON as soon as somebody wants it. */
  private static final class Edge {

    private final Transition transition;
    private JsonObject json;

    Edge(Transition transition) {
      this.transition = transition;
    }

    /** A copy for each receiver, which may change it. */
    JsonObject json() {
      if (json == null) {
        json = StatusJson.transition(transition);
      }
      return json.copy();
    }
  }

  private record EdgeCodec(String name) implements MessageCodec<Edge, JsonObject> {

    @Override
    public JsonObject transform(Edge edge) {
      return edge.json();
    }

    @Override
    public void encodeToWire(Buffer buffer, Edge edge) {
      throw new UnsupportedOperationException("it is published locally only");
    }

    @Override
    public JsonObject decodeFromWire(int position, Buffer buffer) {
      throw new UnsupportedOperationException("it is published locally only");
    }

    @Override
    public byte systemCodecID() {
      return -1;
    }
  }
}
