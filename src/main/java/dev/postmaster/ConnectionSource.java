package dev.postmaster;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Where {@link WorkerContext#connect} gets its connections: a pool, wired by the application.
 *
 * <p>Threading: any; {@link #connect} may block.
 */
public interface ConnectionSource {

  /**
   * Borrows a connection; closing it gives it back.
   *
   * @param database a configured name, or empty for the default one
   * @param user empty for the configured one
   * @throws SQLException if there is no such database, or none could be had in time
   */
  Connection connect(String database, String user) throws SQLException;

  /** Takes a borrowed connection out of its pool instead of giving it back. */
  void evict(Connection connection);
}
