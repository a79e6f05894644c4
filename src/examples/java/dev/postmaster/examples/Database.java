package dev.postmaster.examples;

import dev.postmaster.WorkerContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A run's connection, used in transactions only.
 *
 * <p>Ordering: what a transaction wrote is there for others when {@link #transaction} has returned,
 * and not at all if it threw, unless the commit itself failed: then nobody knows, and a worker's
 * next run must look.
 *
 * <p>Threading: the run's own thread.
 */
final class Database {

  private static final int PREPARE_TRIES = 20;
  private static final Duration PREPARE_PAUSE = Duration.ofMillis(50);

  /**
   * What losing a race to create the same thing looks like: "if not exists" looks and creates in
   * two steps. Unique violation, deadlock, and of PostgreSQL duplicate schema, duplicate table and
   * "tuple concurrently updated"; of H2 table exists, schema exists, lock timeout, and the general
   * error "object already exists".
   */
  private static final Set<String> RACES =
      Set.of(
          "23505", "40001", "40P01", "42P06", "42P07", "XX000", "42S01", "90078", "HYT00", "HY000");

  private final Connection connection;

  private Database(Connection connection) {
    this.connection = connection;
  }

  /** Takes the run's connection. */
  static Database of(WorkerContext context) throws SQLException {
    return of(context.connect());
  }

  static Database of(Connection connection) throws SQLException {
    // Never set back: to set it commits whatever is open, and a pool resets what it lends.
    connection.setAutoCommit(false);
    return new Database(connection);
  }

  /** What a transaction does. */
  @FunctionalInterface
  interface Work<T> {
    T in(Connection connection) throws SQLException;
  }

  /** Commits what the work did, or rolls it back if it threw anything. */
  <T> T transaction(Work<T> work) throws SQLException {
    try {
      T result = work.in(connection);
      connection.commit();
      return result;
    } catch (SQLException | RuntimeException | Error failure) {
      try {
        connection.rollback();
      } catch (SQLException worse) {
        failure.addSuppressed(worse);
      }
      throw failure;
    }
  }

  /** Runs statements that create what is not there yet, each tolerant of finding it. */
  void prepare(WorkerContext context, List<String> statements)
      throws SQLException, InterruptedException {
    for (int left = PREPARE_TRIES; ; left--) {
      try {
        transaction(work -> execute(work, statements));
        return;
      } catch (SQLException failure) {
        if (left <= 1 || !RACES.contains(String.valueOf(failure.getSQLState()))) {
          throw failure;
        }
      }
      Naps.sleep(context, PREPARE_PAUSE);
    }
  }

  private static int execute(Connection connection, List<String> statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
    return statements.size();
  }
}
