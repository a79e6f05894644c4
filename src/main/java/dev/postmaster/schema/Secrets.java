package dev.postmaster.schema;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.Set;

/**
 * Arguments that a schema marks as secret, by {@code "writeOnly": true}: what is said of arguments
 * shows them as {@value #SHOWN}.
 *
 * <p>A property counts by its name, wherever in the arguments it stands: to hide too much harms
 * nobody.
 *
 * <p>Threading: any.
 */
final class Secrets {

  static final String SHOWN = "(secret)";

  private final Set<String> names = new HashSet<>();

  Secrets(JsonObject schema) {
    collect(schema);
  }

  private void collect(Object schema) {
    if (schema instanceof JsonObject object) {
      if (object.getValue("properties") instanceof JsonObject properties) {
        properties.forEach(
            property -> {
              if (isSecret(property.getValue())) {
                names.add(property.getKey());
              }
            });
      }
      object.forEach(below -> collect(below.getValue()));
    } else if (schema instanceof JsonArray array) {
      array.forEach(this::collect);
    }
  }

  private static boolean isSecret(Object schema) {
    return schema instanceof JsonObject object && Boolean.TRUE.equals(object.getValue("writeOnly"));
  }

  /** Whether a property of that name is one. */
  boolean isSecret(String name) {
    return names.contains(name);
  }

  /** A copy without what is secret in it. */
  Object hidden(Object value) {
    if (value instanceof JsonObject object) {
      JsonObject copy = new JsonObject();
      object.forEach(
          entry ->
              copy.put(
                  entry.getKey(), isSecret(entry.getKey()) ? SHOWN : hidden(entry.getValue())));
      return copy;
    }
    if (value instanceof JsonArray array) {
      JsonArray copy = new JsonArray();
      array.forEach(one -> copy.add(hidden(one)));
      return copy;
    }
    return value;
  }
}
