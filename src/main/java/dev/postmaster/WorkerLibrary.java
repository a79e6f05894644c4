package dev.postmaster;

import java.util.List;

/**
 * A named set of entry points: registered in code ({@link PostmasterOptions#addLibrary}), or found
 * by {@link java.util.ServiceLoader} and named in the options.
 *
 * <p>Names, of libraries and of entry points: 1 to 95 bytes of UTF-8 without control characters and
 * {@code /}. The library {@code postmaster} is built in, no other may have its name.
 *
 * <p>Threading: asked once for each postmaster, by the thread that makes it; {@link #preload} is
 * called by the thread that starts it.
 *
 * <p>Errors: what it throws, nulls and wrong or double names are faults of the start.
 *
 * <p>Source: what a {@code shared_preload_libraries} module is to PostgreSQL.
 */
public interface WorkerLibrary {

  String name();

  List<EntryPoint> entryPoints();

  /**
   * Registers static workers before the start, as {@code _PG_init} does. They get their slots in
   * this order, before those that the application registered itself.
   */
  default void preload(Registrar registrar) {}
}
