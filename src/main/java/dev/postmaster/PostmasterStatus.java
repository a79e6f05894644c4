package dev.postmaster;

import java.util.List;
import java.util.Map;

/**
 * The postmaster at a glance.
 *
 * @param seq the head of the journal
 * @param shutdown the mode in force
 * @param shutdownSince epoch milliseconds, 0 if none is
 * @param left workers that still have a run while it goes down
 * @param workers registrations by state; states that nobody is in are absent
 * @param slotsUsed slots that are not free
 */
public record PostmasterStatus(
    String name,
    String epoch,
    long seq,
    Phase phase,
    ShutdownMode shutdown,
    long shutdownSince,
    int left,
    long startedAt,
    long upMs,
    Map<WorkerState, Integer> workers,
    int clients,
    int slotsUsed,
    int slotsTotal,
    int parallelActive,
    int parallelLimit,
    List<DomainStatus> domains) {

  /**
   * A crash domain that has members, or has had a cycle.
   *
   * @param cycles crash cycles so far
   */
  public record DomainStatus(String name, boolean resetting, int cycles) {}
}
