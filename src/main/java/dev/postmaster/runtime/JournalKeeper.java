package dev.postmaster.runtime;

import dev.postmaster.Durability;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.journal.Geometry;
import dev.postmaster.journal.Journal;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Opens, watches, forces and closes the journal's file: on a thread of its own, because all of that
 * blocks, and the pools of Vert.x may be full of those who do not return.
 *
 * <p>Threading: any; what is asked is done in that order.
 */
final class JournalKeeper implements RingLog.Keeper {

  private static final System.Logger LOG = System.getLogger("dev.postmaster.journal");

  /** How often the file is looked at. */
  private static final long CHECK_MS = 5_000;

  private final PostmasterOptions options;
  private final ScheduledThreadPoolExecutor thread;
  private Journal journal; // of that thread

  JournalKeeper(PostmasterOptions options) {
    this.options = options;
    thread =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread made = new Thread(task, "postmaster-" + options.name() + "-journal");
              made.setDaemon(true);
              return made;
            });
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /**
   * Opens it.
   *
   * @param newEpoch sixteen bytes, for a line of its own
   * @param then the journal, or why there is none
   */
  void open(byte[] newEpoch, BiConsumer<Journal, IOException> then) {
    thread.execute(
        () -> {
          try {
            Path directory = options.journalDirectory().orElseThrow();
            Files.createDirectories(directory);
            int records = RingLog.capacity(options);
            Geometry size = Geometry.of(records, options.maxWorkers());
            journal = Journal.open(directory, options.name(), size, () -> newEpoch);
            tell(journal);
            hand(then);
          } catch (IOException refused) {
            thread.shutdown();
            then.accept(null, refused);
          }
        });
  }

  private void hand(BiConsumer<Journal, IOException> then) throws IOException {
    try {
      then.accept(journal, null);
    } catch (RejectedExecutionException closed) {
      // The loop it was opened for is no more.
      journal.close();
      thread.shutdown();
    }
  }

  private static void tell(Journal journal) {
    if (!journal.setAside().isEmpty()) {
      LOG.log(Level.WARNING, "the journal that was there is set aside as " + journal.setAside());
    } else if (journal.wasKilled()) {
      LOG.log(
          Level.WARNING,
          "the journal was not closed by the postmaster before, and is whole: it goes on after"
              + " record "
              + journal.ring().head()
              + (journal.hadInFlight() ? ", the next was being written" : ""));
    }
  }

  /** Looks at the file, and forces it if that is wanted, on its own thread. */
  @Override
  public void watch(Consumer<Throwable> faulted) {
    every(CHECK_MS, faulted, () -> journal.check());
    if (options.durability() == Durability.INTERVAL) {
      every(options.journalInterval().toMillis(), faulted, () -> journal.force());
    }
  }

  private interface Task {
    void run() throws IOException;
  }

  private void every(long ms, Consumer<Throwable> faulted, Task task) {
    thread.scheduleWithFixedDelay(
        () -> {
          try {
            task.run();
          } catch (IOException | RuntimeException | InternalError fault) {
            faulted.accept(fault);
          }
        },
        ms,
        ms,
        TimeUnit.MILLISECONDS);
  }

  @Override
  public void giveUp(Throwable why) {
    LOG.log(
        Level.ERROR,
        "the journal "
            + journal.path()
            + " met a fault, and goes on in memory: "
            + Faults.onOneLine(String.valueOf(why)));
    thread.execute(() -> LOG.log(Level.ERROR, "the journal is " + journal.giveUp()));
  }

  /** Ends the thread too. */
  @Override
  public void close(boolean isFaulted, Runnable then) {
    thread.execute(
        () -> {
          try {
            if (isFaulted) {
              journal.release();
            } else {
              journal.close();
            }
          } catch (IOException | RuntimeException | InternalError fault) {
            LOG.log(Level.ERROR, "the journal could not be closed" + Faults.trace(fault));
          } finally {
            thread.shutdown();
            then.run();
          }
        });
  }
}
