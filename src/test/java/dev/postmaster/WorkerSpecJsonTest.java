package dev.postmaster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract §2: the JSON form of a specification, at its limits. */
class WorkerSpecJsonTest {

  private static JsonObject json() {
    return new JsonObject().put("name", "w").put("library", "lib").put("function", "fn");
  }

  private static String refusal(JsonObject json) {
    PostmasterException refused =
        assertThrows(PostmasterException.class, () -> WorkerSpec.fromJson(json));
    assertEquals(ErrorCode.INVALID_SPEC, refused.code());
    return refused.getMessage();
  }

  private static JsonObject nested(int depth) {
    JsonObject nested = new JsonObject();
    for (int level = 1; level < depth; level++) {
      nested = new JsonObject().put("a", nested);
    }
    return nested;
  }

  @ParameterizedTest // T-217
  @ValueSource(
      longs = {
        0,
        -1,
        1L << 53,
        -(1L << 53),
        (1L << 53) + 1,
        -(1L << 53) - 1,
        Long.MAX_VALUE,
        Long.MIN_VALUE
      })
  void aMainArgumentGoesThroughJsonUnchanged(long number) {
    JsonObject written = WorkerSpec.fromJson(json()).mainArg(number).toJson();

    WorkerSpec read = WorkerSpec.fromJson(new JsonObject(written.encode()));

    assertEquals(number, read.mainArg());
    boolean exact = number >= -(1L << 53) && number <= 1L << 53;
    assertEquals(exact, written.getValue("mainArg") instanceof Number);
  }

  @Test // T-217
  void aMainArgumentThatIsNoNumberOrCouldBeReadWrongIsRefused() {
    for (Object value :
        new Object[] {
          (1L << 53) + 1, Long.MIN_VALUE, 1.5, true, "", "0x1", "9223372036854775808"
        }) {
      assertTrue(refusal(json().put("mainArg", value)).startsWith("mainArg: "), value.toString());
    }
  }

  @Test // T-216
  void argumentsHaveAtMostEightKibibytes() {
    JsonObject largest = new JsonObject().put("s", "é".repeat(4_092));

    assertEquals(largest, WorkerSpec.fromJson(json().put("args", largest)).args());
    String message =
        refusal(json().put("args", new JsonObject().put("s", "é".repeat(4_092) + "x")));
    assertEquals("args: \"8193 bytes\" is larger than 8 KiB", message);
  }

  @Test // T-216
  void argumentsAreAtMostEightLevelsDeep() {
    assertEquals(nested(8), WorkerSpec.fromJson(json().put("args", nested(8))).args());
    assertTrue(refusal(json().put("args", nested(9))).startsWith("args: "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"watchdog", "backoff", "budget", "group"})
  void whatIsNotThereYetIsRefusedByName(String field) {
    String message = refusal(json().put(field, new JsonObject()));

    assertEquals(field + ": \"{}\" is not supported yet", message);
  }
}
