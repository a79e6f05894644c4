package dev.postmaster;

/**
 * One of the registrations that hold what was asked for.
 *
 * @param ageMs how long it has been registered, in milliseconds
 */
public record Holder(Handle handle, String name, long ageMs) {}
