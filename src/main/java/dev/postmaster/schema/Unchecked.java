package dev.postmaster.schema;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.SchemaRepository;
import java.util.Set;

/** What stands in a schema and would be ignored when it is applied, or fail only then. */
final class Unchecked {

  /** The formats that the library knows; all others it takes for met. */
  private static final Set<String> FORMATS =
      Set.of(
          "byte",
          "date",
          "time",
          "date-time",
          "duration",
          "uri",
          "uri-reference",
          "uri-template",
          "url",
          "email",
          "hostname",
          "ipv4",
          "ipv6",
          "regex",
          "uuid",
          "json-pointer",
          "json-pointer-uri-fragment",
          "relative-json-pointer",
          "idn-hostname",
          "idn-email");

  /** What may hold anything, and is no schema. */
  private static final Set<String> VALUES = Set.of("const", "default", "enum", "examples");

  private static final Set<String> DYNAMIC = Set.of("$dynamicRef", "$recursiveRef");

  private final SchemaRepository repository;

  Unchecked(SchemaRepository repository) {
    this.repository = repository;
  }

  /**
   * Looks at a schema that the library has been through, and at those in it.
   *
   * @throws IllegalArgumentException naming what is not checked
   */
  void refuse(JsonObject schema) {
    schema.forEach(
        entry -> {
          if (!VALUES.contains(entry.getKey())) {
            refuse(entry.getKey(), entry.getValue());
          }
        });
  }

  private void refuse(String key, Object value) {
    if (value instanceof JsonObject below) {
      refuse(below);
    } else if (value instanceof JsonArray several) {
      several.forEach(one -> refuse("", one));
    } else if (value instanceof String text) {
      refuse(key, text);
    }
  }

  private void refuse(String key, String text) {
    // The library has written there what a reference comes to.
    if (key.equals("__absolute_ref__") && repository.find(text) == null) {
      throw new IllegalArgumentException(
          "$ref: \"" + text + "\" is not in the schema, and nothing is fetched");
    }
    if (DYNAMIC.contains(key)) {
      throw new IllegalArgumentException(key + ": \"" + text + "\" is not supported");
    }
    if (key.equals("format") && !FORMATS.contains(text)) {
      throw new IllegalArgumentException("format: \"" + text + "\" is not checked by anything");
    }
  }
}
