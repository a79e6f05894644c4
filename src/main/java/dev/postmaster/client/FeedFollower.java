package dev.postmaster.client;

import dev.postmaster.Transition;
import dev.postmaster.TransitionLog.Gap;
import dev.postmaster.WorkerStatus;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where a client stands in the journal of others, over all its connections: reads each message,
 * holds the sequence to its promise, draws the picture, and tells what there is to tell.
 *
 * <p>Ordering: a gap is told when what stands for it has come, the whole picture or the last of the
 * slots. Until then the position is before it, and a connection that breaks in between is resumed
 * from there: so each record is told once or lies in a gap that was told, never both.
 *
 * <p>Threading: one context.
 *
 * <p>Errors: {@link WireFault} for a message that breaks the protocol; the position is then where
 * it was before the message, and a new connection can go on from it.
 */
final class FeedFollower {

  /** Who is told. */
  interface Listener {
    void transition(Transition transition);

    void gap(Gap gap);

    /** A picture came whole, or was made whole again. */
    void whole();

    /** {@code answered}: the server has taken the subscription of this connection. */
    void error(String code, String message, boolean answered);
  }

  private static final Set<String> SUBSCRIBED =
      Set.of("snapshot", "transition", "worker", "slots", "gap");

  private final FeedClientOptions options;
  private final LivePicture picture;
  private final Listener listener;

  /** The last record that was told or lies in a gap that was; before any: an empty epoch. */
  private FeedPosition at = new FeedPosition("", 0);

  // ---- of this connection
  private FeedHello hello;

  /** Whether the server's next record need not be the next: it began at a head we do not know. */
  private boolean loose;

  /** Whether the server has said that it is behind us, and will show an earlier picture. */
  private boolean rewound;

  /** Whether anything came that only a subscription brings. */
  private boolean answered;

  private Optional<Gap> gap = Optional.empty();

  /** The parts of a snapshot so far; null outside of one. */
  private SortedMap<Integer, WorkerStatus> parts;

  private long partsSeq;
  private int part;

  /** The record up to which slots are told; 0 outside of such a group. */
  private long slotsSeq;

  FeedFollower(FeedClientOptions options, LivePicture picture, Listener listener) {
    this.options = options;
    this.picture = picture;
    this.listener = listener;
  }

  long seq() {
    return at.seq();
  }

  /**
   * Begins a connection.
   *
   * @param afresh whether a resume was impossible: it goes on at the head, and all before is a gap
   * @return what to subscribe with
   */
  JsonObject hello(Wire message, boolean afresh) {
    hello = StatusReader.hello(message);
    gap = Optional.empty();
    parts = null;
    slotsSeq = 0;
    rewound = false;
    loose = false;
    answered = false;
    boolean known = !at.epoch().isEmpty();
    JsonObject subscribe = new JsonObject().put("t", "subscribe");
    if (known && !afresh) {
      subscribe.put("resume", new JsonObject().put("epoch", at.epoch()).put("seq", at.seq()));
    }
    picture.hello(hello);
    if (!options.snapshot() && (!known || afresh)) {
      goOnAtTheHead(known);
    }
    subscribe.put("snapshot", options.snapshot());
    if (!options.filter().isAll()) {
      subscribe.put("filter", options.filter().toJson());
    }
    return options.window() > 0 ? subscribe.put("window", options.window()) : subscribe;
  }

  FeedHello hello() {
    return hello;
  }

  private void goOnAtTheHead(boolean known) {
    if (known) {
      boolean same = at.epoch().equals(hello.epoch());
      tell(new Gap(same ? at.seq() + 1 : 1, hello.head(), same ? "overrun" : "epoch"));
    }
    at = new FeedPosition(hello.epoch(), hello.head());
    picture.begin(at.epoch(), at.seq());
    loose = true;
  }

  /**
   * Takes a message other than {@code hello} and {@code bye}; one of a type that is not known is
   * ignored.
   *
   * @return whether it was a transition
   */
  boolean take(String type, Wire message) {
    answered |= SUBSCRIBED.contains(type);
    switch (type) {
      case "snapshot" -> snapshot(message);
      case "transition" -> transition(message);
      case "worker" -> worker(StatusReader.worker(message.inner("worker")));
      case "slots" -> slots(message);
      case "gap" -> gap(message);
      case "heartbeat" -> heartbeat(message);
      case "error" -> error(message);
      default -> {}
    }
    return type.equals("transition");
  }

  private boolean isHere() {
    return at.epoch().equals(hello.epoch());
  }

  private void snapshot(Wire message) {
    int nth = (int) message.number("part", 1, Integer.MAX_VALUE);
    int of = (int) message.number("parts", nth, Integer.MAX_VALUE);
    long seq = message.number("seq");
    if (nth == 1) {
      if (slotsSeq > 0) {
        settle();
      }
      parts = new TreeMap<>();
      partsSeq = seq;
      part = 0;
    }
    if (parts == null || nth != part + 1 || seq != partsSeq) {
      throw new WireFault("part " + nth + " of a snapshot came after part " + part);
    }
    part = nth;
    message.list("workers").stream()
        .map(Wire::object)
        .map(StatusReader::worker)
        .forEach(worker -> LivePicture.put(parts, checked(worker)));
    if (nth == of) {
      whole(message, seq);
    }
  }

