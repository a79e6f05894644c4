package dev.postmaster.runtime;

import dev.postmaster.Signal;
import java.util.EnumMap;
import java.util.Map;

/** The context of a verticle's run: signals are handled on the verticle's own context. */
final class VerticleContext extends RunContext {

  private final HostedVerticle verticle;
  private final Map<Signal, Runnable> handlers = new EnumMap<>(Signal.class);

  VerticleContext(HostedVerticle verticle, RunServices services) {
    super(verticle.run, services);
    this.verticle = verticle;
  }

  /** They come by themselves. */
  @Override
  void handleSignals() {}

  @Override
  public void onSignal(Signal signal, Runnable handler) {
    boolean first;
    boolean came;
    synchronized (this) {
      first = handlers.isEmpty();
      handlers.put(signal, handler);
      came = run.take(signal) > 0;
    }
    if (first) {
      services.listens(run);
    }
    if (came) {
      handle(handler);
    }
  }

  /** A signal has come; by the postmaster's loop. */
  void signal(Signal signal) {
    Runnable handler;
    synchronized (this) {
      handler = handlers.get(signal);
      if (handler == null && !run.hasBegun()) {
        run.keep(signal);
      }
    }
    if (handler != null) {
      handle(handler);
    } else if (signal == Signal.USR1) {
      setLatch();
    }
  }

  private void handle(Runnable handler) {
    verticle
        .context()
        .runOnContext(
            nothing -> {
              // Else it would use what is closed, or come behind the look for who is inside.
              if (verticle.serves()) {
                handler.run();
              }
            });
  }

  @Override
  void uncaught(Throwable thrown) {
    verticle.uncaught(thrown);
  }
}
