package dev.postmaster;

import io.vertx.core.Deployable;
import io.vertx.core.json.JsonObject;
import java.util.function.Supplier;

/**
 * A worker that can be registered by name.
 *
 * @param schema JSON schema of the worker's {@code args}, checked when a worker is registered
 *     (draft 4, 7, 2019-09 or 2020-12 as its {@code $schema} says, 2020-12 if that is silent);
 *     empty: anything goes. A {@code default} in it describes what the worker does without the
 *     field; nothing is filled in
 */
public record EntryPoint(
    String name, String description, JsonObject schema, WorkerFactory factory) {

  /** A blocking worker. */
  public static EntryPoint of(
      String name,
      String description,
      JsonObject schema,
      Supplier<? extends BackgroundWorker> supplier) {
    return new EntryPoint(name, description, schema, new WorkerFactory.Blocking(supplier));
  }

  /** A verticle. */
  public static EntryPoint ofVerticle(
      String name, String description, JsonObject schema, Supplier<? extends Deployable> supplier) {
    return new EntryPoint(name, description, schema, new WorkerFactory.Verticle(supplier));
  }
}
