package dev.postmaster.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Cause;
import dev.postmaster.WorkerState;
import dev.postmaster.journal.Entry;
import dev.postmaster.journal.Geometry;
import dev.postmaster.journal.Journal;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code inspect}: a journal of a live postmaster, of a killed one, and files that are none. */
class InspectIT {

  private static final String FILE = "data/default.journal";

  @TempDir Path directory;

  private Jar run(int exit, String... arguments) throws Exception {
    Jar jar = Jar.start(directory, arguments);
    assertEquals(exit, jar.awaitExit(), () -> jar.out() + "" + jar.err());
    return jar;
  }

  private JsonObject json(String... more) throws Exception {
    String[] arguments = new String[more.length + 4];
    System.arraycopy(new String[] {"inspect", FILE, "-o", "json"}, 0, arguments, 0, 4);
    System.arraycopy(more, 0, arguments, 4, more.length);
    return new JsonObject(String.join("\n", run(0, arguments).out()));
  }

  private Jar live() throws Exception {
    Jar jar = Jar.start(directory, "run", "--config", "c.yaml");
    jar.awaitPort();
    return jar;
  }

  @Test
  void aLiveJournalAKilledOneAndWhatFollows() throws Exception {
    Files.writeString(
        directory.resolve("c.yaml"),
        """
        http: { port: 0 }
        database: { url: "jdbc:h2:mem:inspect" }
        workers:
          - name: odd
            library: postmaster
            function: publisher
            restart: 1h
            args: { address: x, interval: 1h }
        """);
    JsonObject before;
    try (Jar jar = live()) {
      before = json("--verify");
      assertTrue(before.getJsonObject("writer").getBoolean("alive"));
      assertEquals("OPEN", before.getJsonObject("writer").getString("state"));
      assertEquals(0, before.getJsonObject("records").getInteger("damaged"));
      JsonObject worker = before.getJsonArray("workers").getJsonObject(0);
      assertEquals(0, worker.getInteger("slot"));
      assertEquals(
          before.getString("epoch") + ".0.1", worker.getString("handle"), worker::encodePrettily);
      assertNull(worker.getValue("library"));
      assertEquals(
          "opened", before.getJsonArray("transitions").getJsonObject(0).getString("cause"));
      jar.kill();
    }
    JsonObject after = json("--verify", "--slot", "0", "--last", "1");
    assertFalse(after.getJsonObject("writer").getBoolean("alive"));
    assertEquals("OPEN", after.getJsonObject("writer").getString("state"));
    assertTrue(after.getLong("head") >= before.getLong("head"));
    assertEquals(1, after.getJsonArray("transitions").size());
    String table = String.join("\n", run(0, "inspect", FILE).out());
    assertTrue(table.contains("not alive") && table.contains("opened"), table);
    assertFalse(table.contains("\u001b"), table);

    try (Jar jar = live()) {
      JsonObject next = json();
      assertEquals(before.getString("epoch"), next.getString("epoch"));
      assertTrue(next.encode().contains("orphaned"), next::encodePrettily);
      assertEquals(2, next.getJsonArray("workers").getJsonObject(0).getInteger("generation"));
      jar.kill();
    }

    byte[] bytes = Files.readAllBytes(directory.resolve(FILE));
    bytes[bytes.length - 8_192 * 256 + 256 + 100] ^= 1;
    Files.write(directory.resolve(FILE), bytes);
    run(0, "inspect", FILE);
    assertEquals(
        "record 1: its checksum or its place is wrong",
        run(9, "inspect", FILE, "--verify").err().get(0));
    Files.writeString(directory.resolve("none"), "no journal");
    run(5, "inspect", "none");
    run(5, "inspect", "absent");
    run(2, "inspect", FILE, "--last", "many");
  }

  @Test
  void aWholeJournalThatContradictsTheContractIsNotVerified() throws Exception {
    try (Journal journal =
        Journal.open(directory, "forged", Geometry.of(64, 16), () -> new byte[16])) {
      Entry entry = new Entry();
      entry.name = "w";
      entry.generation = 1;
      entry.to = WorkerState.REGISTERED.code();
      entry.cause = Cause.REGISTERED.code();
      journal.ring().append(entry);
      entry.from = WorkerState.REGISTERED.code();
      entry.to = WorkerState.RUNNING.code();
      entry.cause = Cause.STARTED.code();
      journal.ring().append(entry);
    }

    run(0, "inspect", "forged.journal");
    String seen = String.join("\n", run(9, "inspect", "forged.journal", "--verify").err());
    assertTrue(seen.contains("REGISTERED->RUNNING started: there is no such edge"), seen);
    Files.delete(directory.resolve("forged.journal")); // or this very test would be held to it
  }
}
