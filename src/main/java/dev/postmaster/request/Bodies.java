package dev.postmaster.request;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Reads the body of a request: a JsonObject, or one as text in a String or Buffer. What comes out
 * is a copy of plain JSON types, whatever came in; no body is an empty one.
 *
 * <p>Units: at most {@value #BYTES_MAX} bytes, of a JsonObject counted as it would be written
 * without escapes; at most {@value #DEPTH_MAX} levels of nesting.
 *
 * <p>Errors: {@code BAD_REQUEST}.
 */
public final class Bodies {

  public static final int BYTES_MAX = 64 * 1_024;

  /** A specification has {@code args} of depth 8; all else is flat. */
  static final int DEPTH_MAX = 32;

  private static final Base64.Encoder BASE_64 = Base64.getUrlEncoder().withoutPadding();

  /** How many bytes may still come. */
  private int left;

  private Bodies(int left) {
    this.left = left;
  }

  /** Reads one, of whatever type; null is no body. */
  public static JsonObject read(Object body) {
    try {
      return known(body);
    } catch (PostmasterException refusal) {
      throw refusal;
    } catch (RuntimeException | StackOverflowError unreadable) {
      // Whoever sent it has types of his own in it, which are not ours to trust.
      throw bad("the body cannot be read");
    }
  }

  private static JsonObject known(Object body) {
    if (body == null) {
      return new JsonObject();
    }
    if (body instanceof String text) {
      return measured(parsed(text, Texts.utf8(text, BYTES_MAX + 1)));
    }
    if (body instanceof Buffer buffer) {
      return measured(parsed(buffer, buffer.length()));
    }
    return plain(body, BYTES_MAX);
  }

  /** Of a text that is not too large nothing comes that is. */
  private static JsonObject measured(Object parsed) {
    return plain(parsed, Integer.MAX_VALUE);
  }

  private static JsonObject plain(Object value, int bytesMax) {
    if (value instanceof JsonObject object) {
      return new Bodies(bytesMax).object(object.getMap(), 1);
    }
    throw bad("the body is not a JSON object");
  }

  private static Object parsed(Object text, int bytes) {
    if (bytes > BYTES_MAX) {
      throw tooLarge();
    }
    try {
      return text instanceof Buffer buffer
          ? Json.decodeValue(buffer)
          : Json.decodeValue((String) text);
    } catch (DecodeException | StackOverflowError wrong) {
      throw bad("the body is not JSON");
    }
  }

  private JsonObject object(Map<?, ?> map, int depth) {
    deeper(depth);
    take(2);
    JsonObject copy = new JsonObject();
    map.forEach(
        (key, value) -> {
          if (!(key instanceof CharSequence name)) {
            throw bad("the body has a key that is not a text");
          }
          take(2);
          copy.put(text(name), inner(value, depth));
        });
    return copy;
  }

  private JsonArray array(List<?> list, int depth) {
    deeper(depth);
    take(2);
    JsonArray copy = new JsonArray();
    list.forEach(
        value -> {
          take(1);
          copy.add(inner(value, depth));
        });
    return copy;
  }

  private Object inner(Object value, int depth) {
    if (value instanceof CharSequence text) {
      return text(text);
    }
    if (value == null || value instanceof Boolean) {
      take(4);
      return value;
    }
    if (value instanceof Number number) {
      return number(number);
    }
    if (value instanceof JsonObject object) {
      return object(object.getMap(), depth + 1);
    }
    if (value instanceof JsonArray array) {
      return array(array.getList(), depth + 1);
    }
    if (value instanceof Map<?, ?> map) {
      return object(map, depth + 1);
    }
    if (value instanceof List<?> list) {
      return array(list, depth + 1);
    }
    return converted(value);
  }

  /** What Vert.x writes as texts into JSON. */
  private String converted(Object value) {
    if (value instanceof Enum<?> constant) {
      return text(constant.name());
    }
    if (value instanceof Instant instant) {
      return text(DateTimeFormatter.ISO_INSTANT.format(instant));
    }
    if (value instanceof byte[] bytes && bytes.length < left) {
      return text(BASE_64.encodeToString(bytes));
    }
    if (value instanceof Buffer buffer && buffer.length() < left) {
      return text(BASE_64.encodeToString(buffer.getBytes()));
    }
    if (value instanceof byte[] || value instanceof Buffer) {
      throw tooLarge();
    }
    throw bad("the body has a value that is not JSON, of " + value.getClass().getName());
  }

  private Number number(Number number) {
    boolean whole =
        number instanceof Integer
            || number instanceof Long
            || number instanceof Short
            || number instanceof Byte;
    if (whole) {
      take(1);
      return number;
    }
    if (number instanceof Double || number instanceof Float) {
      take(1);
      if (Double.isFinite(number.doubleValue())) {
        return number;
      }
      throw bad("the body has a number that JSON cannot hold, " + number);
    }
    // Their texts cost more than they are long: they are measured in bits first.
    if (number instanceof BigInteger big) {
      take(big.bitLength() / 4 + 1);
      return big;
    }
    if (number instanceof BigDecimal big) {
      take(big.unscaledValue().bitLength() / 4 + 1);
      return big;
    }
    throw bad("the body has a number of no JSON type, of " + number.getClass().getName());
  }

  private String text(CharSequence text) {
    take(2 + Texts.utf8(text, left));
    return text.toString();
  }

  private void take(int bytes) {
    left -= bytes;
    if (left < 0) {
      throw tooLarge();
    }
  }

  private static void deeper(int depth) {
    if (depth > DEPTH_MAX) {
      throw bad("the body is nested deeper than " + DEPTH_MAX);
    }
  }

  private static PostmasterException tooLarge() {
    return bad("the body is larger than " + BYTES_MAX + " bytes");
  }

  private static PostmasterException bad(String what) {
    return PostmasterException.of(ErrorCode.BAD_REQUEST, what);
  }
}
