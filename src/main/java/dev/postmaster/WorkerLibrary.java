package dev.postmaster;

import java.util.List;
import java.util.function.Consumer;

/**
 * A named set of entry points: registered in code ({@link PostmasterOptions#addLibrary}), or found
 * by {@link java.util.ServiceLoader} and named in the options.
 *
 * <p>Source: what a {@code shared_preload_libraries} module is to PostgreSQL.
 */
public interface WorkerLibrary {

  String name();

  List<EntryPoint> entryPoints();

  /** Registers static workers before the start, as {@code _PG_init} does. */
  default void preload(Consumer<WorkerSpec> registrar) {}
}
