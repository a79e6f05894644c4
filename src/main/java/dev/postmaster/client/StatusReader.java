package dev.postmaster.client;

import dev.postmaster.By;
import dev.postmaster.Cause;
import dev.postmaster.DurationText;
import dev.postmaster.Exit;
import dev.postmaster.Flag;
import dev.postmaster.Handle;
import dev.postmaster.HandleStatus;
import dev.postmaster.Phase;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.PostmasterStatus;
import dev.postmaster.PostmasterStatus.DomainStatus;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Stage;
import dev.postmaster.StartTime;
import dev.postmaster.Threading;
import dev.postmaster.Transition;
import dev.postmaster.TransitionLog.Gap;
import dev.postmaster.WorkerState;
import dev.postmaster.WorkerStatus;
import dev.postmaster.WorkerStatus.LastEnd;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Reads what {@code StatusJson} writes, protocols §3 and §4: the same values, but for what JSON
 * leaves out.
 *
 * <p>Errors: {@link WireFault}; a flag that is not known is left out.
 */
final class StatusReader {

  /** Most domains that are read; a snapshot has at most 32. */
  private static final int DOMAINS_MAX = 1_024;

  private static final int SLOT_MAX = PostmasterOptions.MAX_WORKERS_LIMIT - 1;

  private StatusReader() {}

  static <E> Optional<E> word(Wire of, String field, E[] all, Function<E, String> word) {
    String given = of.name(field);
    return Stream.of(all).filter(one -> word.apply(one).equals(given)).findFirst();
  }

  private static <E> E need(Wire of, String field, E[] all, Function<E, String> word) {
    return word(of, field, all, word).orElseThrow(() -> of.wrong(field, "known word"));
  }

  private static <E extends Enum<E>> E need(Wire of, String field, E[] all) {
    return need(of, field, all, Enum::name);
  }

  private static <E> E orNull(Wire of, String field, E[] all, Function<E, String> word) {
    return of.has(field) ? need(of, field, all, word) : null;
  }

  private static Exit exit(Wire of) {
    return of.has("exit") ? need(of, "exit", Exit.values()) : Exit.NONE;
  }

  private static int code(Wire of) {
    return of.has("code")
        ? (int) of.number("code", Integer.MIN_VALUE, Integer.MAX_VALUE)
        : Transition.NO_CODE;
  }

  static int slot(Wire of, int from) {
    return (int) of.number("slot", from, SLOT_MAX);
  }

  static Phase phase(Wire of) {
    return need(of, "phase", Phase.values());
  }

  static WorkerState state(Wire of) {
    return need(of, "state", WorkerState.values());
  }

  static WorkerStatus worker(Wire of) {
    Handle handle = Handle.parse(of.name("handle")).orElseThrow(() -> of.wrong("handle", "handle"));
    if (handle.slot() > SLOT_MAX) {
      throw of.wrong("handle", "handle of a slot that there can be");
    }
    return new WorkerStatus(
        of.number("seq", 0L),
        handle,
        of.name("name"),
        of.name("type"),
        of.name("library"),
        of.name("function"),
        state(of),
        of.truth("ready"),
        need(of, "status", HandleStatus.values()),
        of.number("runId", 0L),
        of.text("waiting", 2 * Wire.NAME_MAX),
        orNull(of, "reason", Cause.values(), Cause::word),
        of.number("deadlineAt", 0L),
        of.truth("paused"),
        of.number("pausedUntil", 0L),
        of.name("domain"),
        of.name("group"),
        flags(of),
        of.has("start") ? need(of, "start", StartTime.values()) : StartTime.RECOVERY_FINISHED,
        of.has("threading") ? need(of, "threading", Threading.values()) : Threading.WORKER,
        of.truth("critical"),
        restart(of),
        of.truth("terminate"),
        of.number("registeredAt", 0L),
        of.number("startedAt", 0L),
        of.number("stateSince", 0L),
        of.number("restartAt", 0L),
        of.number("restartInMs", -1L),
        of.count("starts", 0),
        of.count("failures", 0),
        exits(of),
        of.optional("last").map(StatusReader::last).orElse(null));
  }

  private static Set<Flag> flags(Wire of) {
    Set<Flag> flags = EnumSet.noneOf(Flag.class);
    for (Flag flag : Flag.values()) {
      if (of.list("flags").contains(flag.name())) {
        flags.add(flag);
      }
    }
    return Set.copyOf(flags);
  }

