package dev.postmaster.app;

import io.vertx.config.ConfigRetriever;
import io.vertx.config.ConfigRetrieverOptions;
import io.vertx.config.ConfigStoreOptions;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * The YAML file as JSON, through vertx-config. Nothing in it is lost on the way: a key that stands
 * twice, and a value that JSON cannot hold, are faults.
 */
final class ConfigurationFile {

  private static final Path DEFAULT = Path.of("conf", "postmaster.yaml");

  private static final int READ_SECONDS = 10;

  private static final int BYTES_MAX = 1_024 * 1_024;

  private final Vertx vertx;
  private final Path file;
  private final List<String> faults;

  private ConfigurationFile(Vertx vertx, Path file, List<String> faults) {
    this.vertx = vertx;
    this.file = file;
    this.faults = faults;
  }

  /**
   * Reads the file; without a name {@code conf/postmaster.yaml} where it exists, else nothing.
   * Empty if there are faults that leave nothing to look at.
   */
  static JsonObject read(Vertx vertx, Optional<Path> named, List<String> faults) {
    Path file = named.orElse(DEFAULT);
    if (named.isEmpty() && !Files.exists(file)) {
      return new JsonObject();
    }
    return new ConfigurationFile(vertx, file, faults).read();
  }

  private JsonObject read() {
    Optional<String> text = text();
    if (text.isEmpty()) {
      return new JsonObject();
    }
    Node top;
    try {
      top = new Yaml().compose(new StringReader(text.get()));
    } catch (MarkedYAMLException wrong) {
      int line = wrong.getProblemMark() == null ? 0 : wrong.getProblemMark().getLine() + 1;
      return none("line " + line + ": is not YAML, " + wrong.getProblem());
    } catch (RuntimeException wrong) {
      return none("is not YAML, " + Fatal.why(wrong));
    }
    if (top == null || !(top instanceof MappingNode mapping)) {
      // Nothing but comments is an empty configuration.
      return top == null || top instanceof ScalarNode scalar && scalar.getValue().isEmpty()
          ? new JsonObject()
          : none("line 1: does not begin with a key");
    }
    List<String> found = new ArrayList<>();
    boolean loadable = YamlShape.isLoadable(mapping, found);
    if (!loadable) {
      found.forEach(this::none);
      return new JsonObject();
    }
    faults.addAll(found);
    return (JsonObject) plain("", retrieve());
  }

  /** The whole file. It is read again as objects: what can be read only once would be lost then. */
  private Optional<String> text() {
    try {
      if (!Files.exists(file)) {
        none("does not exist");
      } else if (!Files.isRegularFile(file)) {
        none(Files.isDirectory(file) ? "is a directory" : "is not a regular file");
      } else if (Files.size(file) > BYTES_MAX) {
        none("is larger than " + BYTES_MAX / 1_024 + " KiB");
      } else {
        return Optional.of(Files.readString(file));
      }
    } catch (CharacterCodingException binary) {
      none("is not UTF-8");
    } catch (IOException unreadable) {
      none("cannot be read, " + unreadable);
    }
    return Optional.empty();
  }

  private JsonObject none(String fault) {
    faults.add(file + ": " + fault);
    return new JsonObject();
  }

  private JsonObject retrieve() {
    ConfigStoreOptions store =
        new ConfigStoreOptions()
            .setType("file")
            .setFormat("yaml")
            .setConfig(new JsonObject().put("path", file.toAbsolutePath().toString()));
    ConfigRetriever retriever =
        ConfigRetriever.create(
            vertx, new ConfigRetrieverOptions().addStore(store).setScanPeriod(-1));
    try {
      return retriever
          .getConfig()
          .toCompletionStage()
          .toCompletableFuture()
          .get(READ_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException wrong) {
      return none("is not YAML, " + Fatal.why(wrong.getCause()));
    } catch (TimeoutException slow) {
      return none("cannot be read within " + READ_SECONDS + " s");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return none("cannot be read, interrupted");
    } finally {
      retriever.close();
    }
  }

  /** A deep copy of JSON types only. */
  private Object plain(String path, Object value) {
    if (value instanceof JsonObject object) {
      return plain(path, object.getMap());
    }
    if (value instanceof JsonArray array) {
      return plain(path, array.getList());
    }
    if (value instanceof Map<?, ?> map) {
      JsonObject out = new JsonObject();
      String prefix = path.isEmpty() ? "" : path + '.';
      map.forEach((key, inner) -> out.put(key.toString(), plain(prefix + key, inner)));
      return out;
    }
    if (value instanceof List<?> list) {
      JsonArray out = new JsonArray();
      for (int i = 0; i < list.size(); i++) {
        out.add(plain(path + '[' + i + ']', list.get(i)));
      }
      return out;
    }
    return scalar(path, value);
  }

  private Object scalar(String path, Object value) {
    boolean json =
        value == null
            || value instanceof String
            || value instanceof Boolean
            || value instanceof Number number && Double.isFinite(number.doubleValue())
            || value instanceof BigInteger;
    if (!json) {
      faults.add(path + ": " + Keys.shown(value) + " is no JSON value, put it between quotes");
    }
    return json ? value : String.valueOf(value);
  }
}
