package dev.postmaster.web;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.WorkerStatus;
import io.vertx.core.json.JsonObject;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * All registrations that the filter shows, and the postmaster beside them: the message {@code
 * snapshot}.
 *
 * <p>Every part says how many there are, so they are planned before the first is written: by how
 * long each worker may become at most. A worker that has grown since, and does not fit into its
 * part, is left to the caller, who sends it afterwards by itself.
 */
final class Snapshot implements Picture {

  /** Domains shown. */
  static final int DOMAINS_MAX = 32;

  private static final int BATCH = 1_000;

  /** A worker without its texts, and with the largest figures that are likely. */
  private static final int WORKER_BYTES = 1_100;

  /** A character as JSON writes it at most: {@code \u0001}. */
  private static final int CHARACTER_BYTES = 6;

  /** What is kept free for figures of the head that grow. */
  private static final int HEAD_SLACK = 256;

  private final Postmaster postmaster;
  private final FeedFilter filter;
  private final long seq;
  private final IntConsumer left;
  private final BitSet slots = new BitSet();

  /** The first slot of each part. */
  private final BitSet firsts = new BitSet();

  private int headBytes;
  private int planned;
  private int parts;
  private int after = -1;
  private boolean gathered;
  private int part;
  private int next;

  /**
   * Begins one.
   *
   * @param seq the head as far as the published table has followed it
   * @param left is told of a slot that fits into no part
   */
  Snapshot(Postmaster postmaster, FeedFilter filter, long seq, IntConsumer left) {
    this.postmaster = postmaster;
    this.filter = filter;
    this.seq = seq;
    this.left = left;
  }

  @Override
  public long seq() {
    return seq;
  }

  @Override
  public boolean done() {
    return gathered && part == parts;
  }

  @Override
  public String next() {
    if (!gathered) {
      gather();
      return "";
    }
    part++;
    PartText text = new PartText(head(), 0);
    int slot = slots.nextSetBit(next);
    while (slot >= 0) {
      Optional<WorkerStatus> tenant = postmaster.slot(slot).filter(filter::shows);
      if (tenant.isPresent() && !text.add(tenant.get())) {
        left.accept(slot);
      }
      slot = slots.nextSetBit(slot + 1);
      if (slot >= 0 && firsts.get(slot)) {
        break;
      }
    }
    next = slot;
    return text.end();
  }

  private JsonObject head() {
    PostmasterStatus status = postmaster.status();
    return new JsonObject()
        .put("t", "snapshot")
        .put("seq", seq)
        .put("part", part)
        .put("parts", parts)
        .put("phase", status.phase().word())
        .put("shutdown", FeedJson.shutdown(status))
        .put("domains", FeedJson.domains(telling(status), DOMAINS_MAX))
        .put("parallel", FeedJson.parallel(status))
        .put("clients", status.clients());
  }

  /** Plans a batch: which slots there are, and where each part begins. */
  private void gather() {
    if (after < 0) {
      headBytes = head().toBuffer().length() + HEAD_SLACK;
      parts = 1;
      planned = headBytes;
    }
    List<WorkerStatus> batch = postmaster.list(after, BATCH);
    for (WorkerStatus worker : batch) {
      after = worker.slot();
      if (filter.shows(worker)) {
        plan(worker);
      }
    }
    gathered = batch.size() < BATCH;
  }

  private void plan(WorkerStatus worker) {
    int bytes = WORKER_BYTES + CHARACTER_BYTES * characters(worker);
    if (planned + bytes > PartText.BYTES_MAX && planned > headBytes) {
      firsts.set(worker.slot());
      parts++;
      planned = headBytes;
    }
    slots.set(worker.slot());
    planned += bytes;
  }

  private static int characters(WorkerStatus worker) {
    return worker.name().length()
        + worker.type().length()
        + worker.library().length()
        + worker.function().length()
        + worker.domain().length()
        + worker.waiting().length()
        + (worker.last() == null ? 0 : worker.last().message().length());
  }

  /** Those with something to tell first: a part does not hold more than a few. */
  private static List<DomainStatus> telling(PostmasterStatus status) {
    return status.domains().stream()
        .sorted(
            Comparator.comparing((DomainStatus domain) -> !domain.resetting())
                .thenComparing(DomainStatus::cycles, Comparator.reverseOrder()))
        .toList();
  }
}
