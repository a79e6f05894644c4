package dev.postmaster.runtime;

import dev.postmaster.ErrorCode;
import dev.postmaster.Signal;
import io.netty.channel.SingleThreadEventLoop;
import io.vertx.core.ThreadingModel;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.impl.EventLoopExecutor;
import io.vertx.core.impl.VertxImpl;
import io.vertx.core.internal.CloseFuture;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.BiConsumer;

/**
 * The addresses that runs get their signals under, {@code
 * postmaster.<name>.worker.<slot>.<generation>} (contract §11). They are the postmaster's, because
 * the context of a busy run is deaf.
 *
 * <p>Signals are sticky, not counted: a flood of one kind is one turn of the postmaster at a time,
 * and it costs the sender alone, because messages are taken on the thread that sends them.
 *
 * <p>Threading: opened and closed by the postmaster's loop; messages come on any thread, one at a
 * time.
 */
final class SignalAddresses {

  /**
   * Where consumers are called: at once, on the thread that is there. On a loop every address would
   * cost a task to open and one to close, more than all else that a short run needs of the bus, and
   * a flood would keep that loop from everybody.
   *
   * <p>It is an event loop, without a thread, because Vert.x gives the consumers of any other
   * executor a queue of 400 bytes each. What they have instead is for one thread at a time, so that
   * they are closed here too.
   */
  private static final class Here extends SingleThreadEventLoop {

    Here() {
      super(null, (ThreadFactory) Thread::new, false);
    }

    @Override
    public boolean inEventLoop(Thread thread) {
      return true;
    }

    @Override
    public synchronized void execute(Runnable task) {
      task.run();
    }

    @Override
    protected void run() {
      throw new IllegalStateException("nothing is ever queued here");
    }
  }

  private final Here here = new Here();
  private final EventBus bus;
  private final ContextInternal context;
  private final String prefix;
  private final boolean remote;
  private final BiConsumer<HostedRun, Signal> sink;

  /**
   * None open.
   *
   * @param home whose loop the consumers' context names, without ever using it
   * @param remote whether other members of a cluster may signal
   * @param sink takes what has come, throws nothing, and calls {@link Address#taken} for it
   */
  SignalAddresses(
      ContextInternal home, String name, boolean remote, BiConsumer<HostedRun, Signal> sink) {
    VertxImpl vertx = (VertxImpl) home.owner();
    bus = vertx.eventBus();
    context =
        vertx.createContext(
            ThreadingModel.EVENT_LOOP,
            new EventLoopExecutor(home.nettyEventLoop()),
            new EventLoopExecutor(here),
            home.workerPool(),
            new CloseFuture(),
            null,
            home.classLoader());
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
    Address address = new Address(run);
    ContextInternal before = context.beginDispatch();
    try {
      address.consumer =
          remote
              ? bus.consumer(text, address::received)
              : bus.localConsumer(text, address::received);
    } finally {
      context.endDispatch(before);
    }
    run.address = address;
  }

  /** One run's. */
  final class Address {

    private static final AtomicIntegerFieldUpdater<Address> CAME =
        AtomicIntegerFieldUpdater.newUpdater(Address.class, "came");

    private final HostedRun run;
    private MessageConsumer<Object> consumer;

    /** A bit for each signal that waits for its turn. */
    private volatile int came;

    private Address(HostedRun run) {
      this.run = run;
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
      here.execute(consumer::unregister);
    }
  }
}
