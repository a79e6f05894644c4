package dev.postmaster.runtime;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.Exit;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Transition;
import dev.postmaster.WorkerState;
import java.lang.System.Logger.Level;

/** Writes each transition to the log: one fact, one line. */
final class TransitionLogger {

  private static final System.Logger LOG = System.getLogger("dev.postmaster.transitions");

  private static final String UNNAMED = new PostmasterOptions().name();

  private TransitionLogger() {}

  static void log(String postmaster, Transition t) {
    Level level = level(t);
    if (LOG.isLoggable(level)) {
      LOG.log(level, whose(postmaster) + line(t));
    }
  }

  /** Which postmaster a line is of; mostly there is one, which nobody gave a name. */
  static String whose(String postmaster) {
    return postmaster.equals(UNNAMED) ? "" : "postmaster=" + postmaster + ' ';
  }

  private static Level level(Transition t) {
    if (t.own()) {
      return isFall(t) ? Level.ERROR : Level.INFO;
    }
    if (t.to() == WorkerState.ABANDONED) {
      return Level.ERROR;
    }
    boolean failed =
        t.exit() != Exit.NONE && t.exit() != Exit.COMPLETED && t.exit() != Exit.TERMINATED;
    if (failed) {
      return Level.WARNING;
    }
    return t.exit() == Exit.COMPLETED || t.to() == WorkerState.REGISTERED
        ? Level.DEBUG
        : Level.INFO;
  }

  /** Whether something ends that nobody asked to end. */
  private static boolean isFall(Transition t) {
    boolean isOurs = t.to() == ShutdownMode.IMMEDIATE && t.by() == By.POSTMASTER;
    return t.cause() == Cause.CRASH_BEGIN
        || t.cause() == Cause.SHUTDOWN_BEGIN && isOurs
        || t.cause() == Cause.CLOSED && t.message().startsWith("abnormal");
  }

  private static String line(Transition t) {
    StringBuilder out = new StringBuilder(160).append("seq=").append(t.seq());
    if (!t.own()) {
      out.append(" slot=").append(t.slot()).append(" gen=").append(t.generation());
    }
    if (!t.name().isEmpty()) {
      out.append(" name=").append(Faults.onOneLine(t.name()));
    }
    if (t.from() != null) {
      out.append(" from=").append(t.from().word());
    }
    if (t.to() != null) {
      out.append(" to=").append(t.to().word());
    }
    out.append(" cause=").append(t.cause().word());
    if (t.exit() != Exit.NONE) {
      out.append(" exit=").append(t.exit());
      if (t.code() != Transition.NO_CODE) {
        out.append(" code=").append(t.code());
      }
    }
    if (t.restartInMs() >= 0) {
      out.append(" restartInMs=").append(t.restartInMs());
    }
    if (!t.message().isEmpty()) {
      out.append(" message=").append(Faults.onOneLine(t.message()));
    }
    return out.toString();
  }
}
