package dev.postmaster.examples;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Exit;
import dev.postmaster.Flag;
import dev.postmaster.Signal;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Life;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The counter over a real database. */
class CounterTest {

  private static final String TOTAL = "select amount from counter.counted where id = 0";
  private static final String DELTAS = "select count(*) from counter.counted where type = 'delta'";

  @TempDir Path directory;

  private Tables tables;
  private Life life;

  @BeforeEach
  void start() throws Exception {
    tables = new Tables(directory);
    life = Life.started(tables.options());
  }

  @AfterEach
  void close() throws Exception {
    life.close();
    tables.close();
  }

  private WorkerHandle counter(String name, String naptime) throws Exception {
    WorkerSpec spec =
        WorkerSpec.of(name, "examples", "counter")
            .flags(Flag.SHARED_MEMORY, Flag.DATABASE_CONNECTION)
            .restartAfter(Duration.ofMillis(50))
            .args(new JsonObject().put("naptime", naptime));
    WorkerHandle handle = get(life.postmaster.register(spec));
    get(handle.awaitStarted());
    tables.await(1, "select count(*) from counter.settings");
    return handle;
  }

  private void insert(int rows, long amount) throws SQLException {
    tables.execute(
        "insert into counter.counted (type, amount) select 'delta', "
            + amount
            + " from system_range(1, "
            + rows
            + ")");
  }

  @Test
  void deltaRowsAreAddedToTheTotalAndDeleted() throws Exception {
    counter("counter", "5ms");
    assertEquals(0, tables.number(TOTAL));

    insert(10, 7);
    insert(1, -20);

    tables.await(50, TOTAL);
    assertEquals(0, tables.number(DELTAS));
  }

  @Test
  void moreThanOneTransactionTakesAreTakenInSeveral() throws Exception {
    counter("counter", "5ms");

    insert(3 * CounterTables.DELTAS_MAX + 1, 1);

    tables.await(3 * CounterTables.DELTAS_MAX + 1, TOTAL);
    assertEquals(0, tables.number(DELTAS));
  }

  @Test
  void aReloadReadsTheNaptimeAndANaptimeThatIsNoneChangesNothing() throws Exception {
    WorkerHandle handle = counter("counter", "1h");
    tables.execute("update counter.settings set setting = '5ms'");
    get(handle.signal(Signal.HUP));
    insert(1, 1);
    tables.await(1, TOTAL);

    tables.execute("update counter.settings set setting = 'soon'");
    get(handle.signal(Signal.HUP));
    insert(1, 1);
    tables.await(2, TOTAL);
    insert(1, 1);
    tables.await(3, TOTAL);

    assertEquals(0, handle.status().failures());
  }

  @Test
  void theLatchEndsItsNap() throws Exception {
    WorkerHandle handle = counter("counter", "1h");
    insert(1, 1);

    get(handle.signal(Signal.USR1));

    tables.await(1, TOTAL);
  }

  @Test
  void toldToEndItLeavesAtOnceAndItsWorkIsThere() throws Exception {
    WorkerHandle handle = counter("counter", "1h");

    get(handle.terminate());

    assertEquals(Exit.TERMINATED, get(handle.awaitGone()).last().exit());
    assertEquals(0, tables.number(TOTAL));
  }

  @Test
  void severalThatBeginTogetherMakeTheTablesOnceAndCountEachRowOnce() throws Exception {
    List<WorkerHandle> all = new ArrayList<>();
    for (int n = 0; n < 4; n++) {
      all.add(counter("counter-" + n, "2ms"));
    }

    for (int n = 0; n < 50; n++) {
      insert(20, 1);
    }

    tables.await(1_000, TOTAL);
    assertEquals(0, tables.number(DELTAS));
    assertTrue(all.stream().allMatch(handle -> handle.status().failures() == 0));
  }

  @Test
  void theTablesRefuseWhatWouldFalsifyTheTotal() throws Exception {
    counter("counter", "1h");

    assertThrows(
        SQLException.class,
        () -> tables.execute("insert into counter.counted (type, amount) values ('total', 5)"));
    assertThrows(
        SQLException.class,
        () -> tables.execute("insert into counter.counted (type, amount) values ('other', 5)"));
  }
}
