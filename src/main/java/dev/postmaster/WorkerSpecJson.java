package dev.postmaster;

import io.vertx.core.json.EncodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The JSON form of a specification, contract §2; an unknown field is refused. */
final class WorkerSpecJson {

  static final int ARGS_BYTES_MAX = 8 * 1024;
  static final int ARGS_DEPTH_MAX = 8;

  private static final long EXACT_MAX = 1L << 53;

  private static final Set<String> LATER = Set.of("backoff", "budget", "watchdog", "group");

  private static final Set<String> FIELDS =
      Set.of(
          "name",
          "type",
          "library",
          "function",
          "flags",
          "start",
          "restart",
          "mainArg",
          "args",
          "notify",
          "threading",
          "domain",
          "ready",
          "startTimeout",
          "stop",
          "uncaught",
          "critical",
          "requires",
          "after");

  /** Characters of a text that a refusal repeats. */
  private static final int SHOWN_MAX = 200;

  private WorkerSpecJson() {}

  static WorkerSpec read(JsonObject json) {
    for (String field : json.fieldNames()) {
      if (LATER.contains(field)) {
        throw invalid(field, json.getValue(field), "is not supported yet");
      }
      if (!FIELDS.contains(field)) {
        throw invalid(field, json.getValue(field), "is not a field of a specification");
      }
    }
    WorkerSpec spec =
        WorkerSpec.of(
                text(json, "name", null), text(json, "library", ""), text(json, "function", ""))
            .type(text(json, "type", ""))
            .flags(
                words(json, "flags").stream()
                    .map(word -> constant(Flag.class, "flags", word))
                    .toArray(Flag[]::new))
            .mainArg(mainArg(json.getValue("mainArg")))
            .notify(text(json, "notify", ""))
            .domain(text(json, "domain", "main"))
            .requires(words(json, "requires").toArray(String[]::new))
            .after(words(json, "after").toArray(String[]::new));
    if (json.containsKey("start")) {
      spec = spec.startAt(constant(StartTime.class, "start", text(json, "start", null)));
    }
    if (json.containsKey("threading")) {
      spec = spec.threading(constant(Threading.class, "threading", text(json, "threading", null)));
    }
    if (json.containsKey("restart")) {
      String restart = text(json, "restart", null);
      spec =
          spec.restartAfter(restart.equals("never") ? WorkerSpec.NEVER : time("restart", restart));
    }
    if (json.containsKey("args")) {
      spec = spec.args(object(json, "args"));
    }
    if (json.containsKey("ready")) {
      spec = spec.ready(ready(text(json, "ready", null)));
    }
    if (json.containsKey("startTimeout")) {
      spec = spec.startTimeout(time("startTimeout", text(json, "startTimeout", null)));
    }
    if (json.containsKey("uncaught")) {
      spec = spec.uncaught(uncaught(text(json, "uncaught", null)));
    }
    if (json.containsKey("critical")) {
      spec = spec.critical(truth(json, "critical"));
    }
    return json.containsKey("stop") ? stop(spec, object(json, "stop")) : spec;
  }

  private static Uncaught uncaught(String text) {
    return switch (text) {
      case "fail" -> Uncaught.FAIL;
      case "log" -> Uncaught.LOG;
      default -> throw invalid("uncaught", text, "is neither fail nor log");
    };
  }

  private static WorkerSpec stop(WorkerSpec spec, JsonObject stop) {
    for (String field : stop.fieldNames()) {
      if (!field.equals("grace") && !field.equals("force")) {
        throw invalid("stop." + field, stop.getValue(field), "is not a field of stop");
      }
    }
    WorkerTerms terms = spec.terms();
    String grace = text(stop, "grace", DurationText.of(terms.grace()));
    String force = text(stop, "force", DurationText.of(terms.force()));
    return spec.stop(time("stop.grace", grace), time("stop.force", force));
  }

  static JsonObject write(WorkerSpec spec) {
    WorkerTerms terms = spec.terms();
    long mainArg = spec.mainArg();
    JsonObject json = new JsonObject().put("name", terms.name()).put("type", terms.type());
    if (!terms.library().isEmpty() || !terms.function().isEmpty()) {
      json.put("library", terms.library()).put("function", terms.function());
    }
    json.put(
            "flags",
            new JsonArray(
                Stream.of(Flag.values()).filter(terms.flags()::contains).map(Flag::name).toList()))
        .put("start", terms.start().name())
        .put("restart", restart(terms.restart()))
        .put("mainArg", isExact(mainArg) ? mainArg : Long.toString(mainArg))
        .put("args", spec.args());
    if (!terms.notifyAddress().isEmpty()) {
      json.put("notify", terms.notifyAddress());
    }
    spec.threading().ifPresent(threading -> json.put("threading", threading.name()));
    return json.put("domain", terms.domain())
        .put("ready", readyText(terms.ready()))
        .put("startTimeout", DurationText.of(terms.startTimeout()))
        .put(
            "stop",
            new JsonObject()
                .put("grace", DurationText.of(terms.grace()))
                .put("force", DurationText.of(terms.force())))
        .put("uncaught", spec.uncaught().name().toLowerCase(Locale.ROOT))
        .put("critical", terms.critical())
        .put("requires", new JsonArray(terms.requires()))
        .put("after", new JsonArray(terms.after()));
  }

