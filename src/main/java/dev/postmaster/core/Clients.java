package dev.postmaster.core;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** The sessions that a smart shutdown waits for (contract §10). */
final class Clients {

  /** How long a client that does not renew stays attached. */
  static final long LEASE_NS = 90_000_000_000L;

  static final int CLIENTS_MAX = 65_536;

  /** One attachment. */
  static final class Lease {
    final String client;
    final Alarm end = new Alarm(this, Alarm.Kind.LEASE);

    Lease(String client) {
      this.client = client;
    }
  }

  private final Table table;
  private final Map<String, Lease> leases = new LinkedHashMap<>();
  private long renewals;

  Clients(Table table) {
    this.table = table;
  }

  /** Becomes a copy. */
  void take(Clients other, Copies copies) {
    renewals = other.renewals;
    other.leases.forEach(
        (client, lease) -> {
          Lease twin = new Lease(client);
          copies.arm(lease.end, twin.end);
          leases.put(client, twin);
        });
  }

  int count() {
    return leases.size();
  }

  /** All attachments, in the order in which they came. */
  Collection<Lease> leases() {
    return leases.values();
  }

  /** Attaches or renews. */
  void attach(String client, boolean admits, long now) {
    Lease lease = leases.get(client);
    if (lease == null) {
      if (!admits) {
        throw PostmasterException.of(
            ErrorCode.SHUTTING_DOWN, "no new client is admitted during a shutdown");
      }
      if (leases.size() == CLIENTS_MAX) {
        throw PostmasterException.of(
            ErrorCode.RATE_LIMITED,
            "more than " + CLIENTS_MAX + " clients are attached; retryMs 30000");
      }
      lease = new Lease(client);
      leases.put(client, lease);
    }
    table.real.put(lease.end, now + LEASE_NS, ++renewals);
  }

  void detach(String client) {
    Lease lease = leases.remove(client);
    if (lease != null) {
      lease.end.cancel();
    }
  }
}
