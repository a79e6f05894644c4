package dev.postmaster.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import org.junit.jupiter.api.Test;

/** What one door may ask of the postmaster at one time. */
class FloodGuardTest {

  @Test
  void waitsHaveALimitOfTheirOwn() {
    FloodGuard guard = new FloodGuard(65_536);
    for (int n = 0; n < 65_536; n++) {
      guard.enterWait();
    }

    var refusal = assertThrows(PostmasterException.class, guard::enterWait);
    guard.leaveWait();
    guard.enterWait();
    guard.enter();

    assertEquals(ErrorCode.RATE_LIMITED, refusal.code());
    assertTrue(refusal.getMessage().contains("retryMs"), refusal.getMessage());
  }
}
