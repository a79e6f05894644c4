package dev.postmaster.runtime;

import dev.postmaster.Signal;
import java.util.EnumMap;
import java.util.Map;

/** The context of a run that has a main: signals are handled where its thread looks. */
final class MainContext extends RunContext {

  private final Map<Signal, Runnable> handlers = new EnumMap<>(Signal.class);

  MainContext(HostedRun run, RunServices services) {
    super(run, services);
  }

  @Override
  void handleSignals() {
    handlers.forEach(
        (signal, handler) -> {
          if (run.take(signal) > 0) {
            handler.run();
          }
        });
  }

  @Override
  public void onSignal(Signal signal, Runnable handler) {
    handlers.put(signal, handler);
    if (signal == Signal.HUP) {
      run.asksForReloads();
    }
  }

  /** Main itself goes on: it is not main that threw. */
  @Override
  void uncaught(Throwable thrown) {
    services.survived(run, thrown);
  }
}
