package dev.postmaster.request;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How long an answer is remembered, and what counts as the same question. */
class RememberedAnswersTest {

  private long now;
  private int asked;
  private final RememberedAnswers remembered = new RememberedAnswers(() -> now);

  private Future<JsonObject> answer(String key, JsonObject body) {
    return remembered.answer(
        key, body, () -> Future.succeededFuture(new JsonObject().put("slot", asked++)));
  }

  @Test
  void theOrderOfFieldsMakesNoOtherBody() throws Exception {
    JsonObject args = new JsonObject().put("x", 1).put("y", 2);
    JsonObject turned = new JsonObject().put("y", 2).put("x", 1);

    answer("k", new JsonObject().put("a", 1).put("b", args));

    assertEquals(
        0, get(answer("k", new JsonObject().put("b", turned).put("a", 1))).getInteger("slot"));
  }

  @Test
  void aKeyIsRememberedForTenMinutes() throws Exception {
    answer("k", new JsonObject());
    now = TimeUnit.MINUTES.toNanos(10) - 1;
    int within = get(answer("k", new JsonObject())).getInteger("slot");
    now++;
    int after = get(answer("k", new JsonObject())).getInteger("slot");

    assertEquals(0, within);
    assertEquals(1, after);
  }

  @Test
  void noKeyIsForgottenEarlyForANewOne() throws Exception {
    for (int key = 0; key < RememberedAnswers.KEYS_MAX; key++) {
      answer("k" + key, new JsonObject());
    }
    now = TimeUnit.MINUTES.toNanos(9);

    var refusal =
        assertThrows(PostmasterException.class, () -> answer("one more", new JsonObject()));

    assertEquals(ErrorCode.RATE_LIMITED, refusal.code());
    assertTrue(refusal.getMessage().contains("retryMs 60001"), refusal.getMessage());
    assertEquals(0, get(answer("k0", new JsonObject())).getInteger("slot"));
    now = TimeUnit.MINUTES.toNanos(10);
    answer("one more", new JsonObject());
  }
}
