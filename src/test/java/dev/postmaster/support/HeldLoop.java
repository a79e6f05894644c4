package dev.postmaster.support;

import dev.postmaster.Postmaster;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Holds the loop of a postmaster, which takes no turn until it is let go. */
public final class HeldLoop {

  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  /** Done when it is held. */
  public static HeldLoop of(Vertx vertx, Postmaster postmaster) throws Exception {
    HeldLoop loop = new HeldLoop();
    for (EventExecutor executor : ((VertxInternal) vertx).nettyEventLoopGroup()) {
      executor.execute(() -> loop.hold(postmaster));
    }
    if (!loop.held.await(20, TimeUnit.SECONDS)) {
      throw new AssertionError("no loop of this Vertx is the postmaster's");
    }
    return loop;
  }

  private void hold(Postmaster postmaster) {
    if (!postmaster.isLoop()) {
      return;
    }
    held.countDown();
    while (release.getCount() > 0) {
      try {
        release.await();
      } catch (InterruptedException ignored) {
        continue;
      }
    }
  }

  public void letGo() {
    release.countDown();
  }
}
