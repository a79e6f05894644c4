package dev.postmaster;

/**
 * Unwinds a worker's main: thrown by {@link WorkerContext#checkInterrupts()} once termination was
 * asked for, and by {@link WorkerContext#exit}. An Error, so that a worker's {@code catch
 * (Exception)} lets it through; has no stack trace.
 */
public final class WorkerExit extends Error {

  private static final long serialVersionUID = 1;

  public WorkerExit(String message) {
    super(message, null, false, false);
  }
}
