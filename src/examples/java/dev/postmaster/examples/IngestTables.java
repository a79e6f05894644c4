package dev.postmaster.examples;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * The tables of the ingest, in SQL that H2 and PostgreSQL both speak.
 *
 * <p>Shape: {@code lines(log, at_minute, status_class, lines)}, the minute counted from the epoch,
 * in UTC; {@code progress}, a row for each log: the place in it, and how many lines there were.
 *
 * @param log absolute path of the log
 */
record IngestTables(String schema, String log) {

  /** Creates what is missing. */
  List<String> create() {
    return List.of(
        "create schema if not exists " + schema,
        """
        create table if not exists %s.lines (
          log varchar(%d) not null,
          at_minute bigint not null,
          status_class integer not null,
          lines bigint not null,
          primary key (log, at_minute, status_class))
        """
            .formatted(schema, Ingest.PATH_CHARS_MAX),
        """
        create table if not exists %s.progress (
          log varchar(%d) primary key,
          file_key varchar(255) not null,
          head_bytes integer not null,
          head_hash varchar(64) not null,
          place bigint not null,
          inside_oversized boolean not null,
          lines bigint not null,
          malformed bigint not null,
          oversized bigint not null)
        """
            .formatted(schema, Ingest.PATH_CHARS_MAX));
  }

  /** How far the log was read; makes its row first if there is none. */
  Progress begin(Connection connection) throws SQLException {
    String insert =
        """
        insert into %1$s.progress
          select cast(? as varchar(%2$d)), '', 0, '', 0, false, 0, 0, 0
          where not exists (select 1 from %1$s.progress where log = ?)
        """
            .formatted(schema, Ingest.PATH_CHARS_MAX);
    try (PreparedStatement write = connection.prepareStatement(insert)) {
      write.setString(1, log);
      write.setString(2, log);
      write.executeUpdate();
    }
    String select =
        "select file_key, head_bytes, head_hash, place, inside_oversized from %s.progress"
                .formatted(schema)
            + " where log = ?";
    try (PreparedStatement read = connection.prepareStatement(select)) {
      read.setString(1, log);
      try (ResultSet row = read.executeQuery()) {
        row.next();
        return new Progress(
            row.getString(1), row.getInt(2), row.getString(3), row.getLong(4), row.getBoolean(5));
      }
    }
  }

  /**
   * Adds what a stretch of the log adds up to, and moves from one place to the next: one
   * transaction.
   *
   * @return how many counts there were
   * @throws SQLException also if the log is not where it was left: somebody else reads it too
   */
  int save(Connection connection, Tally tally, Progress from, Progress to) throws SQLException {
    move(connection, tally, from, to);
    for (Map.Entry<AccessLine, Long> count : tally.counts().entrySet()) {
      if (add(connection, count.getKey(), count.getValue()) == 0) {
        insert(connection, count.getKey(), count.getValue());
      }
    }
    return tally.counts().size();
  }

  private void move(Connection connection, Tally tally, Progress from, Progress to)
      throws SQLException {
    String sql =
        """
        update %s.progress set file_key = ?, head_bytes = ?, head_hash = ?, place = ?,
          inside_oversized = ?, lines = lines + ?, malformed = malformed + ?,
          oversized = oversized + ?
          where log = ? and file_key = ? and place = ?
        """
            .formatted(schema);
    try (PreparedStatement update = connection.prepareStatement(sql)) {
      update.setString(1, to.fileKey());
      update.setInt(2, to.headBytes());
      update.setString(3, to.headHash());
      update.setLong(4, to.position());
      update.setBoolean(5, to.isInsideOversized());
      update.setLong(6, tally.lines());
      update.setLong(7, tally.malformed());
      update.setLong(8, tally.oversized());
      update.setString(9, log);
      update.setString(10, from.fileKey());
      update.setLong(11, from.position());
      if (update.executeUpdate() != 1) {
        throw new SQLException("somebody else reads " + log + " into " + schema);
      }
    }
  }

  private int add(Connection connection, AccessLine line, long lines) throws SQLException {
    String sql =
        "update %s.lines set lines = lines + ?".formatted(schema)
            + " where log = ? and at_minute = ? and status_class = ?";
    try (PreparedStatement update = connection.prepareStatement(sql)) {
      update.setLong(1, lines);
      update.setString(2, log);
      update.setLong(3, line.minute());
      update.setInt(4, line.statusClass());
      return update.executeUpdate();
    }
  }

  private void insert(Connection connection, AccessLine line, long lines) throws SQLException {
    String sql = "insert into " + schema + ".lines values (?, ?, ?, ?)";
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      insert.setString(1, log);
      insert.setLong(2, line.minute());
      insert.setInt(3, line.statusClass());
      insert.setLong(4, lines);
      insert.executeUpdate();
    }
  }
}
