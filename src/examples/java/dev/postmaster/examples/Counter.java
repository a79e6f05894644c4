package dev.postmaster.examples;

import static dev.postmaster.examples.Examples.LOG;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.DurationText;
import dev.postmaster.Signal;
import dev.postmaster.WorkerContext;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Adds what others put into a table as delta rows to its total, at each {@code naptime} and
 * whenever its latch is set.
 *
 * <p>The argument {@code naptime} is what the settings table begins with; from then on the table
 * decides, read at each start and on HUP.
 *
 * <p>Source: the idea of PostgreSQL's test module {@code worker_spi}.
 */
final class Counter implements BackgroundWorker {

  private boolean reload;
  private Duration naptime;

  @Override
  public void run(WorkerContext context) throws SQLException, InterruptedException {
    Args args = Args.of(context);
    naptime = args.time("naptime", Duration.ofSeconds(1));
    CounterTables tables = new CounterTables(args.identifier("schema", "counter"));
    context.onSignal(Signal.HUP, () -> reload = true);

    Database database = Database.of(context);
    database.prepare(context, tables.create());
    read(database, tables);
    while (true) {
      while (database.transaction(tables::consume) == CounterTables.DELTAS_MAX) {
        context.checkInterrupts();
      }
      Naps.nap(context, naptime);
      if (reload) {
        reload = false;
        read(database, tables);
      }
    }
  }

  /** A setting that is no time leaves the naptime as it is: a typing error stops nobody. */
  private void read(Database database, CounterTables tables) throws SQLException {
    String setting = database.transaction(c -> tables.naptime(c, DurationText.of(naptime)));
    Args.time(setting)
        .ifPresentOrElse(
            time -> naptime = time,
            () ->
                LOG.log(
                    Level.WARNING,
                    "{0}.settings: naptime is not a time from 1ms to 24h, it stays {1}",
                    tables.schema(),
                    DurationText.of(naptime)));
  }
}
