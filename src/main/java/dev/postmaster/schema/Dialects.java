package dev.postmaster.schema;

import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.json.schema.Validator;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The drafts that a schema can be written in, each with its schema of schemas.
 *
 * <p>Threading: one thread at a time.
 */
final class Dialects {

  /** What a reference without a base stands on; nothing is fetched from it, or from anywhere. */
  static final String BASE = "urn:postmaster:args";

  private static final Map<Draft, List<String>> PARTS =
      Map.of(
          Draft.DRAFT4, List.of("draft-04/schema"),
          Draft.DRAFT7, List.of("draft-07/schema"),
          Draft.DRAFT201909,
              List.of(
                  "draft/2019-09/schema",
                  "draft/2019-09/meta/core",
                  "draft/2019-09/meta/applicator",
                  "draft/2019-09/meta/validation",
                  "draft/2019-09/meta/meta-data",
                  "draft/2019-09/meta/format",
                  "draft/2019-09/meta/content"),
          Draft.DRAFT202012,
              List.of(
                  "draft/2020-12/schema",
                  "draft/2020-12/meta/core",
                  "draft/2020-12/meta/applicator",
                  "draft/2020-12/meta/validation",
                  "draft/2020-12/meta/meta-data",
                  "draft/2020-12/meta/format-annotation",
                  "draft/2020-12/meta/content",
                  "draft/2020-12/meta/unevaluated"));

  private final Map<Draft, Validator> validators = new EnumMap<>(Draft.class);

  static JsonSchemaOptions options(Draft draft) {
    return new JsonSchemaOptions()
        .setBaseUri(BASE)
        .setDraft(draft)
        .setOutputFormat(OutputFormat.Basic);
  }

  /**
   * The draft that a schema says it is written in, else the latest.
   *
   * @throws IllegalArgumentException if that is none of these
   */
  static Draft of(JsonObject schema) {
    Object dialect = schema.getValue("$schema");
    if (dialect == null) {
      return Draft.DRAFT202012;
    }
    // Drafts 4 and 7 are often written with an empty fragment.
    String id = dialect.toString().replaceFirst("#$", "");
    for (Draft draft : Draft.values()) {
      if (draft.getIdentifier().replaceFirst("#$", "").equals(id)) {
        return draft;
      }
    }
    throw new IllegalArgumentException("$schema: \"" + dialect + "\" is no known draft");
  }

  /** Holds a schema to the schema of schemas. */
  OutputUnit check(JsonObject schema, Draft draft) {
    return validators.computeIfAbsent(draft, Dialects::validator).validate(schema);
  }

  private static Validator validator(Draft draft) {
    SchemaRepository repository = SchemaRepository.create(options(draft));
    List<String> parts = PARTS.get(draft);
    String root = "";
    for (String part : parts) {
      JsonObject schema = resource("json-schema.org/" + part);
      String id = schema.getString("$id", schema.getString("id"));
      repository.dereference(id, JsonSchema.of(schema));
      root = root.isEmpty() ? id : root;
    }
    return repository.validator(root);
  }

  /** The library carries them. */
  private static JsonObject resource(String path) {
    try (InputStream in = JsonSchema.class.getClassLoader().getResourceAsStream(path)) {
      return new JsonObject(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
