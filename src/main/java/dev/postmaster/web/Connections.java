package dev.postmaster.web;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts those who watch, feeds and event streams together, in all and by address.
 *
 * <p>Threading: the server's event loop.
 */
final class Connections {

  private final WebOptions options;
  private final Map<String, Integer> byAddress = new HashMap<>();
  private int open;

  Connections(WebOptions options) {
    this.options = options;
  }

  /**
   * Takes a place.
   *
   * @throws PostmasterException {@code RATE_LIMITED}, with limit and used
   */
  void take(String address) {
    int ofAddress = byAddress.getOrDefault(address, 0);
    if (open >= options.maxConnections()) {
      throw tooMany("all feeds are taken", options.maxConnections(), open);
    }
    if (ofAddress >= options.maxConnectionsPerAddress()) {
      throw tooMany(
          "all feeds of " + address + " are taken", options.maxConnectionsPerAddress(), ofAddress);
    }
    open++;
    byAddress.put(address, ofAddress + 1);
  }

  private static PostmasterException tooMany(String what, int limit, int used) {
    return PostmasterException.limit(
        ErrorCode.RATE_LIMITED, what + ": " + used + " of " + limit, limit, used, List.of());
  }

  void giveBack(String address) {
    open--;
    byAddress.computeIfPresent(address, (key, used) -> used == 1 ? null : used - 1);
  }
}
