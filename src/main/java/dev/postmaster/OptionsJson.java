package dev.postmaster;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads options from JSON: nothing is accepted and ignored. */
final class OptionsJson {

  private OptionsJson() {}

  /**
   * Holds JSON against that of all options with their defaults.
   *
   * @param path of the object, with a dot at its end; empty for the outermost
   * @throws IllegalArgumentException naming the path of what is unknown or of another kind
   */
  static void check(JsonObject json, JsonObject known, String path) {
    for (Map.Entry<String, Object> field : json) {
      String key = path + field.getKey();
      if (!known.containsKey(field.getKey())) {
        throw new IllegalArgumentException("unknown key: " + key);
      }
      Object like = known.getValue(field.getKey());
      Object value = field.getValue();
      Class<?> kind = like == null ? String.class : like.getClass();
      boolean isNone = value == null && like == null;
      if (!isNone && !kind.isInstance(value) && !isInteger(kind, value)) {
        throw wrong(key, value, kindWord(kind));
      }
      if (like instanceof JsonObject inner) {
        check((JsonObject) value, inner, key + '.');
      }
    }
  }

  /** Code may have put a small number in as a long. */
  private static boolean isInteger(Class<?> kind, Object value) {
    return kind == Integer.class && value instanceof Long number && number == number.intValue();
  }

  private static IllegalArgumentException wrong(String path, Object value, String kind) {
    String text = value instanceof String ? "\"" + value + '"' : String.valueOf(value);
    return new IllegalArgumentException(path + ": " + text + " is no " + kind);
  }

  private static String kindWord(Class<?> kind) {
    return kind == JsonObject.class
        ? "object"
        : kind == JsonArray.class ? "list" : kind.getSimpleName().toLowerCase(Locale.ROOT);
  }

  static <E extends Enum<E>> E word(String path, Class<E> of, String word) {
    try {
      return Enum.valueOf(of, word);
    } catch (IllegalArgumentException unknown) {
      throw new IllegalArgumentException(
          path + ": \"" + word + "\" is none of " + List.of(of.getEnumConstants()), unknown);
    }
  }

  static Duration duration(JsonObject json, String path, Duration otherwise) {
    String text = json.getString(path.substring(path.indexOf('.') + 1));
    return text == null
        ? otherwise
        : DurationText.parse(text)
            .orElseThrow(
                () -> new IllegalArgumentException(path + ": \"" + text + "\" is not a duration"));
  }

  static List<String> words(String path, JsonArray list) {
    List<String> words = new ArrayList<>();
    for (int n = 0; n < list.size(); n++) {
      if (!(list.getValue(n) instanceof String word)) {
        throw wrong(path + '[' + n + ']', list.getValue(n), "string");
      }
      words.add(word);
    }
    return List.copyOf(words);
  }

  static Path path(String path, String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException none) {
      throw wrong(path, text, "path");
    }
  }
}
