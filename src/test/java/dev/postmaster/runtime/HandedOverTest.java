package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.postmaster.Flag;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerState;
import dev.postmaster.support.Life;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Contract §2: what a specification hands to each run, by value. */
class HandedOverTest {

  private final List<Object> seen = new CopyOnWriteArrayList<>();
  private Life life;

  @BeforeEach
  void start() throws Exception {
    life = Life.started();
  }

  @AfterEach
  void end() {
    life.close();
  }

  @Test // T-031
  void whatTheCallerChangesAfterTheRegistrationIsNotSeen() throws Exception {
    JsonObject inner = new JsonObject().put("a", 1);
    JsonObject args = new JsonObject().put("inner", inner).put("list", new JsonArray().add("x"));
    JsonObject before = args.copy();
    String[] names = {"base"};
    Flag[] flags = {Flag.SHARED_MEMORY};
    WorkerSpec spec =
        Workers.of("w", context -> seen.add(context.args()))
            .args(args)
            .requires(names)
            .flags(flags);
    WorkerHandle handle = get(life.postmaster.register(spec));
    assertEquals("requires:base", handle.status().waiting());

    inner.put("a", 2);
    args.getJsonArray("list").add("y");
    args.put("more", true);
    names[0] = "nobody";
    flags[0] = Flag.PARALLEL;
    get(life.postmaster.register(Workers.idle("base")));
    get(handle.awaitGone());

    assertEquals(List.of(before), seen);
    assertEquals(WorkerState.FREE, handle.status().state());
  }

  @Test // T-031
  void whatARunDoesToItsArgumentsTheNextRunDoesNotSee() throws Exception {
    WorkerSpec spec =
        Workers.of(
                "w",
                context -> {
                  JsonObject mine = context.args();
                  seen.add(mine.copy());
                  mine.getJsonObject("inner").put("a", 2);
                  mine.put("more", true);
                  context.exit(seen.size() < 2 ? 1 : 0);
                })
            .args(new JsonObject().put("inner", new JsonObject().put("a", 1)))
            .restartAfter(Duration.ZERO);

    get(get(life.postmaster.register(spec)).awaitGone());

    JsonObject given = new JsonObject().put("inner", new JsonObject().put("a", 1));
    assertEquals(List.of(given, given), seen);
  }

  @Test // T-216
  void argumentsOfEightKibibytesArriveAsTheyWereGiven() throws Exception {
    JsonObject args = new JsonObject().put("s", "x".repeat(8_184));
    assertEquals(8 * 1_024, args.encode().length());

    get(
        get(life.postmaster.register(Workers.of("w", c -> seen.add(c.args())).args(args)))
            .awaitGone());

    assertEquals(List.of(args), seen);
  }

  @Test // T-217
  void everyMainArgumentArrivesAsItWasGiven() throws Exception {
    List<Object> given =
        List.of(0L, 1L, -1L, (1L << 53) + 1, -(1L << 53) - 1, Long.MAX_VALUE, Long.MIN_VALUE);

    for (Object each : given) {
      WorkerSpec spec = Workers.of("w", c -> seen.add(c.mainArg())).mainArg((long) each);
      get(get(life.postmaster.register(spec)).awaitGone());
    }

    assertEquals(given, seen);
  }
}
