package dev.postmaster.runtime;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** A map of a domain's memory: throws once the memory was thrown away. */
final class GuardedMap<V> extends AbstractMap<String, V> implements ConcurrentMap<String, V> {

  private final DomainMemory memory;
  private final ConcurrentHashMap<String, V> map = new ConcurrentHashMap<>();

  GuardedMap(DomainMemory memory) {
    this.memory = memory;
  }

  private ConcurrentHashMap<String, V> live() {
    memory.check();
    return map;
  }

  @Override
  public int size() {
    return live().size();
  }

  @Override
  public boolean containsKey(Object key) {
    return live().containsKey(key);
  }

  @Override
  public V get(Object key) {
    return live().get(key);
  }

  @Override
  public V put(String key, V value) {
    return live().put(key, value);
  }

  @Override
  public V remove(Object key) {
    return live().remove(key);
  }

  @Override
  public void clear() {
    live().clear();
  }

  /** A view that throws too: it may be kept as long as the map. */
  @Override
  public Set<Map.Entry<String, V>> entrySet() {
    memory.check();
    return new AbstractSet<>() {
      @Override
      public Iterator<Map.Entry<String, V>> iterator() {
        return live().entrySet().iterator();
      }

      @Override
      public int size() {
        return live().size();
      }
    };
  }

  @Override
  public V putIfAbsent(String key, V value) {
    return live().putIfAbsent(key, value);
  }

  @Override
  public boolean remove(Object key, Object value) {
    return live().remove(key, value);
  }

  @Override
  public boolean replace(String key, V from, V to) {
    return live().replace(key, from, to);
  }

  @Override
  public V replace(String key, V value) {
    return live().replace(key, value);
  }
}
