package dev.postmaster;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How a postmaster is set up. Checked by {@link Postmaster#create}.
 *
 * <p>Shape: the keys of protocols §6 that concern the supervisor itself; durations as text.
 */
public final class PostmasterOptions {

  /** Most slots. */
  public static final int MAX_WORKERS_LIMIT = 262_143;

  /** Most parallel workers. */
  public static final int MAX_PARALLEL_LIMIT = 1_024;

  /** Most threads of the default pool size. */
  public static final int MAX_THREADS_DEFAULT = 1_024;

  private String name = "default";
  private Phase phase = Phase.RUN;
  private int maxWorkers = 8;
  private int maxWorkerThreads = -1;
  private int maxParallelWorkers = 8;
  private boolean uniqueNames;
  private boolean restartAfterCrash = true;
  private int crashCycles = 3;
  private Duration crashWithin = Duration.ofMinutes(10);
  private Duration shutdownTimeout = Duration.ofSeconds(30);
  private Duration awaitTimeout = Duration.ofSeconds(60);
  private int journalCapacity = 8_192;
  private Path journalDirectory;
  private Durability durability = Durability.PROCESS;
  private Duration journalInterval = Duration.ofMillis(100);
  private List<String> libraries = List.of();
  private boolean remoteControl;
  private final List<WorkerLibrary> added = new ArrayList<>();
  private ConnectionSource connections;

  public PostmasterOptions() {}

  public PostmasterOptions(PostmasterOptions other) {
    name = other.name;
    phase = other.phase;
    maxWorkers = other.maxWorkers;
    maxWorkerThreads = other.maxWorkerThreads;
    maxParallelWorkers = other.maxParallelWorkers;
    uniqueNames = other.uniqueNames;
    restartAfterCrash = other.restartAfterCrash;
    crashCycles = other.crashCycles;
    crashWithin = other.crashWithin;
    shutdownTimeout = other.shutdownTimeout;
    awaitTimeout = other.awaitTimeout;
    journalCapacity = other.journalCapacity;
    journalDirectory = other.journalDirectory;
    durability = other.durability;
    journalInterval = other.journalInterval;
    libraries = other.libraries;
    remoteControl = other.remoteControl;
    added.addAll(other.added);
    connections = other.connections;
  }

  /**
   * From the JSON form; what is missing is as it is by default.
   *
   * @throws IllegalArgumentException naming the path of a key that is unknown or holds something
   *     else than it should
   */
  public PostmasterOptions(JsonObject json) {
    OptionsJson.check(json, new PostmasterOptions().toJson(), "");
    name = json.getString("name", name);
    phase = OptionsJson.word("phase", Phase.class, json.getString("phase", phase.name()));
    maxWorkers = json.getInteger("maxWorkers", maxWorkers);
    maxWorkerThreads = json.getInteger("maxWorkerThreads", maxWorkerThreads);
    maxParallelWorkers = json.getInteger("maxParallelWorkers", maxParallelWorkers);
    uniqueNames = json.getBoolean("uniqueNames", uniqueNames);
    restartAfterCrash = json.getBoolean("restartAfterCrash", restartAfterCrash);
    JsonObject crashLimit = json.getJsonObject("crashLimit", new JsonObject());
    crashCycles = crashLimit.getInteger("cycles", crashCycles);
    crashWithin = OptionsJson.duration(crashLimit, "crashLimit.within", crashWithin);
    shutdownTimeout = OptionsJson.duration(json, "shutdownTimeout", shutdownTimeout);
    awaitTimeout = OptionsJson.duration(json, "awaitTimeout", awaitTimeout);
    readJournal(json.getJsonObject("journal", new JsonObject()));
    libraries = OptionsJson.words("libraries", json.getJsonArray("libraries", new JsonArray()));
    remoteControl =
        json.getJsonObject("cluster", new JsonObject()).getBoolean("remoteControl", remoteControl);
  }

  private void readJournal(JsonObject json) {
    journalCapacity = json.getInteger("capacity", journalCapacity);
    String directory = json.getString("directory");
    journalDirectory = directory == null ? null : OptionsJson.path("journal.directory", directory);
    String durable = json.getString("durability", durability.name());
    durability =
        OptionsJson.word("journal.durability", Durability.class, durable.toUpperCase(Locale.ROOT));
    journalInterval = OptionsJson.duration(json, "journal.interval", journalInterval);
  }

  private JsonObject journal() {
    return new JsonObject()
        .put("capacity", journalCapacity)
        .put("directory", journalDirectory == null ? null : journalDirectory.toString())
        .put("durability", durability.name().toLowerCase(Locale.ROOT))
        .put("interval", DurationText.of(journalInterval));
  }

  /** The JSON form; libraries and connections given in code have none. */
  public JsonObject toJson() {
    return new JsonObject()
        .put("name", name)
        .put("phase", phase.name())
        .put("maxWorkers", maxWorkers)
        .put("maxWorkerThreads", maxWorkerThreads())
        .put("maxParallelWorkers", maxParallelWorkers)
        .put("uniqueNames", uniqueNames)
        .put("restartAfterCrash", restartAfterCrash)
        .put(
            "crashLimit",
            new JsonObject().put("cycles", crashCycles).put("within", DurationText.of(crashWithin)))
        .put("shutdownTimeout", DurationText.of(shutdownTimeout))
        .put("awaitTimeout", DurationText.of(awaitTimeout))
        .put("journal", journal())
        .put("libraries", new JsonArray(libraries))
        .put("cluster", new JsonObject().put("remoteControl", remoteControl));
  }

  /**
   * Looks at every option.
   *
   * @return one line a fault, each with the option's path
   */
  public List<String> faults() {
    List<String> faults = new ArrayList<>();
    if (!name.matches("[a-z0-9-]{1,63}")) {
      faults.add("name: \"" + name + "\" is not 1 to 63 of [a-z0-9-]");
    }
    range(faults, "maxWorkers", maxWorkers, 0, MAX_WORKERS_LIMIT);
    if (maxWorkerThreads != -1) {
      range(faults, "maxWorkerThreads", maxWorkerThreads, 1, MAX_WORKERS_LIMIT);
    }
    range(faults, "maxParallelWorkers", maxParallelWorkers, 0, MAX_PARALLEL_LIMIT);
    range(faults, "crashLimit.cycles", crashCycles, 0, 1_000);
    range(faults, "crashLimit.within", crashWithin, Duration.ofSeconds(1), Duration.ofHours(24));
    range(faults, "shutdownTimeout", shutdownTimeout, Duration.ofMillis(1), Duration.ofHours(24));
    range(faults, "awaitTimeout", awaitTimeout, Duration.ofMillis(1), Duration.ofHours(24));
    range(faults, "journal.capacity", journalCapacity, 64, 1_048_576);
    range(
        faults, "journal.interval", journalInterval, Duration.ofMillis(10), Duration.ofMinutes(1));
    return faults;
  }

  private static <T extends Comparable<T>> void range(
      List<String> faults, String path, T value, T from, T to) {
    if (value.compareTo(from) < 0 || value.compareTo(to) > 0) {
      faults.add(path + ": " + text(value) + " is not between " + text(from) + " and " + text(to));
    }
  }

  private static String text(Object value) {
    return value instanceof Duration duration ? DurationText.of(duration) : value.toString();
  }

  public String name() {
    return name;
  }

  /** The middle of its addresses, {@code postmaster.<name>.…}: 1 to 63 of {@code [a-z0-9-]}. */
  public PostmasterOptions setName(String value) {
    name = value;
    return this;
  }

  public Phase phase() {
    return phase;
  }

  /** The phase to start in. */
  public PostmasterOptions setPhase(Phase value) {
    phase = value;
    return this;
  }

  public int maxWorkers() {
    return maxWorkers;
  }

  /** Slots: 0 to 262,143. */
  public PostmasterOptions setMaxWorkers(int value) {
    maxWorkers = value;
    return this;
  }

  /** As set, else as many as there are slots, at most 1,024, at least 1. */
  public int maxWorkerThreads() {
    return maxWorkerThreads != -1
        ? maxWorkerThreads
        : Math.max(1, Math.min(maxWorkers, MAX_THREADS_DEFAULT));
  }

  /** Blocking runs at one time. */
  public PostmasterOptions setMaxWorkerThreads(int value) {
    maxWorkerThreads = value;
    return this;
  }

  public int maxParallelWorkers() {
    return maxParallelWorkers;
  }

  /** 0 to 1,024. */
  public PostmasterOptions setMaxParallelWorkers(int value) {
    maxParallelWorkers = value;
    return this;
  }

  public boolean uniqueNames() {
    return uniqueNames;
  }

  /** Whether a name can be registered only once at a time. */
  public PostmasterOptions setUniqueNames(boolean value) {
    uniqueNames = value;
    return this;
  }

  public boolean restartAfterCrash() {
    return restartAfterCrash;
  }

  /** Whether a crash starts a cycle, or ends the postmaster. */
  public PostmasterOptions setRestartAfterCrash(boolean value) {
    restartAfterCrash = value;
    return this;
  }

  public int crashCycles() {
    return crashCycles;
  }

  public Duration crashWithin() {
    return crashWithin;
  }

  /** More crash cycles of a domain than this, in so long, are too many. */
  public PostmasterOptions setCrashLimit(int cycles, Duration within) {
    crashCycles = cycles;
    crashWithin = within;
    return this;
  }

  public Duration shutdownTimeout() {
    return shutdownTimeout;
  }

  /** When a shutdown is over, whatever its workers do. */
  public PostmasterOptions setShutdownTimeout(Duration value) {
    shutdownTimeout = value;
    return this;
  }

  public Duration awaitTimeout() {
    return awaitTimeout;
  }

  /** How long a wait without a time of its own lasts. */
  public PostmasterOptions setAwaitTimeout(Duration value) {
    awaitTimeout = value;
    return this;
  }

  public int journalCapacity() {
    return journalCapacity;
  }

  /** Records; raised to four times {@code maxWorkers}, then to a power of two. */
  public PostmasterOptions setJournalCapacity(int value) {
    journalCapacity = value;
    return this;
  }

  /**
   * Where the journal's file and its lock are; empty: it is in memory and ends with the process.
   */
  public Optional<Path> journalDirectory() {
    return Optional.ofNullable(journalDirectory);
  }

  /**
   * Keeps the journal in a file, {@code <name>.journal} in that directory, which is made if it is
   * not there and belongs to one postmaster at a time.
   *
   * @param value null: in memory
   */
  public PostmasterOptions setJournalDirectory(Path value) {
    journalDirectory = value;
    return this;
  }

  public Durability durability() {
    return durability;
  }

  /** What a journal in a file survives. */
  public PostmasterOptions setDurability(Durability value) {
    durability = value;
    return this;
  }

  public Duration journalInterval() {
    return journalInterval;
  }

  /** How often it is written to the disk, where durability is {@link Durability#INTERVAL}. */
  public PostmasterOptions setJournalInterval(Duration value) {
    journalInterval = value;
    return this;
  }

  public List<String> libraries() {
    return libraries;
  }

  /** Names of libraries on the class path whose entry points may be used. */
  public PostmasterOptions setLibraries(List<String> names) {
    libraries = List.copyOf(names);
    return this;
  }

  public boolean remoteControl() {
    return remoteControl;
  }

  /**
   * Whether other nodes of a clustered Vertx may command it and are told by it. Off, its consumers
   * are local and what it publishes stays in this JVM.
   */
  public PostmasterOptions setRemoteControl(boolean value) {
    remoteControl = value;
    return this;
  }

  /** In order of their addition; null where null was added, which is a fault of the start. */
  public List<WorkerLibrary> addedLibraries() {
    return Collections.unmodifiableList(new ArrayList<>(added));
  }

  /** A library given in code; needs no name in {@link #setLibraries}. */
  public PostmasterOptions addLibrary(WorkerLibrary library) {
    added.add(library);
    return this;
  }

  public Optional<ConnectionSource> connections() {
    return Optional.ofNullable(connections);
  }

  /** What {@code DATABASE_CONNECTION} connects to. */
  public PostmasterOptions setConnections(ConnectionSource source) {
    connections = source;
    return this;
  }
}
