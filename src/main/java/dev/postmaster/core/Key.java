package dev.postmaster.core;

import dev.postmaster.WorkerState;
import dev.postmaster.WorkerTerms;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The canonical bytes of a supervisor's state, for the search: everything that decides what comes,
 * nothing that does not.
 *
 * <p>Shape: figures of variable length; texts with their length. Times are relative to now, and
 * what is over is 0; what is only an order (registrations, pauses, workers that are due) is a rank.
 * Sequence numbers, run ids, wall times, messages and counts that are only shown are left out. The
 * generation stays, because handles are compared with it.
 *
 * <p>Two orders are not in it. That in which deadlines that are over will fire: the key is exact
 * where {@link Supervisor#wake} has served what was due. And that in which waits for different
 * workers time out, if they do so together.
 */
final class Key {

  private final Supervisor supervisor;
  private final Table table;
  private final long now;

  /** What each slot is called, by its index: slots that only differ in that are alike. */
  private final int[] called;

  private byte[] bytes = new byte[256];
  private int size;

  Key(Supervisor supervisor, long now) {
    this(supervisor, now, IntStream.range(0, supervisor.table.slots.length).toArray());
  }

  /** With the slots called something else. */
  Key(Supervisor supervisor, long now, int[] called) {
    this.supervisor = supervisor;
    this.now = now;
    this.called = called;
    table = supervisor.table;
  }

  byte[] bytes() {
    put(supervisor.started);
    put(supervisor.phase());
    put(supervisor.mode());
    put(supervisor.shutdown.abnormal());
    real(supervisor.shutdown.endsAt());
    supervisor.clients.leases().stream()
        .sorted(Comparator.comparing(lease -> lease.client))
        .forEach(
            lease -> {
              put(lease.client);
              real(lease.end.at);
            });
    end();
    table.names.completed().forEach(this::put);
    end();
    supervisor.pauses.orders().forEach(this::order);
    end();
    table.domains.values().stream()
        .sorted(Comparator.comparing(domain -> domain.name))
        .forEach(this::domain);
    end();
    free();
    table.registered.forEach(this::slot);
    return Arrays.copyOf(bytes, size);
  }

  private void free() {
    int[] indexes = new int[called.length];
    for (int index = 0; index < called.length; index++) {
      indexes[called[index]] = index;
    }
    for (int place = 0; place < indexes.length; place++) {
      Slot slot = table.slots[indexes[place]];
      if (slot != null && slot.state == WorkerState.FREE) {
        put(place);
        put(slot.generation);
        put(slot.everBegun);
      }
    }
    end();
  }

  private void domain(Domain domain) {
    long[] ages =
        domain.times.stream()
            .mapToLong(at -> now - at)
            .filter(age -> age < table.options.crashWithinNs())
            .toArray();
    if (domain.resetting || domain.closed || ages.length > 0) {
      put(domain.name);
      put(domain.resetting);
      put(domain.closed);
      put(ages.length);
      for (long age : ages) {
        put(age);
      }
    }
  }

  private void order(Pause order) {
    put(order.target.toString());
    pause(order);
  }

  private void pause(Pause order) {
    put(order.holds);
    put(rank(order));
    real(order.until);
  }

  /** How many of the pauses that stand were ordered before it. */
  private int rank(Pause order) {
    int before = 0;
    for (Pause other : supervisor.pauses.orders()) {
      before += other.number < order.number ? 1 : 0;
    }
    for (Slot slot : table.registered) {
      before += slot.pause != null && slot.pause.number < order.number ? 1 : 0;
    }
    return before;
  }

  private void slot(Slot slot) {
    put(called[slot.index]);
    put(slot.generation);
    put(slot.state);
    terms(slot.terms);
    put(slot.everBegun);
    put(slot.terminate);
    put(slot.pause != null);
    if (slot.pause != null) {
      pause(slot.pause);
    }
    if (slot.state.hasRun()) {
      run(slot);
    } else {
      put(Math.max(0, slot.due - now));
      put(slot.isDue(now) ? rank(slot) : -1);
      // Whoever is due in this moment too comes before it, if it was registered before.
      put(slot.due == now);
      put(slot.launchCause);
    }
    for (Wait wait : slot.waits) {
      put(wait.what);
      real(wait.timeout.at);
    }
    end();
  }

  /** How many of those that are due would start before it. */
  private int rank(Slot slot) {
    int before = 0;
    for (Slot other : table.registered) {
      boolean older = other.due == slot.due && other.registration < slot.registration;
      before += other.isDue(now) && (other.due < slot.due || older) ? 1 : 0;
    }
    return before;
  }

  private void run(Slot slot) {
    put(slot.begun);
    put(slot.ready);
    put(slot.reason);
    put(slot.rung);
    put(slot.requiring);
    put(slot.end != null);
    if (slot.end != null) {
      put(slot.end.exit());
      put(slot.end.code());
      put((slot.end.explicit() ? 1 : 0) + (slot.end.told() ? 2 : 0));
      put(slot.end.interrupted());
    }
    put(judged(slot.alarm));
    if (slot.state == WorkerState.STOPPING) {
      put(Math.max(0, slot.interruptAt - table.judgedNow(now)));
      put(Math.max(0, slot.abandonAt - table.judgedNow(now)));
      put(slot.stopExtensions);
    } else if (slot.alarm.armed()) {
      put(slot.startExtensions);
    }
    put(slot.uptime == null || !slot.uptime.armed() ? -1 : judged(slot.uptime));
  }

  private void terms(WorkerTerms terms) {
    put(terms.name());
    put(terms.type());
    put(terms.flags().stream().mapToInt(flag -> 1 << flag.ordinal()).sum());
    put(terms.start());
    put(terms.restart().toNanos());
    put(terms.notifyAddress());
    put(terms.threading());
    put(terms.verticle());
    put(terms.domain());
    put(terms.ready().kind());
    put(terms.ready().uptime().toNanos());
    put(terms.startTimeout().toNanos());
    put(terms.grace().toNanos());
    put(terms.force().toNanos());
    list(terms.requires());
    list(terms.after());
  }

  private void list(List<String> texts) {
    texts.forEach(this::put);
    end();
  }

  private long judged(Alarm alarm) {
    return alarm.armed() ? Math.max(0, alarm.at - table.judgedNow(now)) : -1;
  }

  private void real(long at) {
    put(at == Long.MAX_VALUE ? -1 : Math.max(0, at - now));
  }

  /** Ends a list whose length is not said before it. */
  private void end() {
    put(-2);
  }

  private void put(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    put(utf8.length);
    room(utf8.length);
    System.arraycopy(utf8, 0, bytes, size, utf8.length);
    size += utf8.length;
  }

  private void put(Enum<?> value) {
    put(value == null ? -1 : value.ordinal());
  }

  private void put(boolean value) {
    put(value ? 1 : 0);
  }

  /** Seven bits a byte, the sign in the lowest: small figures of either sign are short. */
  private void put(long value) {
    room(10);
    long rest = value << 1 ^ value >> 63;
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) (rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  private void room(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
