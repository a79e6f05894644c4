package dev.postmaster.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ConnectionSource;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.support.Life;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A real database for workers, and a view of it for the test. */
final class Tables implements ConnectionSource, AutoCloseable {

  private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(20);
  private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(2);

  /** How many of the next connections are broken when they are handed out. */
  final Semaphore broken = new Semaphore(0);

  private final String url;
  private final Connection view;

  Tables(Path directory) throws SQLException {
    url = "jdbc:h2:async:" + directory.resolve("db");
    view = DriverManager.getConnection(url, "sa", "");
  }

  /** Options of a postmaster whose workers connect to it. */
  PostmasterOptions options() {
    return Life.options().setLibraries(List.of("examples")).setConnections(this);
  }

  @Override
  public Connection connect(String database, String user) throws SQLException {
    Connection connection = DriverManager.getConnection(url, "sa", "");
    if (broken.tryAcquire()) {
      connection.close();
    }
    return connection;
  }

  @Override
  public void evict(Connection connection) {
    try {
      connection.close();
    } catch (SQLException closed) {
      // That is all that was asked for.
    }
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = view.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The one number; -1 while there is no such table or row. */
  long number(String sql) {
    try (Statement statement = view.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      return result.next() ? result.getLong(1) : -1;
    } catch (SQLException notYet) {
      return -1;
    }
  }

  /** Looks until the number is that; fails after 20 s. */
  void await(long wanted, String sql) {
    long end = System.nanoTime() + LIMIT_NS;
    long found = number(sql);
    while (found != wanted) {
      long last = found;
      assertTrue(System.nanoTime() < end, () -> sql + " is " + last + ", not " + wanted);
      LockSupport.parkNanos(LOOK_NS);
      found = number(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    view.close();
  }
}
