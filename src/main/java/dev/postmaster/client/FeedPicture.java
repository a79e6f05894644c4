package dev.postmaster.client;

import dev.postmaster.Phase;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.WorkerStatus;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A postmaster as its feed has shown it up to one record. Immutable.
 *
 * <p>Once caught up it says what the postmaster has published, but for what no message carries:
 * {@code clients} and {@code parallelLimit} are of the last snapshot; of a worker {@code paused}
 * and {@code pausedUntil} are of the last WORKER that was sent, {@code waiting} and {@code
 * deadlineAt} too and forgotten at the next edge, {@code critical} is always false, {@code
 * restartInMs} is as it was when it was told, and the last message may be cut.
 *
 * <p>Of a worker that was only seen in transitions, as happens without a snapshot, the rest is
 * empty.
 *
 * @param epoch empty before anything was seen
 * @param seq the last record that is in it
 * @param whole whether it began with a snapshot, and misses nothing since
 * @param shutdownSince epoch milliseconds, 0 if none is
 * @param left workers that still have a run while the postmaster goes down
 * @param domains by name
 * @param workers registrations by slot; unmodifiable
 */
public record FeedPicture(
    String name,
    String epoch,
    long seq,
    boolean whole,
    Phase phase,
    ShutdownMode shutdown,
    long shutdownSince,
    int left,
    int clients,
    int slotsTotal,
    int parallelActive,
    int parallelLimit,
    List<DomainStatus> domains,
    SortedMap<Integer, WorkerStatus> workers) {

  /** From where a feed could be resumed. */
  public FeedPosition position() {
    return new FeedPosition(epoch, seq);
  }

  /** What is in a slot; empty if it is free. */
  public Optional<WorkerStatus> slot(int slot) {
    return Optional.ofNullable(workers.get(slot));
  }

  /** The registrations of that name, by slot. */
  public List<WorkerStatus> named(String name) {
    return workers.values().stream().filter(worker -> worker.name().equals(name)).toList();
  }
}
