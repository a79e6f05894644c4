package dev.postmaster.core;

/**
 * Names one launch of a registration. Every answer from outside carries it, and is dropped unless
 * all three match what the slot holds now.
 *
 * @param runId the sequence number of the launch record
 */
public record Run(int slot, long generation, long runId) {}
