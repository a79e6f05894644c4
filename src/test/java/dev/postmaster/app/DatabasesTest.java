package dev.postmaster.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.app.Configuration.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pools over real H2 files. */
class DatabasesTest {

  @TempDir Path directory;

  private Databases databases;

  @BeforeEach
  void open() {
    String url = "jdbc:h2:async:" + directory.resolve("first");
    String other = "jdbc:h2:async:" + directory.resolve("second");
    databases =
        new Databases(
            Map.of(
                "", new Database(url, "sa", Optional.empty()),
                "other", new Database(other, "sa", Optional.empty()),
                "locked", new Database(other, "sa", Optional.of(directory.resolve("nowhere")))),
            3);
  }

  @AfterEach
  void close() {
    databases.close();
  }

  private static int rows(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("select count(*) from t")) {
      result.next();
      return result.getInt(1);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void aDatabaseIsFoundByItsName() throws Exception {
    try (Connection first = databases.connect("", "");
        Connection other = databases.connect("other", "sa")) {
      execute(first, "create table t (n int)");

      assertThrows(SQLException.class, () -> rows(other));
      assertEquals(0, rows(first));
    }
  }

  @Test
  void whatIsNotConfiguredIsRefused() {
    assertTrue(
        assertThrows(SQLException.class, () -> databases.connect("none", ""))
            .getMessage()
            .contains("\"none\""));
    assertTrue(
        assertThrows(SQLException.class, () -> databases.connect("", "root"))
            .getMessage()
            .contains("\"root\""));
    assertTrue(
        assertThrows(SQLException.class, () -> databases.connect("locked", ""))
            .getMessage()
            .contains("nowhere"));
  }

  @Test
  void anEvictedConnectionIsNotLentAgain() throws Exception {
    databases.connect("other", "").close();
    Connection broken = databases.connect("", "");
    Connection inner = broken.unwrap(org.h2.jdbc.JdbcConnection.class);

    databases.evict(broken);

    // The pool closes it on a thread of its own.
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!inner.isClosed() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertTrue(inner.isClosed());
    try (Connection next = databases.connect("", "")) {
      assertNotSame(inner, next.unwrap(org.h2.jdbc.JdbcConnection.class));
    }
  }

  @Test
  void oneThatWasInterruptedDoesNotCloseTheFileForTheOthers() throws Exception {
    try (Connection mine = databases.connect("", "")) {
      execute(mine, "create table t (n int)");
      CountDownLatch done = new CountDownLatch(1);
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread other =
          new Thread(
              () -> {
                Thread.currentThread().interrupt();
                try (Connection theirs = databases.connect("", "")) {
                  for (int n = 0; n < 1_000; n++) {
                    execute(theirs, "insert into t values (" + n + ")");
                  }
                  execute(theirs, "checkpoint sync");
                } catch (SQLException interrupted) {
                  failure.set(interrupted);
                } finally {
                  done.countDown();
                }
              });
      other.start();
      done.await();

      execute(mine, "insert into t values (-1)");
      execute(mine, "checkpoint sync");
      assertTrue(rows(mine) >= 1, () -> "the other failed with " + failure.get());
      assertFalse(mine.isClosed());
    }
    databases.close();
    open();
    try (Connection again = databases.connect("", "")) {
      assertTrue(rows(again) >= 1);
    }
  }

  @Test
  void thePasswordIsReadFromItsFile() throws Exception {
    Path password = Files.writeString(directory.resolve("password"), "secret\n");
    String url = "jdbc:h2:async:" + directory.resolve("third");
    Database right = new Database(url, "me", Optional.of(password));
    Path bad = Files.writeString(directory.resolve("bad"), "guess\n");
    Database wrong = new Database(url, "me", Optional.of(bad));

    try (Databases made = new Databases(Map.of("", right), 1)) {
      made.probe();
    }
    try (Databases guessed = new Databases(Map.of("", wrong), 1)) {
      assertThrows(SQLException.class, guessed::probe);
    }
  }
}
