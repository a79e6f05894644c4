package dev.postmaster.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The byte tables, read by a decoder in another language that was written from them alone. */
class OtherDecoderTest {

  private static final byte[] EPOCH = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path directory;

  private static Entry random(Random random) {
    Entry entry = new Entry();
    entry.timeNs = random.nextLong();
    entry.generation = random.nextLong();
    entry.runId = random.nextLong();
    entry.exit = random.nextInt(9);
    entry.by = random.nextInt(7);
    entry.slot = random.nextInt(6) - 1;
    entry.code = random.nextInt();
    entry.from = random.nextInt(8);
    entry.to = random.nextInt(8);
    entry.cause = random.nextInt(41);
    entry.starts = random.nextInt();
    entry.delayMs = random.nextInt();
    entry.ready = random.nextBoolean();
    entry.name = "näme ".repeat(random.nextInt(30));
    entry.type = "type €".repeat(random.nextInt(10));
    entry.message = "𝄞".repeat(random.nextInt(40));
    return entry;
  }

  private static SlotEntry state(Entry entry, Random random) {
    SlotEntry slot = new SlotEntry();
    slot.slot = entry.slot;
    slot.sequence = entry.sequence;
    slot.generation = entry.generation;
    slot.runId = entry.runId;
    slot.state = entry.to;
    slot.exits = List.of(1, 2, 3, 4, 5, 6, 7, random.nextInt());
    slot.name = entry.name;
    slot.detail = entry.message;
    return slot;
  }

  @Test
  void anIndependentDecoderReadsTheSame() throws Exception {
    Random random = new Random(7);
    try (Journal journal = Journal.open(directory, "j", Geometry.of(128, 5), () -> EPOCH)) {
      for (int n = 0; n < 300; n++) {
        Entry entry = random(random);
        journal.ring().append(entry);
        if (entry.slot >= 0) {
          journal.ring().mirror(state(entry, random), true);
        }
      }
    }
    Path file = directory.resolve("j.journal");

    List<JsonObject> lines = decode(file);

    Inspection ours = Inspection.of(file, 128, OptionalInt.empty());
    assertEquals(
        new JsonObject()
            .put("epoch", "30313233343536373839616263646566")
            .put("head", 300)
            .put("state", 2),
        lines.get(0));
    List<JsonObject> slots = ours.slots().stream().map(OtherDecoderTest::json).toList();
    assertEquals(slots, lines.subList(1, 1 + slots.size()));
    List<JsonObject> records = new ArrayList<>(lines.subList(1 + slots.size(), lines.size()));
    records.sort((one, other) -> Long.compare(one.getLong("seq"), other.getLong("seq")));
    assertEquals(ours.records().stream().map(OtherDecoderTest::json).toList(), records);
    assertEquals(128, records.size());
    assertEquals(List.of(), ours.damages());
  }

  private static List<JsonObject> decode(Path file) throws Exception {
    Process python =
        new ProcessBuilder("python3", "src/test/python/journal.py", file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String out = new String(python.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertEquals(0, python.waitFor());
    return out.lines().map(JsonObject::new).toList();
  }

  private static JsonObject json(SlotEntry s) {
    return new JsonObject()
        .put("slot", s.slot)
        .put("seq", s.sequence)
        .put("generation", s.generation)
        .put("state", s.state)
        .put("name", s.name);
  }

  private static JsonObject json(Entry e) {
    return new JsonObject()
        .put("seq", e.sequence)
        .put("slot", e.slot)
        .put("generation", e.generation)
        .put("runId", e.runId)
        .put("from", e.from)
        .put("to", e.to)
        .put("cause", e.cause)
        .put("exit", e.exit)
        .put("name", e.name)
        .put("type", e.type)
        .put("message", e.message);
  }
}
