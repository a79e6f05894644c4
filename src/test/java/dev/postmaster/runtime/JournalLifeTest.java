package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.Durability;
import dev.postmaster.Handle;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import dev.postmaster.support.Watch;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lives of a postmaster whose journal is in a file. */
class JournalLifeTest {

  @TempDir Path directory;

  private PostmasterOptions options() {
    return options(directory);
  }

  private static PostmasterOptions options(Path directory) {
    return Life.options().setMaxWorkers(4).setJournalDirectory(directory);
  }

  private Path file() {
    return directory.resolve("default.journal");
  }

  private static List<Transition> all(Postmaster postmaster) {
    TransitionLog log = postmaster.transitions();
    List<Transition> all = new ArrayList<>();
    long after = log.oldest() - 1;
    while (after < log.head()) {
      TransitionLog.Page page = log.read(after, 1_000);
      assertTrue(page.gap().isEmpty(), () -> "a gap: " + page.gap());
      all.addAll(page.transitions());
      after = page.next();
    }
    return all;
  }

  private static List<String> edges(List<Transition> records) {
    return records.stream().map(t -> t.name() + " " + Watch.edge(t)).toList();
  }

  @Test
  void anotherLifeGoesOnWithNumbersGenerationsAndTheEpoch() throws Exception {
    String epoch;
    Handle old;
    List<Transition> before;
    try (Life life = Life.started(options())) {
      epoch = life.postmaster.epoch();
      WorkerHandle worker = get(life.postmaster.register(Workers.of("w", c -> {})));
      get(worker.awaitGone());
      old = worker.handle();
      get(life.postmaster.close());
      before = all(life.postmaster);
    }
    assertEquals(Cause.CLOSED, before.get(before.size() - 1).cause());

    try (Life life = Life.started(options())) {
      assertEquals(epoch, life.postmaster.epoch());
      assertEquals(file(), life.postmaster.transitions().path().orElseThrow());
      List<Transition> records = all(life.postmaster);
      assertEquals(before, records.subList(0, before.size()));
      assertEquals(Cause.OPENED, records.get(before.size()).cause());
      for (int n = 0; n < records.size(); n++) {
        assertEquals(n + 1, records.get(n).seq());
      }

      WorkerHandle next = get(life.postmaster.register(Workers.of("w", c -> {})));
      assertEquals(old.slot(), next.handle().slot());
      assertEquals(old.generation() + 1, next.handle().generation());
      // Of an earlier life: gone, and obeyed by nobody.
      WorkerHandle gone = life.postmaster.handle(old);
      assertEquals(WorkerState.FREE, gone.status().state());
      get(gone.terminate());
      get(gone.awaitGone());
      get(next.awaitGone());
    }
  }

  @Test
  void whatAKillLeftIsOrphanedOnce() throws Exception {
    Path killed = Files.createDirectory(directory.resolve("killed"));
    String epoch;
    try (Life life = Life.started(options().setDurability(Durability.INTERVAL))) {
      epoch = life.postmaster.epoch();
      get(get(life.postmaster.register(Workers.idle("runs"))).awaitStarted());
      WorkerHandle fails =
          get(
              life.postmaster.register(
                  Workers.of(
                          "fails",
                          c -> {
                            throw new IllegalStateException("no luck");
                          })
                      .restartAfter(Duration.ofHours(1))));
      life.watch.await(t -> t.name().equals("fails") && t.to() == WorkerState.BACKOFF);
      assertEquals(1, fails.status().failures());
      Files.copy(file(), killed.resolve("default.journal"));
    }

    long head;
    try (Life life = Life.started(options(killed))) {
      assertEquals(epoch, life.postmaster.epoch());
      List<String> edges = edges(all(life.postmaster));
      int opened = edges.lastIndexOf(" →RUN opened");
      assertEquals(
          List.of("runs RUNNING→FREE orphaned", "fails BACKOFF→FREE orphaned"),
          edges.subList(opened + 1, opened + 3));
      assertEquals(0, life.postmaster.status().slotsUsed());
      Transition orphan = all(life.postmaster).get(opened + 1);
      assertTrue(orphan.runId() > 0);
      head = life.postmaster.transitions().head();
    }
    try (Life life = Life.started(options(killed))) {
      List<String> later = edges(all(life.postmaster)).subList((int) head, (int) head + 3);
      assertFalse(later.toString().contains("orphaned"), later.toString());
      assertEquals(
          2, get(life.postmaster.register(Workers.of("n", c -> {}))).handle().generation());
    }
  }

