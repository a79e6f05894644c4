package dev.postmaster.web;

import java.time.Duration;

/** Options of the server with times that only tests may change, for tests of other packages. */
public final class QuickWeb {

  private QuickWeb() {}

  public static WebOptions heartbeat(Duration value) {
    return new WebOptions().setHeartbeat(value);
  }

  public static WebOptions subscribeTimeout(Duration value) {
    return new WebOptions().setSubscribeTimeout(value);
  }
}
