package dev.postmaster.schema;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.OutputUnit;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The first rule of a schema that something breaks, in words.
 *
 * <p>Shape: {@code args.naptime: "soon" breaks #/properties/naptime/pattern, string does not match
 * pattern}: field, value, where the rule stands in the schema, what it says; of a secret neither
 * its value nor what the library says of it.
 */
final class BrokenRule {

  private static final int SHOWN_CHARS_MAX = 200;

  /** What several rules were tried for; the failure of each says less than that all failed. */
  private static final Pattern CHOICE = Pattern.compile(".*/(anyOf|oneOf)");

  private BrokenRule() {}

  static String first(String root, JsonObject value, OutputUnit found, Secrets secrets) {
    List<OutputUnit> errors = found.getErrors() == null ? List.of() : found.getErrors();
    if (errors.isEmpty()) {
      return root + ": breaks its schema";
    }
    // An error is followed by those that it consists of, whose places in the schema are below its.
    int at = 0;
    while (at + 1 < errors.size() && isPart(errors.get(at), errors.get(at + 1))) {
      at++;
    }
    return text(root, value, errors.get(at), secrets);
  }

  private static boolean isPart(OutputUnit whole, OutputUnit part) {
    String place = whole.getKeywordLocation();
    return !CHOICE.matcher(place).matches() && part.getKeywordLocation().startsWith(place + '/');
  }

  private static String text(String root, JsonObject value, OutputUnit error, Secrets secrets) {
    StringBuilder field = new StringBuilder(root);
    Object at = value;
    boolean secret = false;
    for (String step : error.getInstanceLocation().substring(1).split("/")) {
      if (step.isEmpty() && at == value) {
        continue;
      }
      String name = step.replace("~1", "/").replace("~0", "~");
      if (at instanceof JsonArray array) {
        field.append('[').append(name).append(']');
        at = array.getValue(Integer.parseInt(name));
      } else {
        field.append('.').append(cut(name));
        secret |= secrets.isSecret(name);
        at = at instanceof JsonObject object ? object.getValue(name) : null;
      }
    }
    Object seen = secret ? Secrets.SHOWN : secrets.hidden(at);
    String shown = seen instanceof String text ? text : Json.encode(seen);
    return String.format(
        Locale.ROOT,
        "%s: \"%s\" breaks %s, %s",
        field,
        cut(shown),
        cut(error.getKeywordLocation()),
        // What a library says of a value may repeat it.
        secret ? "which is all that is said of a secret" : cut(lower(error.getError())));
  }

  private static String lower(String sentence) {
    return sentence.substring(0, 1).toLowerCase(Locale.ROOT) + sentence.substring(1);
  }

  private static String cut(String text) {
    return text.length() > SHOWN_CHARS_MAX ? text.substring(0, SHOWN_CHARS_MAX) + "…" : text;
  }
}
