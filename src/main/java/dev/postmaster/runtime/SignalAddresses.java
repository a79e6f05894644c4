package dev.postmaster.runtime;

import dev.postmaster.ErrorCode;
import dev.postmaster.Signal;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.BiConsumer;

/**
 * The addresses that runs get their signals under, {@code
 * postmaster.<name>.worker.<slot>.<generation>} (contract §11). They are the postmaster's, because
 * the context of a busy run is deaf.
 *
 * <p>Signals are sticky, not counted: a flood of one kind is one turn of the postmaster at a time.
 *
 * <p>Threading: opened and closed by the postmaster's loop; messages come on another event loop.
 */
final class SignalAddresses {

  private final VertxInternal vertx;
  private final ContextInternal context;
  private final String prefix;
  private final boolean remote;
  private final BiConsumer<HostedRun, Signal> sink;

  /**
   * None open.
   *
   * @param context where messages are received
   * @param remote whether other members of a cluster may signal
   * @param sink takes what has come, throws nothing, and calls {@link Address#taken} for it
   */
  SignalAddresses(
      VertxInternal vertx,
      ContextInternal context,
      String name,
      boolean remote,
      BiConsumer<HostedRun, Signal> sink) {
    this.vertx = vertx;
    this.context = context;
    this.prefix = "postmaster." + name + ".worker.";
    this.remote = remote;
    this.sink = sink;
  }

  /** Opens the address of a run, unless it is open. */
  void open(HostedRun run) {
    if (run.address != null) {
      return;
    }
    String text = prefix + run.id.slot() + '.' + run.id.generation();
    Address address = new Address(run, sink);
    ContextInternal before = context.beginDispatch();
    try {
      address.consumer =
          remote
              ? vertx.eventBus().consumer(text, address::received)
              : vertx.eventBus().localConsumer(text, address::received);
    } finally {
      context.endDispatch(before);
    }
    run.address = address;
  }

  /** One run's. */
  static final class Address {

    private static final AtomicIntegerFieldUpdater<Address> CAME =
        AtomicIntegerFieldUpdater.newUpdater(Address.class, "came");

    private final HostedRun run;
    private final BiConsumer<HostedRun, Signal> sink;
    private MessageConsumer<Object> consumer;

    /** A bit for each signal that waits for its turn. */
    private volatile int came;

    private Address(HostedRun run, BiConsumer<HostedRun, Signal> sink) {
      this.run = run;
      this.sink = sink;
    }

    private void received(Message<Object> message) {
      String word = message.headers().get("signal");
      for (Signal signal : Signal.values()) {
        if (signal.name().equals(word)) {
          int bit = 1 << signal.ordinal();
          if ((CAME.getAndUpdate(this, bits -> bits | bit) & bit) == 0) {
            sink.accept(run, signal);
          }
          return;
        }
      }
      message.fail(ErrorCode.BAD_REQUEST.number(), "header signal: \"" + word + "\" is no signal");
    }

    /** The postmaster takes it: the next of its kind is one more. */
    void taken(Signal signal) {
      CAME.getAndUpdate(this, bits -> bits & ~(1 << signal.ordinal()));
    }

    void close() {
      consumer.unregister();
    }
  }
}
