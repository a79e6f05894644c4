package dev.postmaster.client;

import dev.postmaster.WorkerStatus;
import java.util.List;
import java.util.OptionalInt;

/**
 * Workers by slot.
 *
 * @param seq the head when it was made
 * @param next the slot to ask after for more; empty if there are none
 */
public record WorkerPage(String epoch, long seq, List<WorkerStatus> workers, OptionalInt next) {}
