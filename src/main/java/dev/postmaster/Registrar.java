package dev.postmaster;

/**
 * What a library registers its static workers with (PostgreSQL {@code RegisterBackgroundWorker}).
 */
public interface Registrar {

  /**
   * Registers a static worker. One that is refused is a fault of the start, as every other fault is
   * that this start has; nothing is thrown for it.
   *
   * @throws PostmasterException {@code STATIC_TOO_LATE} once {@link WorkerLibrary#preload} is over
   */
  void register(WorkerSpec spec);
}
