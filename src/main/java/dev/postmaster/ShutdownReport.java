package dev.postmaster;

import java.util.List;

/**
 * How the postmaster ended.
 *
 * @param abnormal whether a crash, a limit or a fault of ours was involved
 * @param abandoned workers whose threads were left inside their code
 * @param tookMs from the gate's closing to the end, in milliseconds
 */
public record ShutdownReport(boolean abnormal, List<Abandoned> abandoned, long tookMs) {

  /** A worker whose thread was left. */
  public record Abandoned(Handle handle, String name, List<StackTraceElement> stack) {}

  /** {@code normal} or {@code abnormal}. */
  public String status() {
    return abnormal ? "abnormal" : "normal";
  }
}
