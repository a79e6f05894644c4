package dev.postmaster;

import io.vertx.core.Deployable;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The specification of a worker (contract §2). Immutable: each setter returns a new one.
 *
 * <p>Errors: a setter checks nothing; the postmaster does, in the order of contract §3, when the
 * specification is registered.
 *
 * <p>Source: PostgreSQL's {@code BackgroundWorker} struct.
 */
public final class WorkerSpec {

  /** No restart (PostgreSQL's {@code BGW_NEVER_RESTART}). */
  public static final Duration NEVER = WorkerTerms.NEVER;

  /** How long to wait after a failed run, unless said otherwise. */
  public static final Duration DEFAULT_RESTART = Duration.ofSeconds(5);

  private final WorkerFactory factory;
  private final String name;
  private final String library;
  private final String function;
  private String type = "";
  private Set<Flag> flags = Set.of();
  private StartTime start = StartTime.RECOVERY_FINISHED;
  private Duration restart;
  private long mainArg;
  private JsonObject args = new JsonObject();
  private String notify = "";
  private Threading threading;
  private String domain = "main";
  private Readiness ready = Readiness.AT_ONCE;
  private Duration startTimeout = Duration.ofSeconds(60);
  private Duration grace = Duration.ofSeconds(10);
  private Duration force = Duration.ofSeconds(5);
  private Uncaught uncaught = Uncaught.FAIL;
  private boolean critical;
  private List<String> requires = List.of();
  private List<String> after = List.of();

  private WorkerSpec(String name, String library, String function, WorkerFactory factory) {
    this.name = name;
    this.library = library;
    this.function = function;
    this.factory = factory;
  }

  private WorkerSpec(WorkerSpec other) {
    this(other.name, other.library, other.function, other.factory);
    type = other.type;
    flags = other.flags;
    start = other.start;
    restart = other.restart;
    mainArg = other.mainArg;
    args = other.args;
    notify = other.notify;
    threading = other.threading;
    domain = other.domain;
    ready = other.ready;
    startTimeout = other.startTimeout;
    grace = other.grace;
    force = other.force;
    uncaught = other.uncaught;
    critical = other.critical;
    requires = other.requires;
    after = other.after;
  }

  /** A blocking worker; the supplier is asked for a fresh one at each launch. */
  public static WorkerSpec of(String name, Supplier<? extends BackgroundWorker> factory) {
    return new WorkerSpec(
        name, "", "", factory == null ? null : new WorkerFactory.Blocking(factory));
  }

  /**
   * A verticle, as Vert.x could deploy it; the supplier is asked for a fresh one at each launch.
   */
  public static WorkerSpec ofVerticle(String name, Supplier<? extends Deployable> factory) {
    return new WorkerSpec(
        name, "", "", factory == null ? null : new WorkerFactory.Verticle(factory));
  }

  /** A worker by the name of its entry point, resolved again at each launch. */
  public static WorkerSpec of(String name, String library, String function) {
    return new WorkerSpec(name, library, function, null);
  }

  /**
   * Reads the JSON form.
   *
   * @throws PostmasterException {@code INVALID_SPEC}, naming field, value and rule
   */
  public static WorkerSpec fromJson(JsonObject json) {
    WorkerSpec spec = WorkerSpecJson.read(json);
    spec.terms();
    return spec;
  }

  private WorkerSpec with(Consumer<WorkerSpec> change) {
    WorkerSpec copy = new WorkerSpec(this);
    change.accept(copy);
    return copy;
  }

  /** What to group by; empty: the name. */
  public WorkerSpec type(String value) {
    return with(s -> s.type = value);
  }

  public WorkerSpec flags(Flag... values) {
    Set<Flag> set = values.length == 0 ? Set.of() : EnumSet.of(values[0], values);
    return with(s -> s.flags = set);
  }

  public WorkerSpec startAt(StartTime value) {
    return with(s -> s.start = value);
  }

  /** How long to wait after a failed run: 0 to 24 h, or {@link #NEVER}. */
  public WorkerSpec restartAfter(Duration value) {
    return with(s -> s.restart = value);
  }

  public WorkerSpec neverRestart() {
    return restartAfter(NEVER);
  }

  /** A number handed to the worker. */
  public WorkerSpec mainArg(long value) {
    return with(s -> s.mainArg = value);
  }

