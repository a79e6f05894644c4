package dev.postmaster.client;

import io.vertx.core.json.JsonObject;

/**
 * An entry point that can be registered there.
 *
 * @param schema the JSON schema of its arguments; empty: anything goes
 */
public record RemoteEntryPoint(
    String library, String function, String description, JsonObject schema) {}
