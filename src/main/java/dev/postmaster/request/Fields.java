package dev.postmaster.request;

import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.PostmasterException;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The fields of a body, each read as what it must be; null is as good as absent.
 *
 * <p>Errors: {@code BAD_REQUEST}, naming field, value and rule.
 */
final class Fields {

  private final JsonObject body;

  /** Refuses a field that is none of these. */
  Fields(JsonObject body, Set<String> known) {
    this.body = body;
    for (String field : body.fieldNames()) {
      if (!known.contains(field)) {
        throw bad(field, "is not a field of this action");
      }
    }
  }

  boolean has(String field) {
    return body.getValue(field) != null;
  }

  /** A text of 1 to so many bytes. */
  Optional<String> text(String field, int bytesMax) {
    Object value = body.getValue(field);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text) {
      if (!text.isEmpty() && Texts.utf8(text, bytesMax + 1) <= bytesMax) {
        return Optional.of(text);
      }
      throw bad(field, "is not a text of 1 to " + bytesMax + " bytes");
    }
    throw bad(field, "is not a text");
  }

  String needText(String field, int bytesMax) {
    return text(field, bytesMax).orElseThrow(() -> bad(field, "is missing"));
  }

  Optional<Long> number(String field, long from, long to) {
    Object value = body.getValue(field);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Integer || value instanceof Long) {
      long number = ((Number) value).longValue();
      if (number >= from && number <= to) {
        return Optional.of(number);
      }
    }
    throw bad(field, "is not a whole number from " + from + " to " + to);
  }

  /** A field that can only be true, and must be there. */
  void needTrue(String field) {
    if (!Boolean.TRUE.equals(body.getValue(field))) {
      throw bad(field, "is not true");
    }
  }

  /**
   * A handle of a slot that there is; one of another epoch may have had more of them.
   *
   * @throws PostmasterException also {@code UNKNOWN_WORKER}
   */
  Handle needHandle(String epoch, int slots) {
    String text = needText("handle", 255);
    Handle handle = Handle.parse(text).orElseThrow(() -> bad("handle", "is not a handle"));
    if (handle.epoch().equals(epoch) && handle.slot() >= slots) {
      throw PostmasterException.of(
          ErrorCode.UNKNOWN_WORKER,
          "handle: " + Texts.shown(handle) + " names none of the " + slots + " slots");
    }
    return handle;
  }

  /** One of a few, by its word. */
  <E> E needWord(String field, List<E> all, Function<E, String> word) {
    String given = needText(field, 255);
    return all.stream()
        .filter(one -> word.apply(one).equals(given))
        .findFirst()
        .orElseThrow(() -> bad(field, "is none of " + all.stream().map(word).toList()));
  }

  PostmasterException bad(String field, String rule) {
    return PostmasterException.of(
        ErrorCode.BAD_REQUEST,
        Texts.cut(field) + ": " + Texts.shown(body.getValue(field)) + ' ' + rule);
  }
}
