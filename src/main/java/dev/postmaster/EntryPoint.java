package dev.postmaster;

import io.vertx.core.json.JsonObject;
import java.util.function.Supplier;

/**
 * A worker that can be registered by name.
 *
 * @param schema JSON schema of the worker's {@code args}
 */
public record EntryPoint(
    String name,
    String description,
    JsonObject schema,
    Supplier<? extends BackgroundWorker> factory) {}
