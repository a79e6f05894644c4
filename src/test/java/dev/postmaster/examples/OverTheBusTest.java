package dev.postmaster.examples;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.postmaster.ErrorCode;
import dev.postmaster.Handle;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

/** The example of messages to a postmaster, sent. */
class OverTheBusTest {

  private static JsonObject publisher(JsonObject args) {
    return new JsonObject()
        .put("name", "pub")
        .put("library", "postmaster")
        .put("function", "publisher")
        .put("args", args);
  }

  @Test
  void aWorkerIsRegisteredRunsAndIsTerminatedWithMessages() throws Exception {
    try (Life life = Life.started()) {
      JsonObject specification = publisher(new JsonObject().put("address", "news"));

      String handle = get(OverTheBus.register(life.vertx, specification));

      assertEquals(WorkerState.RUNNING, life.postmaster.find("pub").orElseThrow().status().state());
      get(OverTheBus.terminate(life.vertx, handle));
      assertEquals(
          WorkerState.FREE,
          get(life.postmaster.handle(Handle.parse(handle).orElseThrow()).awaitGone()).state());
    }
  }

  @Test
  void whatIsWrongWithTheArgumentsIsInTheAnswer() throws Exception {
    try (Life life = Life.started()) {
      JsonObject wrong = publisher(new JsonObject().put("adress", "news"));

      ReplyException refusal =
          assertThrows(ReplyException.class, () -> get(OverTheBus.register(life.vertx, wrong)));

      assertEquals(ErrorCode.INVALID_SPEC.number(), refusal.failureCode());
      assertEquals(
          "args: \"{\"adress\":\"news\"}\" breaks #/required, instance does not have required"
              + " property \"address\"",
          refusal.getMessage());
    }
  }
}
