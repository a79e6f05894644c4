package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.BackgroundWorker;
import dev.postmaster.ConnectionSource;
import dev.postmaster.Exit;
import dev.postmaster.Flag;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerStatus;
import dev.postmaster.support.Life;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One connection a run, given back clean or not at all. */
class ConnectionTest {

  /** A pool that keeps a diary. */
  private static final class Diary implements ConnectionSource {
    final List<String> entries = new CopyOnWriteArrayList<>();

    @Override
    public Connection connect(String database, String user) throws SQLException {
      if (database.equals("down")) {
        throw new SQLException("no route");
      }
      entries.add("connect " + database + '/' + user);
      return (Connection)
          Proxy.newProxyInstance(
              Diary.class.getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, arguments) -> {
                entries.add(method.getName());
                return null;
              });
    }

    @Override
    public void evict(Connection connection) {
      entries.add("evict");
    }
  }

  private final Diary diary = new Diary();
  private Life life;

  @BeforeEach
  void start() throws Exception {
    life = Life.started(Life.options().setConnections(diary));
  }

  @AfterEach
  void end() {
    life.close();
  }

  private static WorkerSpec connecting(BackgroundWorker main) {
    return Workers.of("w", main).flags(Flag.SHARED_MEMORY, Flag.DATABASE_CONNECTION).neverRestart();
  }

  private WorkerStatus run(WorkerSpec spec) throws Exception {
    return get(get(life.postmaster.register(spec)).awaitGone());
  }

  @Test
  void aConnectionIsGivenBackWhenTheRunEnds() throws Exception {
    WorkerStatus gone = run(connecting(context -> context.connect("db", "me").getCatalog()));

    assertEquals(Exit.COMPLETED, gone.last().exit());
    assertEquals(List.of("connect db/me", "getCatalog", "close"), diary.entries);
  }

  @Test
  void theConnectionOfAFailedRunIsGivenBack() throws Exception {
    run(
        connecting(
            context -> {
              context.connect();
              throw new SQLException("deadlock");
            }));

    assertEquals(List.of("connect /", "close"), diary.entries);
  }

  @Test
  void theConnectionOfACrashedRunIsEvicted() throws Exception {
    run(
        connecting(
            context -> {
              context.connect();
              throw new AssertionError("torn");
            }));
    run(
        connecting(
            context -> {
              context.connect();
              context.exit(2);
            }));

    assertEquals(List.of("connect /", "evict", "connect /", "evict"), diary.entries);
  }

  @Test
  void theConnectionOfAKilledRunIsEvicted() throws Exception {
    CountDownLatch connected = new CountDownLatch(1);
    WorkerHandle handle =
        get(
            life.postmaster.register(
                connecting(
                        context -> {
                          context.connect();
                          connected.countDown();
                          new CountDownLatch(1).await();
                        })
                    .stop(Workers.SHORT, Workers.LONG)));
    Workers.await(connected);

    get(handle.terminate());

    assertEquals(Exit.KILLED, get(handle.awaitGone()).last().exit());
    assertEquals(List.of("connect /", "evict"), diary.entries);
  }

  @Test
  void theConnectionOfAnAbandonedRunIsEvictedWhenItsThreadReturns() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    WorkerHandle handle =
        get(
            life.postmaster.register(
                connecting(
                        context -> {
                          context.connect();
                          Workers.awaitDeaf(release);
                        })
                    .stop(Workers.SHORT, Workers.SHORT)));
    get(handle.awaitStarted());
    get(handle.terminate());
    life.watch.await(t -> t.to() == dev.postmaster.WorkerState.ABANDONED);

    release.countDown();
    get(handle.awaitGone());

    assertEquals(List.of("connect /", "evict"), diary.entries);
  }

  @Test
  void toConnectWithoutTheFlagFailsTheRunWhateverMainDoes() throws Exception {
    WorkerStatus gone =
        run(
            Workers.of("w", context -> assertThrows(IllegalStateException.class, context::connect))
                .neverRestart());

    assertEquals(Exit.FAILED, gone.last().exit());
    assertTrue(gone.last().message().contains("DATABASE_CONNECTION"), gone.last().message());
    assertEquals(List.of(), diary.entries);
  }

  @Test
  void toConnectTwiceFailsTheRunWhateverMainDoes() throws Exception {
    WorkerStatus gone =
        run(
            connecting(
                context -> {
                  context.connect();
                  assertThrows(IllegalStateException.class, context::connect);
                }));

    assertEquals(Exit.FAILED, gone.last().exit());
    assertEquals(List.of("connect /", "close"), diary.entries);
  }

  @Test
  void aDatabaseThatIsDownIsTheWorkersToHandle() throws Exception {
    WorkerStatus gone =
        run(
            connecting(
                context -> assertThrows(SQLException.class, () -> context.connect("down", ""))));

    assertEquals(Exit.COMPLETED, gone.last().exit());
  }
}
