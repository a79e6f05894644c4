package dev.postmaster.web;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.WorkerContext;
import dev.postmaster.WorkerSpec;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A worker whose runs do what the test tells them, one after the other. */
final class Puppet {

  /** Something that a run does, in its main. */
  private interface Act {
    boolean goesOn(WorkerContext context) throws Exception;
  }

  private final BlockingQueue<Act> acts = new LinkedBlockingQueue<>();

  /** Restarted at once, unless the test says otherwise. */
  WorkerSpec spec(String name) {
    return WorkerSpec.of(name, this::main).restartAfter(Duration.ZERO);
  }

  BackgroundWorker main() {
    return this::run;
  }

  private void run(WorkerContext context) throws Exception {
    boolean goesOn = true;
    while (goesOn) {
      context.checkInterrupts();
      Act act = acts.poll(10, TimeUnit.MILLISECONDS);
      goesOn = act == null || act.goesOn(context);
    }
  }

  /** Ends with 1 and that message. */
  void fail(String message) {
    acts.add(
        context -> {
          throw context.exit(1, message);
        });
  }

  /** Ends with an exception, and a stack with it. */
  void throwUp(String message) {
    acts.add(
        context -> {
          throw new IllegalStateException(message);
        });
  }

  void crash(String message) {
    acts.add(
        context -> {
          throw new AssertionError(message);
        });
  }

  void finish() {
    acts.add(context -> false);
  }
}
