package dev.postmaster;

import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * What the arguments of an entry point must be like.
 *
 * <p>Threading: any thread, several at a time.
 */
public interface ArgsSchema {

  /**
   * Looks at arguments of at most 8 KiB and depth 8.
   *
   * @return the first rule that they break, with field and value; empty if none
   */
  Optional<String> fault(JsonObject args);

  /**
   * Makes them from JSON schemas; found by {@link java.util.ServiceLoader}. Without one on the
   * class path no library with a schema can be used.
   */
  interface Reader {

    /**
     * Reads a schema, which it keeps no reference to, and fetches nothing that it refers to.
     *
     * @throws IllegalArgumentException if it is no schema, or says something that would not be
     *     checked; the message names what
     */
    ArgsSchema read(JsonObject schema);
  }
}
