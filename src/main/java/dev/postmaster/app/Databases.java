package dev.postmaster.app;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.postmaster.ConnectionSource;
import dev.postmaster.app.Configuration.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The databases that workers connect to: a pool each, made when first used, as large as there are
 * threads for workers, so that no worker waits for another's connection.
 */
final class Databases implements ConnectionSource, AutoCloseable {

  private static final long CONNECT_MS = 5_000;

  private final Map<String, Database> configured;
  private final int size;
  private final Map<String, HikariDataSource> pools = new ConcurrentHashMap<>();

  /** Whose each connection is: a pool asked to evict another's would lose it for both. */
  private final Map<Connection, HikariDataSource> lent =
      Collections.synchronizedMap(new WeakHashMap<>());

  Databases(Map<String, Database> configured, int size) {
    this.configured = configured;
    this.size = size;
  }

  /** Opens one connection to the default database, and gives it back. */
  void probe() throws SQLException {
    connect("", "").close();
  }

  @Override
  public Connection connect(String database, String user) throws SQLException {
    Database found = configured.get(database);
    if (found == null) {
      throw new SQLException("no database named \"" + database + "\" is configured");
    }
    if (!user.isEmpty() && !user.equals(found.user())) {
      throw new SQLException("user \"" + user + "\" is not the configured one");
    }
    HikariDataSource pool = pool(database, found);
    Connection connection = pool.getConnection();
    lent.put(connection, pool);
    return connection;
  }

  private HikariDataSource pool(String name, Database database) throws SQLException {
    String password = password(database);
    return pools.computeIfAbsent(name, absent -> open(name, database, password));
  }

  private static String password(Database database) throws SQLException {
    if (database.passwordFile().isEmpty()) {
      return "";
    }
    try {
      return Files.readString(database.passwordFile().get()).strip();
    } catch (IOException unreadable) {
      throw new SQLException("password file " + database.passwordFile().get(), unreadable);
    }
  }

  private HikariDataSource open(String name, Database database, String password) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(name.isEmpty() ? "postmaster" : "postmaster-" + name);
    config.setJdbcUrl(database.url());
    config.setUsername(database.user());
    config.setPassword(password);
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(CONNECT_MS);
    if (database.url().startsWith("jdbc:h2:") && !database.url().contains("TRACE_LEVEL_FILE")) {
      // What fails is told to who asked. H2 would also write it to a file that never ends, and to
      // the console where it cannot.
      config.addDataSourceProperty("TRACE_LEVEL_FILE", "0");
    }
    // The first connection is asked for by whoever needs it, and fails him.
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  @Override
  public void evict(Connection connection) {
    HikariDataSource pool = lent.remove(connection);
    if (pool != null) {
      pool.evictConnection(connection);
    }
  }

  @Override
  public void close() {
    pools.values().forEach(HikariDataSource::close);
  }
}
