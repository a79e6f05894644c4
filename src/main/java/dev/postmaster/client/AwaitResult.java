package dev.postmaster.client;

import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.Handle;
import dev.postmaster.HandleStatus;
import dev.postmaster.WorkerState;
import java.util.Optional;

/**
 * What was waited for has come.
 *
 * @param runId 0 if there is no run
 * @param exit of the last run that ended; {@link Exit#NONE} if none has
 * @param code of that exit; {@link dev.postmaster.Transition#NO_CODE} if it has none
 * @param message of that exit; empty if there is none
 * @param reason why the run was told to stop; empty if it was not
 * @param at since when the state has been, epoch milliseconds; 0 if unknown
 * @param seq of the record that produced the state; 0 if unknown
 */
public record AwaitResult(
    Handle handle,
    WorkerState state,
    HandleStatus status,
    long runId,
    Exit exit,
    int code,
    String message,
    Optional<Cause> reason,
    long at,
    long seq) {}
