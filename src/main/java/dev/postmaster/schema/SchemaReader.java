package dev.postmaster.schema;

import dev.postmaster.ArgsSchema;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.OutputUnit;

/**
 * Reads JSON schemas with vertx-json-schema. What JSON Schema would let pass in silence, because it
 * cannot be checked, is refused here: unknown formats, references that lead nowhere, recursion
 * without an end.
 *
 * <p>Threading: any thread.
 */
public final class SchemaReader implements ArgsSchema.Reader {

  private final Dialects dialects = new Dialects();

  /** For the ServiceLoader; fails where the library is not there. */
  public SchemaReader() {
    Draft.valueOf("DRAFT202012");
  }

  @Override
  public synchronized ArgsSchema read(JsonObject schema) {
    // The library writes into the schemas that it is given.
    JsonObject plain = new JsonObject(schema.encode());
    Draft draft = Dialects.of(plain);
    OutputUnit found = dialects.check(plain, draft);
    if (!found.getValid()) {
      throw new IllegalArgumentException(
          BrokenRule.first("schema", plain, found, new Secrets(new JsonObject())));
    }
    CheckedArgs args = new CheckedArgs(plain, draft);
    args.rehearse();
    return args;
  }
}
