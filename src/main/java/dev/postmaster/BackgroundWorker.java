package dev.postmaster;

/**
 * A blocking worker: what runs between a launch and an exit.
 *
 * <p>To return is to be done for good ({@link Exit#COMPLETED}); an exception asks for a restart
 * ({@link Exit#FAILED}); a {@link VirtualMachineError} or {@link AssertionError} says that shared
 * memory may be damaged ({@link Exit#CRASHED}).
 *
 * <p>Threading: called on a thread of the postmaster's own pool, once a run, on a fresh instance.
 *
 * <p>Source: PostgreSQL's {@code bgw_main_type}.
 */
@FunctionalInterface
public interface BackgroundWorker {

  /** The worker's main. */
  void run(WorkerContext context) throws Exception;
}
