package dev.postmaster.examples;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.WorkerContext;
import java.time.Duration;

/**
 * Receives the beats of {@link MemoryHolder}; does nothing wrong, and goes down with its domain.
 */
final class MemoryFriend implements BackgroundWorker {

  @Override
  public void run(WorkerContext context) throws InterruptedException {
    Duration beat = Args.of(context).time("beat", Duration.ofSeconds(1));
    Beats beats = Beats.received(context);
    while (true) {
      beats.receive();
      Naps.nap(context, beat);
    }
  }
}
