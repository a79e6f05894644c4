package dev.postmaster.web;

import dev.postmaster.Cause;
import dev.postmaster.Postmaster;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog;
import dev.postmaster.web.ClientMessage.Resume;
import java.util.Optional;

/**
 * Where one viewer stands in the journal, and what it gets next.
 *
 * <p>There is no queue: the journal is it. {@link #turn} reads on as long as the viewer's socket
 * takes something, one and the same loop for catching up and for live. So what a slow viewer costs
 * is what its socket holds, and one part of a picture.
 *
 * <p>A viewer that is live, has been full, and is more than {@value #BEHIND_MAX} records behind
 * loses them: it gets a {@code gap}, and the slots as they are now. One that catches up after a
 * resume has asked for those records and reads them at its own pace; only newer ones count.
 *
 * <p>Ordering: within an epoch each {@code seq} at most once and in order; the missing ones lie in
 * a {@code gap}.
 */
final class FeedReader {

  /** The socket of the viewer. */
  interface Sink {
    boolean full();

    void send(String text);
  }

  /** How a turn ended: nothing left to read, the socket full, or more for another turn. */
  enum Turn {
    IDLE,
    FULL,
    MORE
  }

  /** What the viewer must see before it can go on. */
  private enum Need {
    NOTHING,
    /** The worker of the registration from which it resumed, if it was one. */
    WORKER,
    SLOTS,
    SNAPSHOT
  }

  static final int BEHIND_MAX = 1_024;

  private static final int PAGE = 128;
  private static final int NOWHERE = -1;

  /** Messages written in one turn of the loop; then other viewers get theirs. */
  private static final int TURN_MAX = 512;

  private final Postmaster postmaster;
  private final TransitionLog log;
  private final RecordTexts texts;
  private final Sink sink;
  private final long behindMax;
  private long after = NOWHERE;

  /** What was in the journal when the viewer asked for it: so far it catches up. */
  private long asked;

  private boolean wasFull;
  private Need need = Need.NOTHING;

  /** Why records are missing before the picture that is needed; empty if none are. */
  private String reason = "";

  private Picture picture;

  FeedReader(Postmaster postmaster, RecordTexts texts, Sink sink) {
    this(postmaster, texts, sink, BEHIND_MAX);
  }

  /**
   * One that is skipped later or sooner.
   *
   * @param behindMax records that a viewer may be behind
   */
  FeedReader(Postmaster postmaster, RecordTexts texts, Sink sink, long behindMax) {
    this.behindMax = behindMax;
    this.postmaster = postmaster;
    this.log = postmaster.transitions();
    this.texts = texts;
    this.sink = sink;
  }

  boolean subscribed() {
    return after != NOWHERE;
  }

  /** From where the viewer could resume; not while a picture is missing, or half sent. */
  Optional<Long> sent() {
    boolean whole = subscribed() && picture == null && need == Need.NOTHING;
    return whole ? Optional.of(after) : Optional.empty();
  }

  /**
   * The head as far as the published table has followed it. The journal is written first: of what
   * is above this the table may know nothing yet.
   */
  private long published() {
    return postmaster.status().seq();
  }

  /** Whether so much is waiting for the viewer that it will be skipped. */
  boolean behind() {
    return wasFull && published() - Math.max(after, asked) > behindMax;
  }

  /**
   * Begins, or begins anew with a picture of its own.
   *
   * @return false if the viewer cannot resume and wants no snapshot: nothing has begun then
   */
  boolean subscribe(ClientMessage request) {
    long head = log.head();
    Resume resume = request.resume();
    if (subscribed() || resume == null) {
      begin(request.snapshot(), head);
      return true;
    }
    boolean ours = resume.epoch().equals(log.epoch());
    boolean ahead = ours && resume.seq() > head;
    if (ours && !ahead && resume.seq() >= log.oldest() - 1) {
      after = resume.seq();
      asked = head;
      // Of the number below the oldest nobody can tell any more what it was.
      need = after < log.oldest() ? Need.NOTHING : Need.WORKER;
      return true;
    }
    if (!request.snapshot()) {
      return false;
    }
    if (ahead) {
      String found = "seq " + resume.seq() + " is ahead of the head, " + head;
      sink.send(FeedText.error("RESUME_AHEAD", found, false));
      begin(true, head);
    } else {
      after = ours ? resume.seq() : 0;
      look(Need.SNAPSHOT, ours ? "overrun" : "epoch");
    }
    return true;
  }