  /** An object handed to the worker; copied here, and again for each run. */
  public WorkerSpec args(JsonObject value) {
    JsonObject copy = value.copy();
    return with(s -> s.args = copy);
  }

  /** The event-bus address that is told of starts and exits. */
  public WorkerSpec notify(String address) {
    return with(s -> s.notify = address);
  }

  /**
   * What it runs on; unless said, WORKER for one with a main, EVENT_LOOP for a verticle; so does
   * null.
   */
  public WorkerSpec threading(Threading value) {
    return with(s -> s.threading = value);
  }

  /**
   * What becomes of an exception that nobody caught on the context of a verticle, as far as Vert.x
   * shows it: {@link WorkerContext#guard}.
   */
  public WorkerSpec uncaught(Uncaught value) {
    return with(s -> s.uncaught = value);
  }

  /** The crash domain. */
  public WorkerSpec domain(String value) {
    return with(s -> s.domain = value);
  }

  public WorkerSpec ready(Readiness value) {
    return with(s -> s.ready = value);
  }

  /** From launch until ready. */
  public WorkerSpec startTimeout(Duration value) {
    return with(s -> s.startTimeout = value);
  }

  /**
   * The stop ladder.
   *
   * @param grace from the tell to the interrupt
   * @param force from the interrupt until the run is abandoned
   */
  public WorkerSpec stop(Duration grace, Duration force) {
    return with(
        s -> {
          s.grace = grace;
          s.force = force;
        });
  }

  /** Whether the worker counts for {@code /health/ready}. */
  public WorkerSpec critical(boolean value) {
    return with(s -> s.critical = value);
  }

  /** Names of workers, one of which must be ready or have completed before each start. */
  public WorkerSpec requires(String... names) {
    return with(s -> s.requires = List.of(names));
  }

  /** As {@link #requires}, but a name that nobody is registered under does not hold. */
  public WorkerSpec after(String... names) {
    return with(s -> s.after = List.of(names));
  }

  /**
   * The plain part; of a worker that is named by its entry point as if that had a main.
   *
   * @throws PostmasterException {@code INVALID_SPEC} if the arguments are too large or too deep, or
   *     something is missing
   */
  public WorkerTerms terms() {
    return terms(factory == null ? Optional.empty() : Optional.of(factory));
  }

  /**
   * The plain part of a worker that is made by that; by an entry point that nobody knows if empty.
   *
   * @throws PostmasterException as {@link #terms()}
   */
  public WorkerTerms terms(Optional<WorkerFactory> maker) {
    if (!args.isEmpty()) {
      WorkerSpecJson.checkArgs(args);
    }
    if (factory == null && ("".equals(library) || "".equals(function))) {
      String unnamed = "".equals(function) ? "function: \"\"" : "library: \"\"";
      throw PostmasterException.of(
          ErrorCode.INVALID_SPEC, unnamed + " names no entry point, and there is no Supplier");
    }
    Duration interval = restart;
    if (interval == null) {
      interval = flags.contains(Flag.PARALLEL) ? NEVER : DEFAULT_RESTART;
    }
    Threading chosen =
        threading != null
            ? threading
            : maker.map(WorkerFactory::threading).orElse(Threading.WORKER);
    return new WorkerTerms(
        name,
        type,
        library,
        function,
        flags,
        start,
        interval,
        notify,
        chosen,
        maker.map(WorkerFactory::isVerticle).orElse(chosen == Threading.EVENT_LOOP),
        domain,
        ready,
        startTimeout,
        grace,
        force,
        critical,
        requires,
        after);
  }

  public String name() {
    return name;
  }

  public long mainArg() {
    return mainArg;
  }

  /** The name of its entry point, {@code library/function}. */
  public String path() {
    return library + '/' + function;
  }

  /** A copy of the arguments. */
  public JsonObject args() {
    return args.copy();
  }

  public Uncaught uncaught() {
    return uncaught;
  }

  /** As was said; empty: as its entry point has it. */
  public Optional<Threading> threading() {
    return Optional.ofNullable(threading);
  }

  /** Where the worker comes from; empty for one that is named by its entry point. */
  public Optional<WorkerFactory> factory() {
    return Optional.ofNullable(factory);
  }

  /** The JSON form; a worker given as a Supplier has no {@code library} and {@code function}. */
  public JsonObject toJson() {
    return WorkerSpecJson.write(this);
  }
}
