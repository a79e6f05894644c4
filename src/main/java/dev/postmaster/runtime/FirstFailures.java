package dev.postmaster.runtime;

import dev.postmaster.Handle;
import dev.postmaster.core.End;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Logs the first failure of a kind with its stack trace, and counts its repeats, which are logged
 * once a minute; keeps the last stack of each worker.
 *
 * <p>Threading: any.
 */
final class FirstFailures {

  private static final System.Logger LOG = System.getLogger("dev.postmaster.runtime");

  /** Kinds that are remembered; the oldest is forgotten, and its next failure a first one again. */
  static final int KINDS_MAX = 1_024;

  private static final long MINUTE_NS = 60_000_000_000L;

  private static final class Kind {
    long loggedAt;
    int repeats;
  }

  private final Map<String, Kind> kinds =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kind> eldest) {
          return size() > KINDS_MAX;
        }
      };

  private final LastStacks stacks = new LastStacks();

  LastStacks stacks() {
    return stacks;
  }

  /** A run ends by what it threw. */
  void saw(Handle of, String worker, End end, Throwable thrown) {
    stacks.note(of, Faults.trace(thrown).strip());
    log("name=" + worker + " exit=" + end.exit() + " message=" + end.message(), thrown);
  }

  /** A thread is given up where it is. */
  void abandoned(Handle of, StackTraceElement[] stack) {
    stacks.note(of, Faults.trace(stack).strip());
  }

  /** A run goes on, whatever it threw. */
  void survived(String worker, Throwable thrown) {
    log("name=" + worker + " uncaught message=" + Faults.end(thrown).message(), thrown);
  }

  private void log(String what, Throwable thrown) {
    String line = Faults.onOneLine(what);
    int repeats = count(what);
    if (repeats == 0) {
      LOG.log(Level.WARNING, () -> line + Faults.trace(thrown));
    } else if (repeats > 0) {
      LOG.log(Level.WARNING, line + " repeats=" + repeats);
    }
  }

  /** 0 for the first, the repeats so far once a minute, else -1. */
  private synchronized int count(String what) {
    long now = System.nanoTime();
    Kind kind = kinds.get(what);
    if (kind == null) {
      kind = new Kind();
      kind.loggedAt = now;
      kinds.put(what, kind);
      return 0;
    }
    kind.repeats++;
    if (now - kind.loggedAt < MINUTE_NS) {
      return -1;
    }
    int repeats = kind.repeats;
    kind.repeats = 0;
    kind.loggedAt = now;
    return repeats;
  }
}
