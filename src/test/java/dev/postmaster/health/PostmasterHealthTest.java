package dev.postmaster.health;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.support.Life;
import io.vertx.core.Promise;
import io.vertx.ext.healthchecks.CheckResult;
import io.vertx.ext.healthchecks.HealthChecks;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Health checks of somebody who has no web server of ours. */
class PostmasterHealthTest {

  private static boolean isUp(HealthChecks checks) throws Exception {
    return CheckResult.isUp(get(checks.checkStatus()));
  }

  @Test
  void theProceduresStandUnderTheirNamesInTheGroupThatWasGiven() throws Exception {
    try (Life life = Life.started()) {
      HealthChecks checks = HealthChecks.create(life.vertx);

      PostmasterHealth.of(life.postmaster).in("one").live(checks).ready(checks);
      PostmasterHealth.of(life.postmaster).in("two").startup(checks);

      assertTrue(isUp(checks));
      for (String name : List.of("loop", "phase", "shutdown", "crash-cycle", "critical")) {
        assertTrue(CheckResult.isUp(get(checks.checkStatus("one/" + name))), name);
      }
      assertTrue(CheckResult.isUp(get(checks.checkStatus("two/phase"))));
    }
  }

  @Test
  void oneThatMayNotBeThereYetIsLiveAndNotReady() throws Exception {
    try (Life life = Life.built(Life.options())) {
      Promise<Postmaster> started = Promise.promise();
      HealthChecks live = HealthChecks.create(life.vertx);
      HealthChecks ready = HealthChecks.create(life.vertx);
      PostmasterHealth.of(started.future()).live(live).ready(ready);
      assertTrue(isUp(live));
      assertFalse(isUp(ready));

      started.complete(get(life.postmaster.start()));

      assertTrue(isUp(ready));
      get(life.postmaster.close());
      assertFalse(isUp(ready));
      assertTrue(isUp(live), "nothing is stuck");
    }
  }

  @Test
  void oneThatCouldNotStartIsNeverReady() throws Exception {
    try (Life first = Life.started()) {
      Postmaster second = Postmaster.create(first.vertx, Life.options());
      HealthChecks ready = HealthChecks.create(first.vertx);
      PostmasterHealth.of(second).ready(ready);

      PostmasterException refused = null;
      try {
        get(second.start());
      } catch (PostmasterException nameIsTaken) {
        refused = nameIsTaken;
      }

      assertTrue(refused != null);
      assertFalse(isUp(ready));
      assertEquals(false, Findings.isReady(second));
    }
  }
}
