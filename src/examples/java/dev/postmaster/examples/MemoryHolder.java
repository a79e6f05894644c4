package dev.postmaster.examples;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.Exit;
import dev.postmaster.Signal;
import dev.postmaster.WorkerContext;
import java.time.Duration;
import java.util.List;

/**
 * Shares memory with {@link MemoryFriend}, and crashes: {@code exit(3)} says that what it shares
 * may be damaged, so its domain is reset, and both start again with none of it.
 *
 * <p>The first run crashes after {@code first}, one that follows a crash after {@code every}. Which
 * of the two it is stands in what the postmaster knows of the registration: shared memory has
 * forgotten it, and a static field would be common to all postmasters of the JVM. The defaults make
 * two cycles in ten minutes, fewer than the limit of a domain.
 */
final class MemoryHolder implements BackgroundWorker {

  private static final int CRASH_CODE = 3;

  private boolean told;

  @Override
  public void run(WorkerContext context) throws InterruptedException {
    Args args = Args.of(context);
    Duration beat = args.time("beat", Duration.ofSeconds(1));
    Duration first = args.time("first", Duration.ofSeconds(20));
    Duration every = args.time("every", Duration.ofMinutes(5));
    Duration lasts = hasCrashed(context) ? every : first;
    long end = System.nanoTime() + lasts.toNanos();
    context.onSignal(Signal.USR1, () -> told = true);

    Beats beats = Beats.sent(context);
    for (long left = lasts.toNanos(); left > 0 && !told; left = end - System.nanoTime()) {
      beats.send();
      Naps.nap(context, Duration.ofNanos(Math.min(beat.toNanos(), left)));
    }
    String why = told ? "as USR1 asked for" : "after " + lasts.toMillis() + " ms";
    throw context.exit(CRASH_CODE, "crashed " + why);
  }

  private static boolean hasCrashed(WorkerContext context) {
    List<Integer> exits = context.postmaster().handle(context.handle()).status().exits();
    // The figures stand in the order of Exit, without NONE.
    return exits.get(Exit.CRASHED.ordinal() - 1) > 0;
  }
}
