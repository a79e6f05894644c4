package dev.postmaster.core;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.Target;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Orders to pause (contract §14). They meet workers that are registered later too; of all orders
 * that meet a worker the latest counts, so that one type can go on while all others stand.
 */
final class Pauses {

  /** Orders on types and domains; a worker's own order lives in its slot. */
  static final int ORDERS_MAX = 1_024;

  private final Table table;
  private final Map<Target, Pause> orders = new LinkedHashMap<>();
  private long count;

  Pauses(Table table) {
    this.table = table;
  }

  /** Becomes a copy. */
  void take(Pauses other, Copies copies) {
    count = other.count;
    other.orders.forEach((target, order) -> orders.put(target, copy(order, copies)));
    other.table.registered.stream()
        .filter(slot -> slot.pause != null)
        .forEach(slot -> table.slots[slot.index].pause = copy(slot.pause, copies));
  }

  private static Pause copy(Pause order, Copies copies) {
    Pause twin = new Pause(order.target, order.holds, order.number, order.until);
    copies.arm(order.end, twin.end);
    return twin;
  }

  /** The orders on types, domains and all. */
  Collection<Pause> orders() {
    return orders.values();
  }

  /** The order that pauses the worker now, or null. */
  Pause of(Slot slot) {
    if (orders.isEmpty() && slot.pause == null) {
      return null;
    }
    Pause latest = slot.pause;
    latest = later(latest, orders.get(Target.type(slot.terms.type())));
    latest = later(latest, orders.get(Target.domain(slot.terms.domain())));
    latest = later(latest, orders.get(Target.all()));
    return latest != null && latest.holds ? latest : null;
  }

  private static Pause later(Pause a, Pause b) {
    return a == null || b != null && b.number > a.number ? b : a;
  }

  /** The registrations that a target meets now, in their order. */
  Stream<Slot> met(Target target) {
    return target.kind() == Target.Kind.HANDLE
        ? Stream.of(slot(target))
        : table.registered.stream().filter(slot -> meets(target, slot));
  }

  private boolean meets(Target target, Slot slot) {
    return switch (target.kind()) {
      case ALL -> true;
      case TYPE -> slot.terms.type().equals(target.name());
      case DOMAIN -> slot.terms.domain().equals(target.name());
      case GROUP, HANDLE -> false;
    };
  }

  /** Orders the target to pause. */
  void pause(Target target, long until) {
    admit(target);
    put(new Pause(target, true, ++count, until));
  }

  /** Orders the target to go on; without an order against it there is nothing to remember. */
  void resume(Target target) {
    if (target.kind() != Target.Kind.ALL) {
      admit(target);
    }
    remove(target);
    if (target.kind() == Target.Kind.ALL) {
      orders.values().forEach(order -> order.end.cancel());
      orders.clear();
    }
    if (target.kind() != Target.Kind.HANDLE) {
      met(target).forEach(this::removeOwn);
    }
    if (!orders.isEmpty()) {
      put(new Pause(target, false, ++count, Long.MAX_VALUE));
    }
  }

  /** Refuses what would be one order too many, before anything is done. */
  private void admit(Target target) {
    boolean isOne = target.kind() == Target.Kind.HANDLE || orders.containsKey(target);
    if (!isOne && orders.size() >= ORDERS_MAX) {
      throw PostmasterException.of(
          ErrorCode.BAD_REQUEST, "more than " + ORDERS_MAX + " targets are paused or resumed");
    }
  }

  private void put(Pause order) {
    remove(order.target);
    if (order.target.kind() == Target.Kind.HANDLE) {
      slot(order.target).pause = order;
    } else {
      orders.put(order.target, order);
    }
    if (order.until != Long.MAX_VALUE) {
      table.real.put(order.end, order.until, order.number);
    }
  }

  private Slot slot(Target target) {
    return table.slots[target.handle().orElseThrow().slot()];
  }

  private void remove(Target target) {
    if (target.kind() == Target.Kind.HANDLE) {
      removeOwn(slot(target));
      return;
    }
    Pause order = orders.remove(target);
    if (order != null) {
      order.end.cancel();
    }
  }

  private void removeOwn(Slot slot) {
    if (slot.pause != null) {
      slot.pause.end.cancel();
      slot.pause = null;
    }
  }

  /** An order's time is over. */
  void expire(Pause order) {
    remove(order.target);
  }
}