  private void whole(Wire last, long seq) {
    boolean first = at.epoch().isEmpty();
    if (isHere() && seq < at.seq() && !rewound) {
      throw new WireFault("a snapshot of " + seq + " came after " + at.seq());
    }
    long after = isHere() ? at.seq() : 0;
    picture.replace(hello.epoch(), last, parts);
    at = new FeedPosition(hello.epoch(), seq);
    parts = null;
    Optional<Gap> told = gap;
    gap = Optional.empty();
    rewound = false;
    if (!first && seq > after) {
      String reason = told.map(Gap::reason).orElse("snapshot");
      tell(new Gap(told.map(g -> Math.max(after + 1, g.from())).orElse(after + 1), seq, reason));
    }
    listener.whole();
  }

  private WorkerStatus checked(WorkerStatus worker) {
    boolean ours = worker.slot() < hello.slots() && worker.handle().epoch().equals(hello.epoch());
    if (!ours) {
      throw new WireFault("a worker of another postmaster: " + worker.handle());
    }
    return worker;
  }

  private void worker(WorkerStatus worker) {
    checked(worker);
    if (parts != null) {
      LivePicture.put(parts, worker);
    }
    if (isHere()) {
      picture.put(worker);
    }
  }

  private void slots(Wire message) {
    long seq = message.number("seq");
    if (!isHere() || parts != null || seq < at.seq() || slotsSeq > 0 && seq != slotsSeq) {
      throw new WireFault("slots of " + seq + " came after " + at);
    }
    slotsSeq = seq;
    message.list("workers").stream()
        .map(Wire::object)
        .map(StatusReader::worker)
        .forEach(worker -> picture.put(checked(worker)));
    message.list("free").stream()
        .map(Wire::object)
        .forEach(free -> picture.free(StatusReader.slot(free, 0), free.number("seq")));
  }

  private void gap(Wire message) {
    settle();
    Gap next = StatusReader.gap(message);
    boolean holed = isHere() && !loose && options.filter().isAll() && next.from() > at.seq() + 1;
    if (next.to() < next.from() || holed) {
      throw new WireFault("a gap from " + next.from() + " came after " + at);
    }
    gap = Optional.of(next);
  }

  /** What stands for a gap has come: it is told, and the position behind it. */
  private void settle() {
    if (parts != null) {
      throw new WireFault("a snapshot ended after part " + part);
    }
    if (gap.isEmpty() && slotsSeq == 0) {
      return;
    }
    if (!isHere()) {
      throw new WireFault("a gap to another journal without a snapshot");
    }
    long to = Math.max(slotsSeq, gap.map(Gap::to).orElse(0L));
    long from = Math.max(at.seq() + 1, gap.map(Gap::from).orElse(0L));
    String reason = gap.map(Gap::reason).orElse("slots");
    gap = Optional.empty();
    slotsSeq = 0;
    if (to > at.seq()) {
      moveTo(to);
      tell(new Gap(from, to, reason));
      listener.whole();
    }
  }

  private void moveTo(long seq) {
    at = new FeedPosition(at.epoch(), seq);
    picture.moveTo(seq);
  }

  private void tell(Gap missed) {
    if (missed.to() >= missed.from()) {
      listener.gap(missed);
    }
  }

  private void transition(Wire message) {
    settle();
    long seq = message.number("seq");
    if (!isHere() || seq <= at.seq()) {
      throw new WireFault("record " + seq + " of " + hello.epoch() + " came after " + at);
    }
    if (options.filter().isAll() && seq != at.seq() + 1) {
      skip(seq);
    }
    loose = false;
    if (!StatusReader.isKnown(message)) {
      moveTo(seq);
      tell(new Gap(seq, seq, "unknown"));
      return;
    }
    Transition transition = StatusReader.transition(message);
    if (transition.slot() >= hello.slots()) {
      throw new WireFault("a record of slot " + transition.slot() + " of " + hello.slots());
    }
    at = new FeedPosition(at.epoch(), seq);
    picture.apply(transition);
    listener.transition(transition);
  }

  /** Between hello and subscribe the head may have moved. */
  private void skip(long seq) {
    if (!loose) {
      throw new WireFault("record " + seq + " came after " + at);
    }
    long from = at.seq() + 1;
    moveTo(seq - 1);
    tell(new Gap(from, seq - 1, "subscribe"));
  }

  private void heartbeat(Wire message) {
    message.number("head");
    if (!message.has("sent")) {
      return;
    }
    long sent = message.number("sent");
    answered = true;
    settle();
    if (!isHere() || sent <= at.seq()) {
      return;
    }
    if (options.filter().isAll()) {
      skip(sent + 1);
      loose = false;
    } else {
      moveTo(sent);
    }
  }

  private void error(Wire message) {
    String code = message.name("code");
    rewound |= code.equals("RESUME_AHEAD");
    listener.error(code, message.text("message", Wire.MESSAGE_MAX), answered);
  }
}
