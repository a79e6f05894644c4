package dev.postmaster.app;

import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.WorkerSpec;
import dev.postmaster.web.WebOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The configuration: the file, over it the environment, over that the flags; what none names has
 * its default. All faults are found before anything is started.
 */
final class Configuration {

  private final JsonObject values = new JsonObject();
  private final List<String> faults = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final Map<String, WorkerSpec> workers = new LinkedHashMap<>();

  /** Variables of the command line's own. */
  private static final List<String> NOT_KEYS = List.of("POSTMASTER_URL", "POSTMASTER_TOKEN_FILE");

  /** A database to connect to. */
  record Database(String url, String user, Optional<Path> passwordFile) {}

  /**
   * Puts the layers together.
   *
   * @param flags by path
   */
  Configuration(JsonObject file, Map<String, String> environment, Map<String, Object> flags) {
    Keys.known().forEach((path, key) -> values.put(path, key.otherwise()));
    flatten("", file);
    environment(environment);
    flags.forEach(values::put);
    Keys.known()
        .forEach(
            (path, key) ->
                Keys.fault(key, values.getValue(path))
                    .ifPresent(
                        fault -> {
                          faults.add(path + ": " + fault);
                          // So that the others can be looked at.
                          values.put(path, key.otherwise());
                        }));
    check();
  }

  private void flatten(String prefix, JsonObject level) {
    level.forEach(
        entry -> {
          String path = prefix + entry.getKey();
          if (entry.getKey().contains(".")) {
            faults.add(path + ": is not a key, levels are not written with a dot");
          } else if (Keys.known().containsKey(path)) {
            values.put(path, entry.getValue());
          } else if (Keys.isLater(path)) {
            faults.add(path + ": is not supported yet");
          } else if (Keys.isLevel(path) && entry.getValue() instanceof JsonObject below) {
            flatten(path + '.', below);
          } else if (!Keys.mayBeNull(path) || entry.getValue() != null) {
            faults.add(path + (Keys.isLevel(path) ? ": is not an object" : ": is not a key"));
          }
        });
  }

  private void environment(Map<String, String> environment) {
    Keys.known()
        .forEach(
            (path, key) -> {
              String text = environment.get(Keys.variable(path));
              if (text != null) {
                values.put(path, Keys.parse(key.kind(), text));
              }
            });
    environment.keySet().stream()
        .filter(name -> name.startsWith("POSTMASTER_") && !NOT_KEYS.contains(name))
        .filter(name -> Keys.known().keySet().stream().map(Keys::variable).noneMatch(name::equals))
        .sorted()
        .forEach(name -> warnings.add("the environment variable " + name + " is no key"));
  }

  /** What only the owners of the values can say. */
  private void check() {
    ranges(options().faults());
    ranges(web().faults());
    if (file("log.file").equals(file("log.access"))) {
      faults.add("log.access: is the same file as log.file");
    }
    JsonArray list = values.getJsonArray("workers");
    for (int w = 0; w < list.size(); w++) {
      String path = "workers[" + w + ']';
      try {
        workers.put(path, WorkerSpec.fromJson(list.getJsonObject(w)));
      } catch (PostmasterException refusal) {
        faults.add(path + '.' + refusal.getMessage());
      }
    }
    values
        .getJsonObject("databases")
        .forEach(entry -> database("databases." + entry.getKey(), (JsonObject) entry.getValue()));
  }

  /** What is out of range gets its default, so that what it might hide can be looked at. */
  private void ranges(List<String> found) {
    faults.addAll(found);
    for (String fault : found) {
      String path = fault.substring(0, Math.max(0, fault.indexOf(": ")));
      if (Keys.known().containsKey(path)) {
        values.put(path, Keys.known().get(path).otherwise());
      }
    }
  }

