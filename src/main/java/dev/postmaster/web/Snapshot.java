package dev.postmaster.web;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.StatusJson;
import dev.postmaster.WorkerStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** All registrations, and the postmaster beside them: the message {@code snapshot}. */
final class Snapshot implements Picture {

  private static final int BATCH = 1_000;

  private final Postmaster postmaster;
  private final long seq;
  private final List<Integer> slots = new ArrayList<>();
  private boolean gathered;
  private int part;

  /**
   * Begins one.
   *
   * @param seq the head as far as the published table has followed it
   */
  Snapshot(Postmaster postmaster, long seq) {
    this.postmaster = postmaster;
    this.seq = seq;
  }

  @Override
  public long seq() {
    return seq;
  }

  private int parts() {
    return Math.max(1, (slots.size() + WORKERS_MAX - 1) / WORKERS_MAX);
  }

  @Override
  public boolean done() {
    return gathered && part == parts();
  }

  @Override
  public String next() {
    if (!gathered) {
      gather();
      return "";
    }
    int from = part++ * WORKERS_MAX;
    int to = Math.min(slots.size(), from + WORKERS_MAX);
    JsonArray workers = new JsonArray();
    for (int slot : slots.subList(from, to)) {
      postmaster.slot(slot).map(StatusJson::worker).ifPresent(workers::add);
    }
    PostmasterStatus status = postmaster.status();
    return new JsonObject()
        .put("t", "snapshot")
        .put("seq", seq)
        .put("part", part)
        .put("parts", parts())
        .put("phase", status.phase().word())
        .put("shutdown", FeedJson.shutdown(status))
        .put("domains", FeedJson.domains(telling(status), DOMAINS_MAX))
        .put("parallel", FeedJson.parallel(status))
        .put("clients", status.clients())
        .put("workers", workers)
        .encode();
  }

  /** Notes a batch of the slots in use: how many there are says how many parts there will be. */
  private void gather() {
    int after = slots.isEmpty() ? -1 : slots.get(slots.size() - 1);
    List<WorkerStatus> batch = postmaster.list(after, BATCH);
    batch.forEach(worker -> slots.add(worker.slot()));
    gathered = batch.size() < BATCH;
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
