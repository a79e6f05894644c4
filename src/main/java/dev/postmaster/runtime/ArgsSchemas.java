package dev.postmaster.runtime;

import dev.postmaster.ArgsSchema;
import dev.postmaster.EntryPoint;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * The schemas of the entry points of one postmaster. What reads them is optional; where it is
 * absent a library that has one is a fault of the start, because its arguments would be accepted
 * unseen.
 *
 * <p>Threading: made by one thread, then any.
 */
final class ArgsSchemas {

  private static final String ABSENT =
      "nothing on the class path can check JSON schemas of arguments, io.vertx:vertx-json-schema"
          + " does";

  private final Map<String, ArgsSchema> byPath = new HashMap<>();

  /** Found when first needed; empty if there is none. */
  private Optional<ArgsSchema.Reader> reader;

  /** Reads all schemas but those that are built in, which are read when they are first used. */
  ArgsSchemas(Libraries libraries, List<String> faults) {
    for (Libraries.Known library : libraries.all()) {
      for (EntryPoint point : library.points()) {
        if (point.schema().isEmpty()) {
          continue;
        }
        String path = library.name() + '/' + point.name();
        if (library.isBuiltIn()) {
          byPath.put(path, new Later(point.schema()));
        } else if (reader().isEmpty()) {
          faults.add("libraries: \"" + library.name() + "\", " + ABSENT);
          break;
        } else {
          read(path, point.schema(), faults);
        }
      }
    }
  }

  private void read(String path, JsonObject schema, List<String> faults) {
    try {
      byPath.put(path, reader().get().read(schema));
    } catch (RuntimeException | StackOverflowError unusable) {
      String why =
          unusable instanceof IllegalArgumentException
              ? unusable.getMessage()
              : Faults.message(unusable);
      faults.add("libraries: the schema of entry point \"" + path + "\", " + why);
    }
  }

  private synchronized Optional<ArgsSchema.Reader> reader() {
    if (reader == null) {
      reader = find();
    }
    return reader;
  }

  private static Optional<ArgsSchema.Reader> find() {
    Class<ArgsSchema.Reader> type = ArgsSchema.Reader.class;
    try {
      Iterator<ArgsSchema.Reader> found =
          ServiceLoader.load(type, type.getClassLoader()).iterator();
      return found.hasNext() ? Optional.of(found.next()) : Optional.empty();
    } catch (ServiceConfigurationError | LinkageError absent) {
      // Ours is always found; without the library behind it it cannot be made.
      return Optional.empty();
    }
  }

  /** What is wrong with arguments for that entry point. */
  Optional<String> fault(String path, JsonObject args) {
    ArgsSchema schema = byPath.get(path);
    return schema == null ? Optional.empty() : schema.fault(args);
  }

  /** One that is read when it is first used, so that a postmaster without it need not. */
  private final class Later implements ArgsSchema {

    private final JsonObject schema;
    private ArgsSchema read;

    Later(JsonObject schema) {
      this.schema = schema;
    }

    @Override
    public Optional<String> fault(JsonObject args) {
      Optional<ArgsSchema> now = read();
      return now.isEmpty() ? Optional.of("args: " + ABSENT) : now.get().fault(args);
    }

    private synchronized Optional<ArgsSchema> read() {
      if (read == null && reader().isPresent()) {
        read = reader().get().read(schema);
      }
      return Optional.ofNullable(read);
    }
  }
}
