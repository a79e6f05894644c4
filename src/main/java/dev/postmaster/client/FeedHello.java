package dev.postmaster.client;

import dev.postmaster.Phase;

/**
 * What a server says first on each connection.
 *
 * @param head the highest sequence number then
 * @param oldest the lowest that it could still read then
 * @param heartbeatMs time between two heartbeats
 * @param role what the viewer may do, such as {@code viewer}
 * @param slots how many the postmaster has
 */
public record FeedHello(
    String name,
    String epoch,
    long head,
    long oldest,
    int heartbeatMs,
    String role,
    int slots,
    Phase phase) {}
