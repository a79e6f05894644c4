package dev.postmaster.client;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * The fields of an object that came over a wire, each read as what it must be; null is as good as
 * absent, and what nobody asks for is ignored.
 *
 * <p>Errors: {@link WireFault}, naming the field.
 */
record Wire(JsonObject json) {

  /** Largest number that JSON holds exactly. */
  static final long EXACT_MAX = 1L << 53;

  static final int NAME_MAX = 256;
  static final int MESSAGE_MAX = 4_096;

  static Wire parse(String text) {
    try {
      return object(Json.decodeValue(text));
    } catch (DecodeException | StackOverflowError wrong) {
      throw new WireFault("not JSON: " + WireFault.shown(text));
    }
  }

  static Wire object(Object value) {
    if (value instanceof JsonObject object) {
      return new Wire(object);
    }
    throw new WireFault("not a JSON object: " + WireFault.shown(value));
  }

  boolean has(String field) {
    return json.getValue(field) != null;
  }

  /** Empty if there is none. */
  String text(String field, int max) {
    Object value = json.getValue(field);
    if (value == null) {
      return "";
    }
    if (value instanceof String text && text.length() <= max) {
      return text;
    }
    throw wrong(field, "text of at most " + max + " characters");
  }

  String name(String field) {
    return text(field, NAME_MAX);
  }

  long number(String field, long from, long to) {
    Object value = json.getValue(field);
    if (value instanceof Integer || value instanceof Long) {
      long number = ((Number) value).longValue();
      if (number >= from && number <= to) {
        return number;
      }
    }
    throw wrong(field, "whole number from " + from + " to " + to);
  }

  /** A count, a time or a sequence number that must be there. */
  long number(String field) {
    return number(field, 0, EXACT_MAX);
  }

  /** The same, or something else where it is unknown. */
  long number(String field, long otherwise) {
    return has(field) ? number(field) : otherwise;
  }

  int count(String field) {
    return (int) number(field, 0, Integer.MAX_VALUE);
  }

  int count(String field, int otherwise) {
    return has(field) ? count(field) : otherwise;
  }

  boolean truth(String field) {
    Object value = json.getValue(field);
    if (value == null || value instanceof Boolean) {
      return Boolean.TRUE.equals(value);
    }
    throw wrong(field, "true or false");
  }

  Wire inner(String field) {
    return optional(field).orElseThrow(() -> wrong(field, "object"));
  }

  Optional<Wire> optional(String field) {
    Object value = json.getValue(field);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof JsonObject object) {
      return Optional.of(new Wire(object));
    }
    throw wrong(field, "object");
  }

  JsonArray list(String field) {
    Object value = json.getValue(field);
    if (value == null) {
      return new JsonArray();
    }
    if (value instanceof JsonArray array) {
      return array;
    }
    throw wrong(field, "list");
  }

  WireFault wrong(String field, String rule) {
    return new WireFault(
        field + ": " + WireFault.shown(json.getValue(field)) + " is not a " + rule);
  }
}
