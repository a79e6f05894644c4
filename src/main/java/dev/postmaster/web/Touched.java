package dev.postmaster.web;

import dev.postmaster.Cause;
import dev.postmaster.Postmaster;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog;
import dev.postmaster.WorkerStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/**
 * The slots that changed in a stretch of the journal that a viewer was too slow for, as they are
 * now: the messages {@code slots}. Where slots do not tell what happened, it is a {@link Snapshot}.
 *
 * <p>A worker that has left the filter in that stretch is told of for the last time, as it is now;
 * one that is gone, or that another has followed who is not in the filter, is {@code free}.
 */
final class Touched implements Picture {

  /** A longer stretch is not worth reading: a snapshot says the same. */
  static final int STRETCH_MAX = 10_000;

  private static final int PAGE = 1_000;

  private static final int FREE_MAX = 128;

  /** {@code {"slot","generation","seq"}} with the largest figures, and its comma. */
  private static final int FREE_BYTES = 80;

  private final Postmaster postmaster;
  private final FeedFilter filter;
  private final long since;
  private final long seq;
  private final IntConsumer left;
  private final Map<Integer, Trace> traces = new TreeMap<>();
  private long read;
  private Deque<Trace> slots;

  /** Null as long as slots tell it. */
  private Picture whole;

  /** What the stretch says last of a slot, and whether the viewer had it in sight before. */
  private record Trace(int slot, long generation, long seq, boolean seen) {}

  /**
   * Begins one of what came after {@code since}.
   *
   * @param seq the head as far as the published table has followed it
   * @param left is told of a slot that fits into no part
   */
  Touched(Postmaster postmaster, FeedFilter filter, long since, long seq, IntConsumer left) {
    this.postmaster = postmaster;
    this.filter = filter;
    this.since = since;
    this.seq = seq;
    this.left = left;
    read = since;
    if (seq - since > STRETCH_MAX) {
      giveUp();
    }
  }

  private void giveUp() {
    whole = new Snapshot(postmaster, filter, seq, left);
  }

  @Override
  public long seq() {
    return seq;
  }

  @Override
  public boolean done() {
    return whole == null ? slots != null && slots.isEmpty() : whole.done();
  }

  @Override
  public String next() {
    if (whole != null) {
      return whole.next();
    }
    if (slots == null) {
      readOn();
      return "";
    }
    return part();
  }

  private void readOn() {
    if (read >= seq) {
      slots = new ArrayDeque<>(traces.values());
      return;
    }
    TransitionLog.Page page = postmaster.transitions().read(read, (int) Math.min(PAGE, seq - read));
    if (page.gap().isPresent() || page.next() <= read) {
      giveUp();
      return;
    }
    for (Transition record : page.transitions()) {
      if (record.own() && changesMore(record.cause())) {
        giveUp();
        return;
      }
      if (!record.own() && filter.picks(record)) {
        Trace before = traces.get(record.slot());
        boolean seen = before == null ? filter.shows(record.from()) : before.seen();
        traces.put(
            record.slot(), new Trace(record.slot(), record.generation(), record.seq(), seen));
      }
    }
    read = page.next();
  }

  /** Whether a record of the postmaster's own changes what only a snapshot shows. */
  private static boolean changesMore(Cause cause) {
    return cause != Cause.REFUSED && cause != Cause.LOST;
  }

  private String part() {
    JsonObject head = new JsonObject().put("t", "slots").put("since", since).put("seq", seq);
    PartText text = new PartText(head, FREE_MAX * FREE_BYTES);
    JsonArray free = new JsonArray();
    while (!slots.isEmpty() && free.size() < FREE_MAX) {
      Trace trace = slots.getFirst();
      Optional<WorkerStatus> tenant = postmaster.slot(trace.slot());
      if (tenant.isPresent() && isToTell(trace, tenant.get())) {
        if (!text.add(tenant.get())) {
          break; // alone it fits into the next
        }
      } else if (tenant.isEmpty() || trace.seen()) {
        free.add(free(trace));
      }
      slots.removeFirst();
    }
    return text.end("free", free.encode());
  }

  /** Whether it is in sight, or was and is still the same. */
  private boolean isToTell(Trace trace, WorkerStatus worker) {
    boolean same = trace.generation() == worker.generation();
    return filter.shows(worker) || trace.seen() && same;
  }

  private static JsonObject free(Trace last) {
    return new JsonObject()
        .put("slot", last.slot())
        .put("generation", last.generation())
        .put("seq", last.seq());
  }
}
