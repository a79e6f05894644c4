package dev.postmaster.app;

import dev.postmaster.Postmaster;
import dev.postmaster.ShutdownMode;
import dev.postmaster.ShutdownReport;
import dev.postmaster.Signal;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** How the program ends: what asks it to, by when it must be over, and what is said of it. */
final class Ending {

  private static final System.Logger LOG = System.getLogger("dev.postmaster.app");
  private static final int ABNORMAL = 10;

  /** What closing web server, connections and logs may take after the postmaster's end. */
  private static final Duration CLOSING = Duration.ofSeconds(30);

  private Ending() {}

  /** TERM and INT: first fast, second immediate. HUP goes to every worker. */
  static void handleSignals(Postmaster postmaster, Duration shutdownTimeout) {
    Duration limit = shutdownTimeout.plus(CLOSING);
    Runnable down =
        new Runnable() {
          private boolean told;

          @Override
          public synchronized void run() {
            postmaster.shutdown(told ? ShutdownMode.IMMEDIATE : ShutdownMode.FAST);
            if (!told) {
              Thread net = new Thread(() -> haltAfter(limit), "postmaster-net");
              net.setDaemon(true);
              net.start();
            }
            told = true;
          }
        };
    Signals.on("TERM", down);
    Signals.on("INT", down);
    Signals.on("HUP", () -> postmaster.signalAll(Signal.HUP));
    // The net below: whatever ends the JVM in order, such as a worker's System.exit, gives workers
    // their time. It waits for main to halt, or the JVM would be gone before all is closed.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  postmaster.close();
                  haltAfter(limit);
                },
                "postmaster-net"));
  }

  /** Main halts before this; if it does not, whoever asked for the end is not left waiting. */
  private static void haltAfter(Duration limit) {
    // Not a sleep: whoever interrupts every thread that he finds does not hurry this one.
    new CompletableFuture<Void>()
        .completeOnTimeout(null, limit.toMillis(), TimeUnit.MILLISECONDS)
        .join();
    System.err.println("postmaster: the end did not come within " + limit.toSeconds() + " s");
    Runtime.getRuntime().halt(ABNORMAL);
  }

  /** What is left to say. */
  static int say(ShutdownReport report) {
    for (ShutdownReport.Abandoned left : report.abandoned()) {
      System.err.println(
          "postmaster: worker \"" + left.name() + "\" was left inside its code, at " + at(left));
      StringBuilder stack = new StringBuilder("worker \"" + left.name() + "\" was left at");
      left.stack().forEach(frame -> stack.append("\n\tat ").append(frame));
      LOG.log(System.Logger.Level.ERROR, stack.toString());
    }
    LOG.log(
        System.Logger.Level.INFO,
        "ended {0} after {1} ms, {2} abandoned",
        report.status(),
        report.tookMs(),
        report.abandoned().size());
    return report.abnormal() || !report.abandoned().isEmpty() ? ABNORMAL : 0;
  }

  /** The first place that is not the platform's own, which says no more than that it waits. */
  private static String at(ShutdownReport.Abandoned left) {
    return left.stack().stream()
        .filter(
            frame -> frame.getModuleName() == null || !frame.getModuleName().startsWith("java."))
        .findFirst()
        .map(StackTraceElement::toString)
        .orElse("an unknown place");
  }
}
