package dev.postmaster.runtime;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.Map;

/** Logs refusals: the first of a kind, then once a minute with a count. One thread. */
final class Refusals {

  private static final System.Logger LOG = System.getLogger("dev.postmaster.runtime");
  private static final long MINUTE_NS = 60_000_000_000L;

  private static final class Kind {
    long loggedAt = Long.MIN_VALUE / 2;
    int count;
  }

  private final Map<ErrorCode, Kind> kinds = new EnumMap<>(ErrorCode.class);

  void saw(PostmasterException refusal, long now) {
    Kind kind = kinds.computeIfAbsent(refusal.code(), code -> new Kind());
    kind.count++;
    if (now - kind.loggedAt >= MINUTE_NS) {
      kind.loggedAt = now;
      LOG.log(
          Level.WARNING,
          "refused {0} times={1}: {2}",
          refusal.code(),
          kind.count,
          Faults.onOneLine(String.valueOf(refusal.getMessage())));
      kind.count = 0;
    }
  }
}
