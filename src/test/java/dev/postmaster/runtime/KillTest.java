package dev.postmaster.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.journal.Entry;
import dev.postmaster.journal.Inspection;
import dev.postmaster.support.Viewer;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process is killed at random moments, and the next goes on in its journal. */
class KillTest {

  /** Profile {@code torture} has a thousand. */
  private static final int ROUNDS = Integer.getInteger("postmaster.kills");

  @TempDir Path directory;

  private Process process;

  @AfterEach
  void end() throws Exception {
    if (process != null) {
      kill();
    }
  }

  private Path file(String name) {
    return directory.resolve(name);
  }

  private void start(int workers, int restartMs) throws IOException {
    Files.deleteIfExists(file(KilledPostmaster.PORT));
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KilledPostmaster.class.getName(),
                directory.toString(),
                Integer.toString(workers),
                Integer.toString(restartMs))
            .redirectOutput(file("out").toFile())
            .redirectError(file("err").toFile())
            .start();
  }

  /** SIGKILL, and until the kernel has taken it away. */
  private void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  private long told() {
    return file(KilledPostmaster.ACKNOWLEDGED).toFile().length() / Long.BYTES;
  }

  private long lastTold() throws IOException {
    try (RandomAccessFile told =
        new RandomAccessFile(file(KilledPostmaster.ACKNOWLEDGED).toFile(), "r")) {
      told.seek((told() - 1) * Long.BYTES);
      return told.readLong();
    }
  }

  private void until(java.util.function.BooleanSupplier condition) throws Exception {
    Workers.until(() -> condition.getAsBoolean() || !process.isAlive());
    assertTrue(process.isAlive(), () -> "it died: " + text("err") + text("out"));
  }

  private String text(String name) {
    try {
      return Files.readString(file(name));
    } catch (IOException unreadable) {
      return unreadable.toString();
    }
  }

  private Inspection journal() throws Exception {
    return Inspection.of(file("default.journal"), Integer.MAX_VALUE, OptionalInt.empty());
  }

  @Test
  void everyRecordThatAnybodyWasToldOfIsThereAndTheLineGoesOn() throws Exception {
    Random random = new Random(11);
    String epoch = null;
    long head = 0;
    int inFlight = 0;
    for (int round = 0; round < ROUNDS; round++) {
      start(12, 0);
      long before = told();
      long records = 1 + random.nextInt(1 << 1 + random.nextInt(13));
      until(() -> told() >= before + records);
      kill();

      Inspection left = journal();
      String at = "round " + round + ": ";
      assertEquals(List.of(), left.damages(), at);
      assertTrue(left.inFlight() <= 1, at + left.inFlight());
      assertTrue(left.head() >= lastTold(), at + left.head() + " of " + lastTold());
      assertTrue(left.head() > head, at + left.head() + " after " + head);
      String now = Records.epoch(left.writer().orElseThrow().epoch());
      assertEquals(epoch == null ? now : epoch, now, at + text("err"));
      assertEquals(round + 1, left.writer().get().incarnation(), at);
      assertLegal(left.records(), left.oldest());
      epoch = now;
      head = left.head();
      inFlight += left.inFlight();
    }
    System.out.printf(
        "%,d kills, %,d records, of %d kills one in flight%n", ROUNDS, head, inFlight);
  }

  /** Across all lives: numbers without a gap, every edge from where the last one led. */
  private static void assertLegal(List<Entry> records, long oldest) {
    Map<Integer, Entry> lasts = new HashMap<>();
    long seq = -1;
    for (Entry e : records) {
      if (e.sequence < oldest) {
        continue; // the next record may be written over it now
      }
      assertTrue(seq < 0 || e.sequence == seq + 1, () -> "before " + e.sequence);
      seq = e.sequence;
      Entry last = e.slot < 0 ? null : lasts.put(e.slot, e);
      if (last != null) {
        assertEquals(last.to, e.from, () -> "record " + e.sequence);
        assertEquals(last.generation + (e.from == 0 ? 1 : 0), e.generation);
      }
    }
  }

  @Test
  void aViewerThatResumesAcrossKillsHasTheExactSequence() throws Exception {
    Vertx vertx = Vertx.vertx();
    WebSocketClient client = Viewer.client(vertx);
    List<Long> seen = new ArrayList<>();
    String epoch = null;
    Random random = new Random(12);
    for (int life = 0; life < 4; life++) {
      start(4, 10);
      until(() -> Files.exists(file(KilledPostmaster.PORT)));
      int port = Integer.parseInt(text(KilledPostmaster.PORT));
      JsonObject subscribe =
          epoch == null ? Viewer.subscribe() : Viewer.resume(epoch, seen.get(seen.size() - 1));
      Viewer viewer = Viewer.subscribed(client, port, subscribe);
      int records = 50 + random.nextInt(400);
      viewer.await("transition", records);
      kill();
      viewer.awaitClose();
      String now = viewer.all("hello").get(0).getString("epoch");
      assertEquals(epoch == null ? now : epoch, now);
      epoch = now;
      viewer.all("transition").forEach(t -> seen.add(t.getLong("seq")));
      assertEquals(List.of(), viewer.all("gap"));
    }
    for (int n = 1; n < seen.size(); n++) {
      assertEquals(seen.get(n - 1) + 1, seen.get(n));
    }
    assertTrue(journal().head() >= seen.get(seen.size() - 1));
    vertx.close().toCompletionStage().toCompletableFuture().get();
  }
}
