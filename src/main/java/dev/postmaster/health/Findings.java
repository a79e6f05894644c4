package dev.postmaster.health;

import dev.postmaster.Phase;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.WorkerStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is looked at, without any library of health checks.
 *
 * <p>Threading: any. What a look costs does not grow with the number of workers, but for a bit a
 * slot and the names of domains.
 */
public final class Findings {

  /** How long the postmaster's loop may not have turned. */
  public static final Duration TURN_LIMIT = Duration.ofSeconds(5);

  /** How many offenders are named; there is a count of all. */
  public static final int NAMED_MAX = 32;

  private Findings() {}

  /** Whether the postmaster's loop turned in that time: {@code {"sinceTurnMs"}}. */
  public static Finding loop(Postmaster postmaster, Duration limit) {
    Duration since = postmaster.vitals().sinceTurn();
    return new Finding(
        since.compareTo(limit) <= 0, new JsonObject().put("sinceTurnMs", since.toMillis()));
  }

  /** Whether the phase RUN was reached: {@code {"started","phase"}}. */
  public static Finding phase(Postmaster postmaster) {
    PostmasterStatus status = postmaster.status();
    boolean started = status.startedAt() > 0;
    return new Finding(
        started && status.phase() == Phase.RUN,
        new JsonObject().put("started", started).put("phase", status.phase().word()));
  }

  /** Whether it goes on: {@code {"mode"}} of the shutdown. */
  public static Finding shutdown(Postmaster postmaster) {
    PostmasterStatus status = postmaster.status();
    boolean over = status.startedAt() > 0 && !postmaster.vitals().isAlive();
    return new Finding(
        status.shutdown() == ShutdownMode.NONE && !over,
        new JsonObject().put("mode", status.shutdown().word()));
  }

  /** Whether no domain is in a crash cycle: {@code {"domains":[name…],"count"}}. */
  public static Finding crashCycle(Postmaster postmaster) {
    List<String> resetting =
        postmaster.status().domains().stream()
            .filter(DomainStatus::resetting)
            .map(DomainStatus::name)
            .toList();
    return offenders("domains", resetting.stream(), resetting.size());
  }

  /** Whether every critical worker is ready: {@code {"workers":[name…],"count"}}. */
  public static Finding critical(Postmaster postmaster) {
    int count = postmaster.vitals().unready();
    // Who became ready between the two looks is named no more.
    List<WorkerStatus> unready = postmaster.vitals().unready(NAMED_MAX);
    return offenders("workers", unready.stream().map(WorkerStatus::name), count);
  }

  private static Finding offenders(String key, Stream<String> names, int count) {
    JsonArray named = new JsonArray(names.limit(NAMED_MAX).toList());
    return new Finding(count == 0, new JsonObject().put(key, named).put("count", count));
  }

  /** Whether all of it is well but the loop: what {@code /health/ready} says. */
  public static boolean isReady(Postmaster postmaster) {
    return phase(postmaster).isWell()
        && shutdown(postmaster).isWell()
        && crashCycle(postmaster).isWell()
        && critical(postmaster).isWell();
  }
}