  private void begin(boolean withSnapshot, long head) {
    boolean again = subscribed();
    picture = null;
    if (withSnapshot) {
      after = again ? after : 0;
      look(Need.SNAPSHOT, again ? "subscribe" : "");
    } else {
      need = Need.NOTHING;
      if (again && head > after) {
        sink.send(FeedText.gap(after + 1, head, "subscribe"));
      }
      after = head;
      asked = head;
    }
  }

  private void look(Need at, String why) {
    need = at;
    reason = why;
  }

  /** Writes what there is, within the bounds of a turn. */
  Turn turn() {
    for (int written = 0; written < TURN_MAX; written++) {
      if (sink.full()) {
        wasFull = true;
        return Turn.FULL;
      }
      if (picture != null) {
        if (!draw()) {
          return Turn.MORE;
        }
      } else if (need != Need.NOTHING) {
        if (published() < after) {
          return Turn.MORE;
        }
        if (need != Need.WORKER) {
          beginPicture();
        } else if (!repeatWorker()) {
          return Turn.MORE;
        }
      } else if (behind()) {
        wasFull = false;
        look(Need.SLOTS, "slow-consumer");
      } else {
        TransitionLog.Page page = log.read(after, PAGE);
        if (page.gap().isPresent()) {
          look(Need.SNAPSHOT, page.gap().get().reason());
        } else if (page.transitions().isEmpty()) {
          wasFull = false;
          return Turn.IDLE;
        } else if (!deliver(page)) {
          return Turn.MORE;
        }
        written += page.transitions().size();
      }
    }
    return Turn.MORE;
  }

  /**
   * A viewer that has seen a registration last may have lost its connection before the worker.
   *
   * @return false if the journal cannot be read just now
   */
  private boolean repeatWorker() {
    TransitionLog.Page page = log.read(after - 1, 1);
    if (page.gap().isPresent()) {
      look(Need.SNAPSHOT, page.gap().get().reason());
      return true;
    }
    for (Transition seen : page.transitions()) {
      need = Need.NOTHING;
      if (seen.cause() == Cause.REGISTERED) {
        sendWorker(seen);
      }
    }
    return need == Need.NOTHING;
  }

  private void beginPicture() {
    picture =
        need == Need.SLOTS
            ? Touched.since(postmaster, after, published())
            : new Snapshot(postmaster, published());
    need = Need.NOTHING;
    if (!reason.isEmpty() && picture.seq() > after) {
      sink.send(FeedText.gap(after + 1, picture.seq(), reason));
    }
    after = picture.seq();
    asked = after;
  }

  /** Sends a part of the picture; false if it wants another turn first. */
  private boolean draw() {
    String part = picture.done() ? "" : picture.next();
    if (!part.isEmpty()) {
      sink.send(part);
    }
    if (picture.done()) {
      picture = null;
      return true;
    }
    return !part.isEmpty();
  }

  /** Sends records until the socket is full; false if the table must follow first. */
  private boolean deliver(TransitionLog.Page page) {
    long published = published();
    for (Transition record : page.transitions()) {
      if (sink.full()) {
        return true;
      }
      boolean registered = record.cause() == Cause.REGISTERED;
      if (registered && record.seq() > published) {
        return false;
      }
      sink.send(texts.of(record));
      after = record.seq();
      if (registered) {
        sendWorker(record);
      }
    }
    return true;
  }

  /** What a record of a registration does not say; one that is gone again needs no telling. */
  private void sendWorker(Transition registered) {
    postmaster
        .slot(registered.slot())
        .filter(tenant -> tenant.generation() == registered.generation())
        .ifPresent(tenant -> sink.send(FeedText.worker(registered.seq(), tenant)));
  }
}
