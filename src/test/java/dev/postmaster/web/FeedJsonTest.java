package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.Phase;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.ShutdownMode;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The postmaster as a whole. */
class FeedJsonTest {

  private static PostmasterStatus status(ShutdownMode mode) {
    return new PostmasterStatus(
        "default",
        "01JDA3K5ZV7Q0000000000000A",
        9,
        Phase.RUN,
        mode,
        mode == ShutdownMode.NONE ? 0 : 77,
        2,
        1,
        2,
        Map.of(),
        0,
        0,
        8,
        1,
        8,
        List.of(new DomainStatus("main", true, 2), new DomainStatus("other", false, 0)));
  }

  @Test
  void aShutdownIsNullUntilThereIsOne() {
    assertEquals(null, FeedJson.shutdown(status(ShutdownMode.NONE)));
    assertEquals(
        new JsonObject().put("mode", "smart").put("since", 77L).put("left", 2),
        FeedJson.shutdown(status(ShutdownMode.SMART)));
  }

  @Test
  void domainsAndTheParallelClassAreObjects() {
    PostmasterStatus status = status(ShutdownMode.NONE);

    assertEquals(
        "[{\"name\":\"main\",\"resetting\":true,\"cycles\":2}]",
        FeedJson.domains(status.domains(), 1).encode());
    assertEquals("{\"active\":1,\"limit\":8}", FeedJson.parallel(status).encode());
  }
}
