package dev.postmaster.runtime;

import dev.postmaster.MessageQueue;
import dev.postmaster.SharedMemory;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory of one domain between two crash cycles. A cycle throws it away: whoever still holds
 * something of it is a run of before the crash, and must not be believed.
 */
final class DomainMemory implements SharedMemory {

  /** Maps, counters and queues of one domain. */
  static final int NAMES_MAX = 65_536;

  static final int CAPACITY_MAX = 65_536;

  private final ConcurrentHashMap<String, GuardedMap<?>> maps = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Counter> counters = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, SharedQueue<?>> queues = new ConcurrentHashMap<>();
  private volatile boolean dead;

  void check() {
    if (dead) {
      throw new IllegalStateException("shared memory was thrown away in a crash cycle");
    }
  }

  private void checkRoom(ConcurrentHashMap<String, ?> of, String name) {
    check();
    if (of.size() >= NAMES_MAX && !of.containsKey(name)) {
      throw new IllegalStateException("more than " + NAMES_MAX + " names in shared memory");
    }
  }

  /** Throws it away, and wakes who is blocked in it. */
  void die() {
    dead = true;
    queues.values().forEach(SharedQueue::wake);
  }

  @Override
  @SuppressWarnings("unchecked") // what a name holds is agreed among the workers that use it
  public <V> ConcurrentMap<String, V> map(String name) {
    checkRoom(maps, name);
    return (ConcurrentMap<String, V>) maps.computeIfAbsent(name, n -> new GuardedMap<>(this));
  }

  @Override
  public SharedCounter counter(String name) {
    checkRoom(counters, name);
    return counters.computeIfAbsent(name, n -> new Counter(this));
  }

  @Override
  @SuppressWarnings("unchecked") // as for maps
  public <M> MessageQueue<M> queue(String name, int capacity) {
    if (capacity < 1 || capacity > CAPACITY_MAX) {
      throw new IllegalArgumentException(
          "capacity: " + capacity + " is not between 1 and " + CAPACITY_MAX);
    }
    checkRoom(queues, name);
    return (MessageQueue<M>)
        queues.computeIfAbsent(name, n -> new SharedQueue<>(this, n, capacity));
  }

  /** Both sides have left: the next to ask gets a fresh one. */
  void remove(String name, SharedQueue<?> queue) {
    queues.remove(name, queue);
  }

  private record Counter(DomainMemory memory, AtomicLong value) implements SharedCounter {

    Counter(DomainMemory memory) {
      this(memory, new AtomicLong());
    }

    @Override
    public long add(long delta) {
      memory.check();
      return value.addAndGet(delta);
    }

    @Override
    public long get() {
      memory.check();
      return value.get();
    }

    @Override
    public void set(long to) {
      memory.check();
      value.set(to);
    }
  }
}
