package dev.postmaster.app;

import dev.postmaster.DurationText;
import dev.postmaster.Phase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The keys of the configuration, protocols §6: what each holds, and its default. A key that is not
 * here is refused; one whose feature does not exist yet is refused by name.
 */
final class Keys {

  /** What a key holds. */
  enum Kind {
    TEXT,
    PATH,
    NUMBER,
    FLAG,
    PHASE,
    DURABILITY,
    DURATION,
    TEXTS,
    /** A list of objects, read by whoever owns them. */
    OBJECTS,
    /** An object whose keys are names. */
    NAMED
  }

  /** A key. */
  record Key(Kind kind, Object otherwise) {}

  private static final Map<String, Key> KNOWN = new LinkedHashMap<>();

  /** Keys of the contract whose feature comes later. */
  private static final List<String> LATER = List.of("groups");

  static {
    key("name", Kind.TEXT, "default");
    key("data", Kind.PATH, "./data");
    key("phase", Kind.PHASE, "RUN");
    key("maxWorkers", Kind.NUMBER, 64);
    key("maxWorkerThreads", Kind.NUMBER, 64);
    key("maxParallelWorkers", Kind.NUMBER, 8);
    key("uniqueNames", Kind.FLAG, false);
    key("restartAfterCrash", Kind.FLAG, true);
    key("crashLimit.cycles", Kind.NUMBER, 3);
    key("crashLimit.within", Kind.DURATION, "10m");
    key("shutdownTimeout", Kind.DURATION, "30s");
    key("awaitTimeout", Kind.DURATION, "60s");
    key("libraries", Kind.TEXTS, new JsonArray().add("examples"));
    key("journal.enabled", Kind.FLAG, true);
    key("journal.capacity", Kind.NUMBER, 8_192);
    key("journal.durability", Kind.DURABILITY, "process");
    key("journal.interval", Kind.DURATION, "100ms");
    key("http.enabled", Kind.FLAG, true);
    key("http.host", Kind.TEXT, "127.0.0.1");
    key("http.port", Kind.NUMBER, 7_432);
    key("http.allowedHosts", Kind.TEXTS, new JsonArray());
    key("http.allowedOrigins", Kind.TEXTS, new JsonArray());
    key("http.maxConnections", Kind.NUMBER, 64);
    key("http.maxConnectionsPerAddress", Kind.NUMBER, 8);
    key("http.allowShutdown", Kind.FLAG, false);
    key("http.requireTokenForRead", Kind.FLAG, false);
    key("http.tokenFile", Kind.PATH, null);
    key("http.tls.certificate", Kind.PATH, null);
    key("http.tls.key", Kind.PATH, null);
    key("log.file", Kind.PATH, "{data}/log/postmaster.log");
    key("log.console", Kind.FLAG, false);
    key("log.access", Kind.PATH, "{data}/log/access.log");
    key("database.url", Kind.TEXT, "jdbc:h2:async:{data}/postmaster");
    key("database.user", Kind.TEXT, "sa");
    key("database.passwordFile", Kind.PATH, null);
    key("databases", Kind.NAMED, new JsonObject());
    key("cluster.remoteControl", Kind.FLAG, false);
    key("workers", Kind.OBJECTS, new JsonArray());
  }

  private Keys() {}

  private static void key(String path, Kind kind, Object otherwise) {
    KNOWN.put(path, new Key(kind, otherwise));
  }

  static Map<String, Key> known() {
    return KNOWN;
  }

  /** Whether a path is a key of the contract whose feature does not exist yet. */
  static boolean isLater(String path) {
    return LATER.stream().anyMatch(later -> path.equals(later) || path.startsWith(later + '.'));
  }

  /** Whether keys lie below this path. */
  static boolean isLevel(String path) {
    return KNOWN.keySet().stream().anyMatch(known -> known.startsWith(path + '.'))
        || LATER.stream().anyMatch(later -> later.startsWith(path + '.'));
  }

  /** Whether a level may be null, which says that there is nothing of it. */
  static boolean mayBeNull(String path) {
    return path.equals("http.tls");
  }

  /** The environment variable that overrides a key: capitals, `_` at levels and humps. */
  static String variable(String path) {
    String humps = path.replaceAll("([a-z])([A-Z])", "$1_$2").replace('.', '_');
    return "POSTMASTER_" + humps.toUpperCase(Locale.ROOT);
  }

  /** What is wrong with a value, if anything. */
  static Optional<String> fault(Key key, Object value) {
    if (value == null && key.otherwise() == null) {
      return Optional.empty();
    }
    boolean fits =
        switch (key.kind()) {
          case TEXT -> value instanceof String;
          case PATH -> value instanceof String text && isPath(text);
          case NUMBER -> value instanceof Integer;
          case FLAG -> value instanceof Boolean;
          case PHASE -> Stream.of(Phase.values()).map(Phase::name).anyMatch(n -> n.equals(value));
          case DURABILITY -> List.of("process", "interval").contains(value);
          case DURATION -> value instanceof String text && DurationText.parse(text).isPresent();
          case TEXTS ->
              value instanceof JsonArray list && list.stream().allMatch(String.class::isInstance);
          case OBJECTS ->
              value instanceof JsonArray list
                  && list.stream().allMatch(JsonObject.class::isInstance);
          case NAMED ->
              value instanceof JsonObject named
                  && named.stream().allMatch(e -> e.getValue() instanceof JsonObject);
        };
    return fits ? Optional.empty() : Optional.of(shown(value) + " is not " + wanted(key.kind()));
  }

  /** Whether a text can name something in the file system, as the empty one cannot. */
  static boolean isPath(String text) {
    try {
      return !text.isBlank() && Path.of(text) != null;
    } catch (InvalidPathException invalid) {
      return false;
    }
  }

  /** A value as a message shows it. */
  static String shown(Object value) {
    String text = String.valueOf(value);
    return '"' + (text.length() > 100 ? text.substring(0, 100) + "…" : text) + '"';
  }

  private static String wanted(Kind kind) {
    return switch (kind) {
      case TEXT -> "a text";
      case PATH -> "the path of a file or directory";
      case NUMBER -> "a whole number";
      case FLAG -> "true or false";
      case PHASE -> "one of STARTUP, CONSISTENT, RUN";
      case DURABILITY -> "one of process, interval";
      case DURATION -> "a duration such as 250ms, 5s, 2m or 1h";
      case TEXTS -> "a list of texts";
      case OBJECTS -> "a list of objects";
      case NAMED -> "an object of objects";
    };
  }

  /** Reads what an environment variable says; the text itself if it cannot be read. */
  static Object parse(Kind kind, String text) {
    return switch (kind) {
      case NUMBER -> text.matches("-?\\d{1,9}") ? (Object) Integer.valueOf(text) : text;
      case FLAG -> text.matches("true|false") ? (Object) Boolean.valueOf(text) : text;
      case TEXTS ->
          new JsonArray(
              Stream.of(text.split(",")).map(String::strip).filter(t -> !t.isEmpty()).toList());
      case TEXT, PATH, PHASE, DURABILITY, DURATION, OBJECTS, NAMED -> text;
    };
  }
}