  private static long restart(Wire of) {
    String text = of.name("restart");
    if (text.isEmpty() || text.equals("never")) {
      return -1;
    }
    return DurationText.parse(text).orElseThrow(() -> of.wrong("restart", "duration")).toMillis();
  }

  private static List<Integer> exits(Wire of) {
    Optional<Wire> counts = of.optional("exits");
    return Stream.of(Exit.values())
        .skip(1)
        .map(exit -> counts.map(c -> c.count(exit.name(), 0)).orElse(0))
        .toList();
  }

  private static LastEnd last(Wire of) {
    return new LastEnd(
        exit(of),
        code(of),
        of.text("message", Wire.MESSAGE_MAX),
        orNull(of, "cause", Cause.values(), Cause::word),
        of.number("runId", 0L),
        of.number("at", 0L),
        of.number("firstAt", 0L),
        of.count("times", 0));
  }

  /** Whether this version knows what it says; a later one may have more causes. */
  static boolean isKnown(Wire of) {
    return word(of, "cause", Cause.values(), Cause::word).isPresent();
  }

  static Transition transition(Wire of) {
    int slot = slot(of, -1);
    Cause cause = need(of, "cause", Cause.values(), Cause::word);
    return new Transition(
        of.number("seq"),
        of.number("at"),
        slot,
        slot < 0 ? 0 : of.number("generation"),
        of.number("runId", 0L),
        of.name("name"),
        of.name("type"),
        of.truth("cut"),
        slot < 0 ? ownStage(of, "from", cause) : need(of, "from", WorkerState.values()),
        slot < 0 ? ownStage(of, "to", cause) : need(of, "to", WorkerState.values()),
        cause,
        of.truth("ready"),
        of.truth("terminate"),
        of.count("starts", 0),
        of.number("restartAt", 0L),
        of.number("restartInMs", -1L),
        exit(of),
        code(of),
        of.text("message", Wire.MESSAGE_MAX),
        need(of, "by", By.values(), By::word));
  }

  private static Stage ownStage(Wire of, String field, Cause cause) {
    return cause == Cause.SHUTDOWN_BEGIN
        ? orNull(of, field, ShutdownMode.values(), ShutdownMode::word)
        : orNull(of, field, Phase.values(), Phase::word);
  }

  static Gap gap(Wire of) {
    return new Gap(of.number("from"), of.number("to"), of.name("reason"));
  }

  static FeedHello hello(Wire of) {
    String epoch = of.name("epoch");
    if (epoch.isEmpty()) {
      throw of.wrong("epoch", "text");
    }
    return new FeedHello(
        of.name("name"),
        epoch,
        of.number("head"),
        of.number("oldest"),
        (int) of.number("heartbeatMs", 1, 3_600_000),
        of.name("role"),
        (int) of.number("slots", 0, PostmasterOptions.MAX_WORKERS_LIMIT),
        phase(of));
  }

  static List<DomainStatus> domains(Wire of) {
    List<DomainStatus> domains = new ArrayList<>();
    of.list("domains").stream()
        .limit(DOMAINS_MAX)
        .map(Wire::object)
        .forEach(
            domain ->
                domains.add(
                    new DomainStatus(
                        domain.name("name"), domain.truth("resetting"), domain.count("cycles"))));
    return domains;
  }

  static ShutdownMode mode(Wire of) {
    return need(of, "mode", ShutdownMode.values(), ShutdownMode::word);
  }

  /** The answer to {@code GET /api/v1/status}. */
  static PostmasterStatus status(Wire of) {
    Optional<Wire> shutdown = of.optional("shutdown");
    Map<WorkerState, Integer> workers = new EnumMap<>(WorkerState.class);
    Wire counts = of.inner("workers");
    for (WorkerState state : WorkerState.values()) {
      int count = counts.count(state.word(), 0);
      if (count > 0) {
        workers.put(state, count);
      }
    }
    Wire slots = of.inner("slots");
    Wire parallel = of.inner("parallel");
    return new PostmasterStatus(
        of.name("name"),
        of.name("epoch"),
        of.number("seq"),
        phase(of),
        shutdown.map(StatusReader::mode).orElse(ShutdownMode.NONE),
        shutdown.map(s -> s.number("since", 0L)).orElse(0L),
        shutdown.map(s -> s.count("left", 0)).orElse(0),
        of.number("startedAt", 0L),
        of.number("upMs"),
        Map.copyOf(workers),
        of.count("clients"),
        slots.count("used"),
        slots.count("total"),
        parallel.count("active"),
        parallel.count("limit"),
        domains(of));
  }
}
