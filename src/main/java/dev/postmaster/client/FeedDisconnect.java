package dev.postmaster.client;

import java.util.Optional;

/**
 * A connection that ended, or did not come about.
 *
 * @param code the WebSocket's close code; 0 if there is none: refused, broken off, dead, or given
 *     up because of what came over it
 * @param reason in words
 * @param retryMs when the next attempt is made; empty if there will be none
 */
public record FeedDisconnect(int code, String reason, Optional<Long> retryMs) {}