  private Optional<Database> database(String path, JsonObject json) {
    List<String> found = new ArrayList<>();
    for (String field : json.fieldNames()) {
      if (!List.of("url", "user", "passwordFile").contains(field)) {
        found.add(path + '.' + field + ": is not a key");
      } else if (!(json.getValue(field) instanceof String)) {
        found.add(path + '.' + field + ": is not a text");
      } else if (field.equals("passwordFile") && !Keys.isPath(json.getString(field))) {
        found.add(path + '.' + field + ": is not the path of a file");
      }
    }
    if (!json.containsKey("url")) {
      found.add(path + ".url: is missing");
    }
    faults.addAll(found);
    if (!found.isEmpty()) {
      return Optional.empty();
    }
    Optional<Path> password = Optional.ofNullable(json.getString("passwordFile")).map(Path::of);
    return Optional.of(
        new Database(inData(json.getString("url")), json.getString("user", ""), password));
  }

  List<String> faults() {
    return faults;
  }

  List<String> warnings() {
    return warnings;
  }

  /** Static registrations by their paths, in order. */
  Map<String, WorkerSpec> workers() {
    return workers;
  }

  Path data() {
    return Path.of(values.getString("data")).toAbsolutePath().normalize();
  }

  /** A value with the data directory put in. */
  private String inData(String text) {
    return text.replace("{data}", data().toString());
  }

  Path file(String key) {
    return Path.of(inData(values.getString(key))).toAbsolutePath().normalize();
  }

  boolean flag(String key) {
    return values.getBoolean(key);
  }

  PostmasterOptions options() {
    return new PostmasterOptions(
        new JsonObject()
            .put("name", values.getString("name"))
            .put("phase", values.getString("phase"))
            .put("maxWorkers", values.getInteger("maxWorkers"))
            .put("maxWorkerThreads", values.getInteger("maxWorkerThreads"))
            .put("maxParallelWorkers", values.getInteger("maxParallelWorkers"))
            .put("uniqueNames", values.getBoolean("uniqueNames"))
            .put("restartAfterCrash", values.getBoolean("restartAfterCrash"))
            .put(
                "crashLimit",
                new JsonObject()
                    .put("cycles", values.getInteger("crashLimit.cycles"))
                    .put("within", values.getString("crashLimit.within")))
            .put("shutdownTimeout", values.getString("shutdownTimeout"))
            .put("awaitTimeout", values.getString("awaitTimeout"))
            .put("journal", journal())
            .put("libraries", values.getJsonArray("libraries"))
            .put(
                "cluster",
                new JsonObject().put("remoteControl", values.getBoolean("cluster.remoteControl"))));
  }

  private JsonObject journal() {
    return new JsonObject()
        .put("directory", values.getBoolean("journal.enabled") ? data().toString() : null)
        .put("capacity", values.getInteger("journal.capacity"))
        .put("durability", values.getString("journal.durability"))
        .put("interval", values.getString("journal.interval"));
  }

  WebOptions web() {
    JsonObject http = below("http.");
    JsonObject tls = below("http.tls.");
    if (tls.stream().anyMatch(file -> file.getValue() != null)) {
      http.put("tls", tls);
    }
    return new WebOptions(http).setTokenFile(tokenFile());
  }

  private JsonObject below(String level) {
    JsonObject found = new JsonObject();
    values.forEach(
        entry -> {
          if (entry.getKey().startsWith(level)) {
            found.put(entry.getKey().substring(level.length()), entry.getValue());
          }
        });
    return found;
  }

  /** Whether the token is made at each start, and not given. */
  boolean makesToken() {
    return values.getString("http.tokenFile") == null;
  }

  Path tokenFile() {
    return makesToken() ? data().resolve("token") : file("http.tokenFile");
  }

  /** The default database, named by the empty text, and the others by their names. */
  Map<String, Database> databases() {
    Map<String, Database> all = new LinkedHashMap<>();
    Optional<Path> password =
        Optional.ofNullable(values.getString("database.passwordFile")).map(Path::of);
    String url = inData(values.getString("database.url"));
    all.put("", new Database(url, values.getString("database.user"), password));
    values
        .getJsonObject("databases")
        .forEach(
            entry ->
                database("databases." + entry.getKey(), (JsonObject) entry.getValue())
                    .ifPresent(database -> all.put(entry.getKey(), database)));
    return all;
  }
}