  @Test
  void afterAFaultItGoesOnInMemoryAndTheNextLifeHasAnEpochOfItsOwn() throws Exception {
    String epoch;
    try (Life life = Life.started(options())) {
      epoch = life.postmaster.epoch();
      get(get(life.postmaster.register(Workers.of("w", c -> {}))).awaitGone());
      TransitionLog log = life.postmaster.transitions();
      long head = log.head();
      try (RandomAccessFile file = new RandomAccessFile(file().toFile(), "rw")) {
        file.setLength(0);
      }

      long seq = head;
      for (int n = 0; n < 20; n++) {
        WorkerHandle worker = get(life.postmaster.register(Workers.of("w" + n, c -> {})));
        seq = get(worker.awaitGone()).seq();
      }

      assertTrue(log.isFaulted());
      assertEquals(head + 20 * 4, seq);
      assertEquals(epoch, life.postmaster.epoch());
      TransitionLog.Page page = log.read(head, 1_000);
      assertEquals(List.of(), page.gap().stream().toList());
      assertEquals(head + 1, page.transitions().get(0).seq());
      assertEquals(80, page.transitions().size());
      Workers.until(() -> !Files.exists(file()));
    }
    try (Life life = Life.started(options())) {
      assertNotEquals(epoch, life.postmaster.epoch());
      assertEquals(1, all(life.postmaster).get(0).seq());
    }
  }

  @Test
  void aDirectoryHasOnePostmaster() throws Exception {
    try (Life life = Life.started(options())) {
      for (String name : List.of("default", "other")) {
        Life second = Life.built(options().setName(name));
        PostmasterException refused =
            assertThrows(PostmasterException.class, () -> get(second.postmaster.start()));
        assertTrue(
            refused
                .getMessage()
                .endsWith("by postmaster \"default\", pid " + ProcessHandle.current().pid()),
            refused::toString);
        assertTrue(get(second.postmaster.ended()).abnormal());
        second.close();
      }
      assertEquals(0, life.postmaster.status().slotsUsed());
    }
    Life.started(options()).close();
  }

  @Test
  void aDirectoryThatCannotBeWrittenRefusesTheStart() throws Exception {
    Path notADirectory = Files.writeString(directory.resolve("file"), "");
    Life life = Life.built(options(notADirectory));

    assertThrows(PostmasterException.class, () -> get(life.postmaster.start()));
    life.close();
  }

  @Test
  void whatIsAskedWhileTheFileIsOpenedWaitsForIt() throws Exception {
    try (Life life = Life.built(options())) {
      Future<Postmaster> started = life.postmaster.start();
      Future<WorkerHandle> worker = life.postmaster.register(Workers.of("w", c -> {}));
      get(started);
      get(get(worker).awaitGone());
    }
    Life brief = Life.built(options());
    Future<Postmaster> started = brief.postmaster.start();
    get(brief.postmaster.close());
    get(started.otherwiseEmpty());
    brief.close();
    Life.started(options()).close();
  }

  @Test
  void anAlarmThatComesTwiceSwitchesOnce() throws Exception {
    try (Life life = Life.started(options())) {
      RingLog log = (RingLog) life.postmaster.transitions();
      EventLoopPostmaster postmaster = (EventLoopPostmaster) life.postmaster;
      for (int n = 0; n < 2; n++) {
        postmaster.loop().turns().submit(now -> log.fault(new IOException("it was replaced")));
      }
      get(get(life.postmaster.register(Workers.of("w", c -> {}))).awaitGone());
      assertTrue(log.isFaulted());
      Workers.until(() -> !Files.exists(file()));
      try (var files = Files.list(directory)) {
        assertEquals(1, files.filter(f -> f.toString().contains(".bad-")).count());
      }
    }
  }
}
