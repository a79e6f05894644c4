package dev.postmaster.health;

import io.vertx.core.json.JsonObject;

/**
 * What one look at a postmaster has shown.
 *
 * @param data what was seen; where it is not well, by whose fault: names, never messages
 */
public record Finding(boolean isWell, JsonObject data) {}
