package dev.postmaster.web;

import dev.postmaster.Postmaster;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog;
import dev.postmaster.web.ClientMessage.Resume;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Where one viewer stands in the journal, and what it gets next.
 *
 * <p>There is no queue: the journal is it. {@link #turn} reads on as long as the viewer's socket
 * and its window take something, one and the same loop for catching up and for live. So what a slow
 * viewer costs is what its socket holds, one part of a picture, and a bit for each slot.
 *
 * <p>A viewer that is live, has been full, and is more than {@value #BEHIND_MAX} records behind
 * loses them: it gets a {@code gap}, and the slots as they are now. One that catches up after a
 * resume has asked for those records and reads them at its own pace; only newer ones count.
 *
 * <p>Ordering: within an epoch each {@code seq} at most once and in order; the missing ones do not
 * match the filter, or lie in a {@code gap}. Slots that changed without a record are told before
 * any record that is newer than that.
 */
final class FeedReader {

  /** The socket of the viewer. */
  interface Sink {
    boolean full();

    /**
     * Sends a message.
     *
     * @param type its {@code t}
     * @param seq where a viewer that has it can resume; {@value #NOWHERE} if it does not say
     */
    void send(String type, long seq, String text);
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
    SLOTS,
    SNAPSHOT
  }

  /**
   * How much one viewer may ask of others.
   *
   * @param behindMax records that it may be behind
   * @param clock in nanoseconds: a turn of the loop for it is {@value #TURN_NS} of them at most
   */
  record Bounds(long behindMax, LongSupplier clock) {
    static final Bounds OURS = new Bounds(BEHIND_MAX, System::nanoTime);
  }

  static final int BEHIND_MAX = 1_024;

  static final int NOWHERE = -1;

  private static final int PAGE = 128;

  /** A turn of the loop for one viewer; then others get theirs. */
  private static final long TURN_NS = 3_000_000;

  private final Postmaster postmaster;
  private final TransitionLog log;
  private final RecordTexts texts;
  private final ChangedSlots changedSlots;
  private final Sink sink;
  private final Bounds bounds;

  /** Whether it takes pictures; else the records only, and gaps. */
  private final boolean pictures;

  private FeedFilter filter = FeedFilter.ALL;
  private AckWindow window = new AckWindow(AckWindow.NONE);
  private long after = NOWHERE;

  /** What was in the journal when the viewer asked for it: so far it catches up. */
  private long asked;

  private boolean wasFull;

  private Need need = Need.NOTHING;

  /** Why records are missing before the picture that is needed; empty if none are. */
  private String reason = "";

  private Picture picture;

  /** Slots to be told of that changed without a record. */
  private final BitSet changed = new BitSet();

  FeedReader(Feed feed, Postmaster postmaster, Sink sink, boolean pictures) {
    this(postmaster, feed.texts(), feed.changed(), sink, pictures, Bounds.OURS);
  }

  FeedReader(
      Postmaster postmaster,
      RecordTexts texts,
      ChangedSlots changedSlots,
      Sink sink,
      boolean pictures,
      Bounds bounds) {
    this.postmaster = postmaster;
    this.log = postmaster.transitions();
    this.texts = texts;
    this.changedSlots = changedSlots;
    this.sink = sink;
    this.pictures = pictures;
    this.bounds = bounds;
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

  private boolean behind() {
    return wasFull && published() - Math.max(after, asked) > bounds.behindMax();
  }

  /** Whether more waits for the viewer than is kept for it, be it that it does not acknowledge. */
  boolean slow() {
    return behind();
  }

  /** Slots have changed without a record. */
  void changed(BitSet slots) {
    if (subscribed() && pictures) {
      changed.or(slots);
    }
  }

  void acknowledged(long seq) {
    window.acknowledged(seq);
  }

  /**
   * Begins, or begins anew with a picture of its own.
   *
   * @return false if the viewer cannot resume and wants no snapshot: nothing has begun then
   */
  boolean subscribe(ClientMessage request) {
    long head = log.head();
    Resume resume = request.resume();
    boolean again = subscribed();
    boolean ours = resume != null && resume.epoch().equals(log.epoch());
    boolean ahead = ours && resume.seq() > head;
    boolean resumes = !again && ours && !ahead && resume.seq() >= log.oldest() - 1;
    if (!again && resume != null && !resumes && !request.snapshot()) {
      return false;
    }
    filter = request.filter();
    window = new AckWindow(request.window());
    if (resumes) {
      resume(resume.seq(), head);
    } else if (again || resume == null || ahead) {
      if (ahead && !again) {
        String found = "seq " + resume.seq() + " is ahead of the head, " + head;
        sink.send("error", NOWHERE, FeedText.error("RESUME_AHEAD", found, false));
      }
      begin(request.snapshot(), head);
    } else {
      after = ours ? resume.seq() : 0;
      look(Need.SNAPSHOT, ours ? "overrun" : "epoch");
    }
    return true;
  }

  private void resume(long seq, long head) {
    after = seq;
    asked = head;
    changed(changedSlots.since(seq));
    repeatWorker(seq);
  }

  /** A viewer that has seen a registration last may have lost its link before the worker. */
  private void repeatWorker(long seq) {
    if (seq >= log.oldest()) {
      for (Transition last : log.read(seq - 1, 1).transitions()) {
        if (last.seq() == seq && filter.enters(last)) {
          changed.set(last.slot());
        }
      }
    }
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
        gap(head, "subscribe");
      }
      after = head;
      asked = head;
    }
  }

  /** Follows the records after that one, of which the older may be gone. */
  void follow(FeedFilter wanted, long seq) {
    filter = wanted;
    after = seq;
    asked = log.head();
  }

  private void look(Need at, String why) {
    if (pictures) {
      need = at;
      reason = why;
    } else {
      skip(Math.max(published(), log.oldest() - 1), why);
    }
  }

  private void skip(long to, String why) {
    gap(to, why);
    after = Math.max(after, to);
  }

  private void gap(long to, String why) {
    sink.send("gap", to, FeedText.gap(after + 1, to, why));
  }

  /** Writes what there is, within the bounds of a turn. */
  Turn turn() {
    long startNs = bounds.clock().getAsLong();
    while (bounds.clock().getAsLong() - startNs < TURN_NS) {
      if (sink.full()) {
        wasFull = true;
        return Turn.FULL;
      }
      Optional<Turn> end = step();
      if (end.isPresent()) {
        return end.get();
      }
    }
    return Turn.MORE;
  }

  /** Writes a message, or a page of records; how the turn ends, if it does. */
  private Optional<Turn> step() {
    if (picture != null) {
      draw();
      return Optional.empty();
    }
    boolean looks = need != Need.NOTHING || !changed.isEmpty();
    if (looks && published() < after) {
      return Optional.of(Turn.MORE);
    }
    if (need != Need.NOTHING) {
      beginPicture();
    } else if (!changed.isEmpty()) {
      tellChanged();
    } else if (behind() && !window.isFull()) {
      wasFull = false;
      look(Need.SLOTS, "slow-consumer");
    } else {
      return read();
    }
    return Optional.empty();
  }

  private void beginPicture() {
    long seq = published();
    if (need == Need.SLOTS) {
      picture = new Touched(postmaster, filter, after, seq, changed::set);
    } else {
      changed.clear();
      picture = new Snapshot(postmaster, filter, seq, changed::set);
    }
    need = Need.NOTHING;
    if (!reason.isEmpty() && seq > after) {
      gap(seq, reason);
    }
    after = seq;
    asked = seq;
  }

  /** Sends a part of the picture, or looks around for it. */
  private void draw() {
    String part = picture.done() ? "" : picture.next();
    if (!part.isEmpty()) {
      sink.send("picture", NOWHERE, part);
    }
    if (picture.done()) {
      picture = null;
    }
  }

  private void tellChanged() {
    int slot = changed.nextSetBit(0);
    changed.clear(slot);
    long head = published(); // first, so that the table is at least as new
    postmaster
        .slot(slot)
        .filter(filter::shows)
        .ifPresent(tenant -> sink.send("worker", NOWHERE, texts.worker(head, tenant)));
  }

  private Optional<Turn> read() {
    TransitionLog.Page page = log.read(after, PAGE);
    if (page.gap().isPresent()) {
      if (window.isFull()) {
        return stall();
      }
      String why = page.gap().get().reason();
      if (pictures) {
        look(Need.SNAPSHOT, why);
      } else {
        skip(page.gap().get().to(), why);
      }
      return Optional.empty();
    }
    if (page.transitions().isEmpty()) {
      wasFull = false;
      return Optional.of(Turn.IDLE);
    }
    return deliver(page);
  }

  /** It is as if its socket were full, until it acknowledges. */
  private Optional<Turn> stall() {
    wasFull = true;
    return Optional.of(Turn.FULL);
  }

  /** Sends records until the socket is full, or the table must follow first. */
  private Optional<Turn> deliver(TransitionLog.Page page) {
    long published = published();
    for (Transition record : page.transitions()) {
      if (!filter.passes(record)) {
        after = record.seq();
        continue;
      }
      boolean enters = pictures && filter.enters(record);
      if (window.isFull()) {
        return stall();
      }
      if (sink.full()) {
        return Optional.empty();
      }
      if (enters && record.seq() > published) {
        return Optional.of(Turn.MORE);
      }
      sink.send("transition", record.seq(), texts.of(record));
      window.sent(record.seq());
      after = record.seq();
      if (enters) {
        sendWorker(record);
      }
    }
    return Optional.empty();
  }

  /** What a record does not say of a worker that it brings into sight, if it is still there. */
  private void sendWorker(Transition record) {
    postmaster
        .slot(record.slot())
        .filter(tenant -> tenant.generation() == record.generation() && filter.shows(tenant))
        .ifPresent(tenant -> sink.send("worker", NOWHERE, texts.worker(record.seq(), tenant)));
  }
}
