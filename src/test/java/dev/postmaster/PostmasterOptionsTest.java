package dev.postmaster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The options of an embedder, as he sets them and as JSON. */
class PostmasterOptionsTest {

  private static PostmasterOptions allSet() {
    return new PostmasterOptions()
        .setName("n-1")
        .setPhase(Phase.STARTUP)
        .setMaxWorkers(9)
        .setMaxWorkerThreads(7)
        .setMaxParallelWorkers(3)
        .setUniqueNames(true)
        .setRestartAfterCrash(false)
        .setCrashLimit(5, Duration.ofMinutes(2))
        .setShutdownTimeout(Duration.ofMillis(2_500))
        .setAwaitTimeout(Duration.ofSeconds(3))
        .setJournalCapacity(1_024)
        .setLibraries(List.of("examples"))
        .setRemoteControl(true);
  }

  @Test
  void eachGoesThroughJsonUnchanged() {
    JsonObject written = allSet().toJson();
    JsonObject defaults = new PostmasterOptions().toJson();

    for (String option : written.fieldNames()) {
      assertNotEquals(defaults.getValue(option), written.getValue(option), option);
    }
    assertEquals(written, new PostmasterOptions(new JsonObject(written.encode())).toJson());
    assertEquals(defaults, new PostmasterOptions(new JsonObject()).toJson());
    assertEquals(written, new PostmasterOptions(allSet()).toJson());
  }

  private static String refusal(String json) {
    return assertThrows(
            IllegalArgumentException.class, () -> new PostmasterOptions(new JsonObject(json)))
        .getMessage();
  }

  @Test
  void whatIsNotUnderstoodIsRefusedByItsPath() {
    assertEquals("unknown key: maxWorker", refusal("{\"maxWorker\": 3}"));
    assertEquals("unknown key: journal.size", refusal("{\"journal\": {\"size\": 64}}"));
    assertEquals("maxWorkers: \"8\" is no integer", refusal("{\"maxWorkers\": \"8\"}"));
    assertEquals("maxWorkers: 3.5 is no integer", refusal("{\"maxWorkers\": 3.5}"));
    assertEquals("name: null is no string", refusal("{\"name\": null}"));
    assertEquals("crashLimit: 3 is no object", refusal("{\"crashLimit\": 3}"));
    assertEquals("libraries: \"a\" is no list", refusal("{\"libraries\": \"a\"}"));
    assertEquals(
        "crashLimit.within: \"soon\" is not a duration",
        refusal("{\"crashLimit\": {\"within\": \"soon\"}}"));
    assertEquals(
        "phase: \"WALK\" is none of [STARTUP, CONSISTENT, RUN]", refusal("{\"phase\": \"WALK\"}"));
    assertEquals(
        "journal.durability: \"NEVER\" is none of [PROCESS, INTERVAL]",
        refusal("{\"journal\": {\"durability\": \"never\"}}"));
    assertEquals("libraries[1]: 5 is no string", refusal("{\"libraries\": [\"a\", 5]}"));
    assertEquals("libraries[0]: null is no string", refusal("{\"libraries\": [null]}"));
    assertEquals(
        "journal.directory: \"a\0b\" is no path",
        refusal("{\"journal\": {\"directory\": \"a\\u0000b\"}}"));
    assertNull(
        new PostmasterOptions(new JsonObject("{\"journal\": {\"directory\": null}}"))
            .toJson()
            .getJsonObject("journal")
            .getString("directory"));
  }

  @Test
  void aNameHasOneToSixtyThreeOfAFewCharacters() {
    for (String right : List.of("a", "0", "-", "a-b-0", "x".repeat(63))) {
      assertEquals(List.of(), new PostmasterOptions().setName(right).faults());
    }
    List<String> wrong = List.of("", "A", "a.b", "a b", "ä", "x".repeat(64));
    for (String name : wrong) {
      assertEquals(
          List.of("name: \"" + name + "\" is not 1 to 63 of [a-z0-9-]"),
          new PostmasterOptions().setName(name).faults());
    }
  }

  @Test
  void aWholeNumberIsAnIntegerHoweverItIsHeld() {
    JsonObject json = new JsonObject().put("maxWorkers", 8L);
    assertEquals(8, new PostmasterOptions(json).maxWorkers());
    assertEquals("maxWorkers: 4294967304 is no integer", refusal("{\"maxWorkers\": 4294967304}"));
  }

  @Test
  void aTimeOfForEverIsAFaultLikeAnyOther() {
    Duration forEver = ChronoUnit.FOREVER.getDuration();
    assertEquals(
        List.of("awaitTimeout: 9223372036854775807s is not between 1ms and 24h"),
        new PostmasterOptions().setAwaitTimeout(forEver).faults());
  }
}
