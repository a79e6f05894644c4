package dev.postmaster.core;

import dev.postmaster.Handle;
import dev.postmaster.Target;
import java.util.LinkedHashMap;
import java.util.Map;

/** The orders to pause and to go on, kept the plain way: the latest that meets a worker counts. */
final class TracePauses {

  private record Order(boolean holds, long until) {}

  /** Latest last. */
  private final Map<String, Order> orders = new LinkedHashMap<>();

  TracePauses copy() {
    TracePauses copy = new TracePauses();
    copy.orders.putAll(orders);
    return copy;
  }

  void order(Target target, boolean holds, long until) {
    if (!holds && target.kind() == Target.Kind.ALL) {
      orders.clear();
    } else {
      orders.remove(target.toString());
      orders.put(target.toString(), new Order(holds, until));
    }
  }

  /** Who is told to go on with others goes on: an order of its own before that is over. */
  void goesOn(Target target, TraceSlot slot, Handle handle) {
    if (meets(target.toString(), slot, handle)) {
      orders.remove(Target.of(handle).toString());
    }
  }

  boolean holds(TraceSlot slot, Handle handle, long now) {
    boolean holds = false;
    for (Map.Entry<String, Order> entry : orders.entrySet()) {
      Order order = entry.getValue();
      if (order.until > now && meets(entry.getKey(), slot, handle)) {
        holds = order.holds;
      }
    }
    return holds;
  }

  private static boolean meets(String target, TraceSlot slot, Handle handle) {
    return target.equals(Target.all().toString())
        || target.equals(Target.of(handle).toString())
        || target.equals(Target.type(slot.terms.type()).toString())
        || target.equals(Target.domain(slot.terms.domain()).toString());
  }
}
