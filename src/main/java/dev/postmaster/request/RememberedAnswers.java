package dev.postmaster.request;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The answers to registrations that came with a key: who asks again within {@value #MINUTES}
 * minutes gets the same answer, be it a handle or a refusal, and nothing is registered twice. Who
 * wants to try anew after a refusal takes a new key.
 *
 * <p>Keys are counted from when they first came. Beyond {@value #KEYS_MAX} a new one is refused: to
 * forget an old one early would break what was promised to its owner.
 *
 * <p>Threading: the loop of its {@link Requests}.
 *
 * <p>Errors: {@code BAD_REQUEST} for a key that came with another body, {@code RATE_LIMITED}.
 */
final class RememberedAnswers {

  static final int KEYS_MAX = 65_536;

  static final long MINUTES = 10;

  private static final long AGE_NS = TimeUnit.MINUTES.toNanos(MINUTES);

  /** In the order in which they came. */
  private final Map<String, Remembered> byKey = new LinkedHashMap<>();

  private final LongSupplier clock;

  private record Remembered(byte[] body, long at, Future<JsonObject> answer) {}

  /** Takes the time in nanoseconds from a clock. */
  RememberedAnswers(LongSupplier clock) {
    this.clock = clock;
  }

  /** The answer of that key; the first time it is what the request brings. */
  Future<JsonObject> answer(String key, JsonObject body, Supplier<Future<JsonObject>> request) {
    long now = clock.getAsLong();
    forget(now);
    byte[] digest = digest(body);
    Remembered known = byKey.get(key);
    if (known != null) {
      if (!Arrays.equals(known.body(), digest)) {
        throw PostmasterException.of(
            ErrorCode.BAD_REQUEST,
            "the idempotency key " + Texts.shown(key) + " came before with another body");
      }
      return known.answer();
    }
    if (byKey.size() == KEYS_MAX) {
      long oldest = byKey.values().iterator().next().at();
      long retryMs = TimeUnit.NANOSECONDS.toMillis(AGE_NS - (now - oldest)) + 1;
      throw PostmasterException.retry(
          ErrorCode.RATE_LIMITED,
          KEYS_MAX + " keys are remembered, and that is the limit",
          retryMs);
    }
    Future<JsonObject> answer = answer(request);
    byKey.put(key, new Remembered(digest, now, answer));
    return answer;
  }

  private static Future<JsonObject> answer(Supplier<Future<JsonObject>> request) {
    try {
      return request.get();
    } catch (PostmasterException refusal) {
      return Future.failedFuture(refusal);
    }
  }

  private void forget(long now) {
    Iterator<Remembered> oldest = byKey.values().iterator();
    while (oldest.hasNext() && now - oldest.next().at() >= AGE_NS) {
      oldest.remove();
    }
  }

  /** The order of fields makes no other body of it. */
  private static byte[] digest(JsonObject body) {
    try {
      byte[] text = ordered(body).toString().getBytes(StandardCharsets.UTF_8);
      return MessageDigest.getInstance("SHA-256").digest(text);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JVM has SHA-256", impossible);
    }
  }

  private static Object ordered(Object value) {
    if (value instanceof JsonObject object) {
      Map<String, Object> fields = new TreeMap<>();
      object.forEach(entry -> fields.put(entry.getKey(), ordered(entry.getValue())));
      return new JsonObject(new LinkedHashMap<>(fields));
    }
    if (value instanceof JsonArray array) {
      JsonArray copy = new JsonArray();
      array.forEach(inner -> copy.add(ordered(inner)));
      return copy;
    }
    return value;
  }
}
