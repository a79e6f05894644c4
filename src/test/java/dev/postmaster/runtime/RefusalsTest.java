package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.ErrorCode;
import dev.postmaster.PostmasterException;
import dev.postmaster.Target;
import dev.postmaster.Transition;
import dev.postmaster.support.Life;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whoever is refused stands in the journal, and cannot fill it. */
class RefusalsTest {

  private final BlockingQueue<String> written = new LinkedBlockingQueue<>();

  private String next() throws InterruptedException {
    String message = written.poll(20, TimeUnit.SECONDS);
    assertEquals(true, message != null, "nothing was written");
    return message;
  }

  private Refusals refusals(Vertx vertx, long periodMs) {
    ContextInternal context = ((VertxInternal) vertx).createEventLoopContext();
    return new Refusals(context, periodMs, (message, by) -> written.add(message + ' ' + by.word()));
  }

  @Test
  void theFirstIsWrittenAtOnceAndRepeatsWithACount() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      Refusals refusals = refusals(vertx, 100);
      for (int n = 0; n < 6; n++) {
        refusals.saw(ErrorCode.NO_FREE_SLOT, "bus", By.BUS, "none is free");
      }
      refusals.saw(ErrorCode.BAD_REQUEST, "bus", By.BUS, "nonsense");

      assertEquals("NO_FREE_SLOT bus bus", next());
      assertEquals("BAD_REQUEST bus bus", next());
      assertEquals("NO_FREE_SLOT bus, times=5 bus", next());
      refusals.saw(ErrorCode.BAD_REQUEST, "bus", By.BUS, "nonsense");
      // Its minute may be over by now, or not yet.
      assertTrue(next().startsWith("BAD_REQUEST bus"));
    } finally {
      get(vertx.close());
    }
  }

  @Test
  void callersWithoutEndAreOneInTheEnd() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      Refusals refusals = refusals(vertx, 3_600_000);
      for (int n = 0; n < 1_000; n++) {
        refusals.saw(ErrorCode.UNAUTHENTICATED, "10.0.0." + n, By.SYSTEM, "no token");
      }

      List<String> all = List.copyOf(written);
      assertEquals(Refusals.KINDS_MAX + 1, all.size());
      assertEquals("UNAUTHENTICATED others system", all.get(all.size() - 1));
    } finally {
      get(vertx.close());
    }
  }

  @Test
  void whatThePostmasterRefusesAndWhatADoorDoesAreRecords() throws Exception {
    try (Life life = Life.started()) {
      assertThrows(
          PostmasterException.class,
          () -> get(life.postmaster.as(By.ADMIN).advance(dev.postmaster.Phase.STARTUP)));
      life.postmaster.as(By.SYSTEM).refused(ErrorCode.FORBIDDEN, "10.0.0.1", "POST /x");
      IntStream.range(0, 10)
          .forEach(
              n ->
                  life.postmaster
                      .as(By.SYSTEM)
                      .refused(ErrorCode.FORBIDDEN, "10.0.0.1", "POST /x"));
      get(life.postmaster.pause(Target.all(), java.util.Optional.empty()));

      List<String> refused =
          life.postmaster.transitionsAfter(0).transitions().stream()
              .filter(t -> t.cause() == Cause.REFUSED)
              .map(RefusalsTest::shown)
              .toList();
      assertEquals(
          List.of("-1 BAD_REQUEST admin by admin", "-1 FORBIDDEN 10.0.0.1 by system"), refused);
    }
  }

  private static String shown(Transition record) {
    return record.slot() + " " + record.message() + " by " + record.by().word();
  }
}