  private static String restart(Duration interval) {
    return interval.isNegative() ? "never" : DurationText.of(interval);
  }

  private static String readyText(Readiness ready) {
    return switch (ready.kind()) {
      case AT_ONCE -> "at-once";
      case SAID -> "said";
      case UPTIME -> DurationText.of(ready.uptime());
    };
  }

  private static Readiness ready(String text) {
    return switch (text) {
      case "at-once" -> Readiness.AT_ONCE;
      case "said" -> Readiness.SAID;
      default -> Readiness.after(time("ready", text));
    };
  }

  /** Whether every reader of JSON keeps the number as it is. */
  private static boolean isExact(long number) {
    return -EXACT_MAX <= number && number <= EXACT_MAX;
  }

  private static long mainArg(Object value) {
    if (value == null) {
      return 0;
    }
    if (value instanceof Integer || value instanceof Long) {
      long number = ((Number) value).longValue();
      if (isExact(number)) {
        return number;
      }
      throw invalid("mainArg", value, "is outside ±2^53 and must be a decimal string");
    }
    if (value instanceof String text && text.matches("-?\\d{1,19}")) {
      BigInteger number = new BigInteger(text);
      if (number.bitLength() < Long.SIZE) {
        return number.longValue();
      }
    }
    throw invalid("mainArg", value, "is not a 64-bit number");
  }

  private static Duration time(String field, String text) {
    return DurationText.parse(text)
        .orElseThrow(() -> invalid(field, text, "is not a duration such as 250ms, 5s, 2m or 1h"));
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String field, String word) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(word)) {
        return constant;
      }
    }
    throw invalid(field, word, "is none of " + List.of(type.getEnumConstants()));
  }

  private static List<String> words(JsonObject json, String field) {
    Object value = json.getValue(field);
    if (value == null) {
      return List.of();
    }
    if (value instanceof JsonArray array && array.stream().allMatch(String.class::isInstance)) {
      return array.stream().map(String.class::cast).toList();
    }
    throw invalid(field, value, "is not a list of texts");
  }

  private static String text(JsonObject json, String field, String otherwise) {
    Object value = json.getValue(field);
    if (value instanceof String text) {
      return text;
    }
    if (value == null && otherwise != null) {
      return otherwise;
    }
    throw invalid(field, value, value == null ? "is missing" : "is not a text");
  }

  private static boolean truth(JsonObject json, String field) {
    if (json.getValue(field) instanceof Boolean truth) {
      return truth;
    }
    throw invalid(field, json.getValue(field), "is not true or false");
  }

  private static JsonObject object(JsonObject json, String field) {
    if (json.getValue(field) instanceof JsonObject object) {
      return object;
    }
    throw invalid(field, json.getValue(field), "is not an object");
  }

  /**
   * Looks at the size and depth of arguments.
   *
   * @throws PostmasterException {@code INVALID_SPEC}
   */
  static void checkArgs(JsonObject args) {
    if (isDeeper(args, ARGS_DEPTH_MAX)) {
      throw invalid("args", "…", "is deeper than " + ARGS_DEPTH_MAX);
    }
    if (holdsNoNumber(args)) {
      throw invalid("args", "…", "holds a number that JSON has not");
    }
    int bytes;
    try {
      bytes = args.encode().getBytes(StandardCharsets.UTF_8).length;
    } catch (EncodeException foreign) {
      throw invalid("args", "…", "holds something that JSON has not");
    }
    if (bytes > ARGS_BYTES_MAX) {
      throw invalid("args", bytes + " bytes", "is larger than 8 KiB");
    }
  }

  /** Goes no deeper than it has to: how deep that may be is the caller's choice. */
  private static boolean isDeeper(Object value, int levels) {
    return inner(value)
        .map(all -> levels == 0 || all.anyMatch(one -> isDeeper(one, levels - 1)))
        .orElse(false);
  }

  /** NaN and the infinities would be written as texts. */
  private static boolean holdsNoNumber(Object value) {
    if (value instanceof Double || value instanceof Float) {
      return !Double.isFinite(((Number) value).doubleValue());
    }
    return inner(value).map(all -> all.anyMatch(WorkerSpecJson::holdsNoNumber)).orElse(false);
  }

  /** What is in it; empty if nothing can be. */
  private static Optional<Stream<?>> inner(Object value) {
    if (value instanceof JsonObject object) {
      return Optional.of(object.stream().map(Map.Entry::getValue));
    }
    return value instanceof JsonArray array ? Optional.of(array.stream()) : Optional.empty();
  }

  private static PostmasterException invalid(String field, Object value, String rule) {
    return PostmasterException.of(
        ErrorCode.INVALID_SPEC,
        String.format(Locale.ROOT, "%s: \"%s\" %s", cut(field), cut(String.valueOf(value)), rule));
  }

  /** The names of fields are the caller's texts too. */
  private static String cut(String text) {
    return text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "…" : text;
  }
}
