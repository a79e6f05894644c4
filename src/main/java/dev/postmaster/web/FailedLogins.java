package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Wrong tokens by address: after {@value #MAX} in a minute nobody there is heard for the rest of
 * it, right or wrong.
 *
 * <p>It remembers {@value #ADDRESSES_MAX} addresses. While more than that fail, all who are not
 * known are taken for one.
 *
 * <p>Threading: the server's event loop.
 */
final class FailedLogins {

  static final int MAX = 5;

  static final int ADDRESSES_MAX = 10_000;

  private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);
  private static final String OTHERS = "";

  private static final class Failures {
    long since;
    int count;
  }

  private final Map<String, Failures> byAddress = new HashMap<>();
  private final LongSupplier clock;

  /** Takes the time in nanoseconds from a clock. */
  FailedLogins(LongSupplier clock) {
    this.clock = clock;
  }

  /**
   * Whether somebody there may try.
   *
   * @throws PostmasterException {@code RATE_LIMITED}
   */
  void check(String address) {
    Failures failures = known(address);
    long now = clock.getAsLong();
    if (failures != null && now - failures.since < MINUTE_NS && failures.count >= MAX) {
      long retryMs = TimeUnit.NANOSECONDS.toMillis(MINUTE_NS - (now - failures.since)) + 1;
      throw PostmasterException.retry(
          ErrorCode.RATE_LIMITED, MAX + " wrong tokens from " + address + " in a minute", retryMs);
    }
  }

  private Failures known(String address) {
    Failures known = byAddress.get(address);
    return known != null || byAddress.size() < ADDRESSES_MAX ? known : byAddress.get(OTHERS);
  }

  void failed(String address) {
    long now = clock.getAsLong();
    if (byAddress.size() >= ADDRESSES_MAX) {
      forget(now);
    }
    boolean room = byAddress.containsKey(address) || byAddress.size() < ADDRESSES_MAX;
    Failures failures = byAddress.computeIfAbsent(room ? address : OTHERS, key -> new Failures());
    if (failures.count == 0 || now - failures.since >= MINUTE_NS) {
      failures.since = now;
      failures.count = 0;
    }
    failures.count++;
  }

  private void forget(long now) {
    for (Iterator<Failures> all = byAddress.values().iterator(); all.hasNext(); ) {
      if (now - all.next().since >= MINUTE_NS) {
        all.remove();
      }
    }
  }
}
