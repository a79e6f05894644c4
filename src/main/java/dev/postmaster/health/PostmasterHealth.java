package dev.postmaster.health;

import dev.postmaster.Postmaster;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.healthchecks.HealthChecks;
import io.vertx.ext.healthchecks.Status;
import java.time.Duration;
import java.util.function.Function;

/**
 * Registers what there is to ask of a postmaster's health as named procedures: {@value #LOOP} says
 * whether it is live, {@value #PHASE} whether it has started up, and that with {@value #SHUTDOWN},
 * {@value #CRASH_CYCLE} and {@value #CRITICAL} whether it is ready. The web server answers with the
 * same at {@code /health/…}.
 *
 * <p>Before the start nothing is stuck, and nothing is ready; after the end too.
 *
 * <p>Threading: any; a procedure answers at once, on the thread that asks.
 */
public final class PostmasterHealth {

  public static final String LOOP = "loop";
  public static final String PHASE = "phase";
  public static final String SHUTDOWN = "shutdown";
  public static final String CRASH_CYCLE = "crash-cycle";
  public static final String CRITICAL = "critical";

  private static final Finding NOTHING = new Finding(true, new JsonObject());
  private static final Finding NOT_STARTED =
      new Finding(false, new JsonObject().put("started", false));

  private final Future<Postmaster> postmaster;
  private final String group;
  private final Duration turnLimit;

  private PostmasterHealth(Future<Postmaster> postmaster, String group, Duration turnLimit) {
    this.postmaster = postmaster;
    this.group = group;
    this.turnLimit = turnLimit;
  }

  /** Of one that has started, or will. */
  public static PostmasterHealth of(Postmaster postmaster) {
    return of(Future.succeededFuture(postmaster));
  }

  /** Of one that may not be there yet, such as what {@link Postmaster#start} returns. */
  public static PostmasterHealth of(Future<Postmaster> postmaster) {
    return new PostmasterHealth(postmaster, "", Findings.TURN_LIMIT);
  }

  /** With its procedures in that group, such as the postmaster's name where there are two. */
  public PostmasterHealth in(String name) {
    return new PostmasterHealth(postmaster, name + '/', turnLimit);
  }

  /** With another time than five seconds within which the loop must have turned. */
  public PostmasterHealth turnLimit(Duration limit) {
    return new PostmasterHealth(postmaster, group, limit);
  }

  /** Whether the postmaster's loop turns; else only a new process helps. */
  public PostmasterHealth live(HealthChecks checks) {
    register(checks, LOOP, NOTHING, found -> Findings.loop(found, turnLimit));
    return this;
  }

  /** Whether the phase RUN was reached; that stays. */
  public PostmasterHealth startup(HealthChecks checks) {
    register(checks, PHASE, NOT_STARTED, Findings::phase);
    return this;
  }

  /**
   * Whether there is something to rely on: started up, no shutdown, no crash cycle, every critical
   * worker ready.
   */
  public PostmasterHealth ready(HealthChecks checks) {
    startup(checks);
    register(checks, SHUTDOWN, NOTHING, Findings::shutdown);
    register(checks, CRASH_CYCLE, NOTHING, Findings::crashCycle);
    register(checks, CRITICAL, NOTHING, Findings::critical);
    return this;
  }

  private void register(
      HealthChecks checks, String name, Finding before, Function<Postmaster, Finding> look) {
    checks.register(
        group + name,
        asked -> {
          Finding found = postmaster.succeeded() ? look.apply(postmaster.result()) : before;
          JsonObject data = found.data().copy();
          asked.complete(found.isWell() ? Status.OK(data) : Status.KO(data));
        });
  }
}
