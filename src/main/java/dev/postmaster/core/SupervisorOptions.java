package dev.postmaster.core;

import dev.postmaster.Phase;
import dev.postmaster.WorkerTerms;
import java.util.function.Consumer;

/**
 * What the core is set up with; fixed for its life.
 *
 * @param epoch the life line that handles carry
 * @param headSeq the last sequence number that was given out; the first record gets the next
 * @param past what an earlier life of the same epoch left
 * @param maxWorkers slots
 * @param maxWorkerThreads blocking runs at one time
 * @param crashWithinNs the window of the crash limit
 * @param virtualThreads whether the JVM has them (rule 6)
 * @param entryPoints throws {@code UNKNOWN_ENTRY_POINT} if the terms name none that exists (rule 7)
 */
public record SupervisorOptions(
    String epoch,
    long headSeq,
    Past past,
    int maxWorkers,
    int maxWorkerThreads,
    int maxParallelWorkers,
    boolean uniqueNames,
    boolean restartAfterCrash,
    int crashCycles,
    long crashWithinNs,
    long shutdownTimeoutNs,
    Phase phase,
    boolean virtualThreads,
    Consumer<WorkerTerms> entryPoints) {}
