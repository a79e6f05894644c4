package dev.postmaster.web;

import dev.postmaster.Cause;
import dev.postmaster.Postmaster;
import dev.postmaster.StatusJson;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog;
import dev.postmaster.WorkerStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The slots that changed in a stretch of the journal that a viewer was too slow for, as they are
 * now: the messages {@code slots}.
 */
final class Touched implements Picture {

  /** A longer stretch is not worth reading: a snapshot says the same. */
  static final int STRETCH_MAX = 10_000;

  private static final int FREE_MAX = 500;

  private final Postmaster postmaster;
  private final long since;
  private final long seq;
  private final Iterator<Transition> slots;

  private Touched(Postmaster postmaster, long since, long seq, Map<Integer, Transition> lasts) {
    this.postmaster = postmaster;
    this.since = since;
    this.seq = seq;
    slots = lasts.values().iterator();
  }

  /**
   * The picture of what changed after that record; a whole snapshot where slots do not tell it.
   *
   * @param seq the head as far as the published table has followed it
   */
  static Picture since(Postmaster postmaster, long since, long seq) {
    TransitionLog log = postmaster.transitions();
    if (seq - since > STRETCH_MAX) {
      return new Snapshot(postmaster, seq);
    }
    Map<Integer, Transition> lasts = new TreeMap<>();
    for (long after = since; after < seq; ) {
      TransitionLog.Page page = log.read(after, (int) (seq - after));
      if (page.gap().isPresent() || page.next() <= after) {
        return new Snapshot(postmaster, seq);
      }
      for (Transition transition : page.transitions()) {
        if (transition.own() && changesMore(transition.cause())) {
          return new Snapshot(postmaster, seq);
        }
        lasts.put(transition.slot(), transition);
      }
      after = page.next();
    }
    lasts.remove(-1);
    return new Touched(postmaster, since, seq, lasts);
  }

  /** Whether a record of the postmaster's own changes what only a snapshot shows. */
  private static boolean changesMore(Cause cause) {
    return cause != Cause.REFUSED && cause != Cause.LOST;
  }

  @Override
  public long seq() {
    return seq;
  }

  @Override
  public boolean done() {
    return !slots.hasNext();
  }

  @Override
  public String next() {
    JsonArray workers = new JsonArray();
    JsonArray free = new JsonArray();
    while (slots.hasNext() && workers.size() < WORKERS_MAX && free.size() < FREE_MAX) {
      Transition last = slots.next();
      Optional<WorkerStatus> tenant = postmaster.slot(last.slot());
      if (tenant.isPresent()) {
        workers.add(StatusJson.worker(tenant.get()));
      } else {
        free.add(
            new JsonObject()
                .put("slot", last.slot())
                .put("generation", last.generation())
                .put("seq", last.seq()));
      }
    }
    return new JsonObject()
        .put("t", "slots")
        .put("since", since)
        .put("seq", seq)
        .put("workers", workers)
        .put("free", free)
        .encode();
  }
}
