package dev.postmaster.app;

import static dev.postmaster.support.Life.get;

import dev.postmaster.Flag;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.Readiness;
import dev.postmaster.Signal;
import dev.postmaster.StartTime;
import dev.postmaster.StatusJson;
import dev.postmaster.Target;
import dev.postmaster.Threading;
import dev.postmaster.Transition;
import dev.postmaster.Uncaught;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerSpec;
import dev.postmaster.support.Obedient;
import dev.postmaster.support.Watch;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** A postmaster whose workers came to it in one of the three ways, and what they then did. */
final class Ways implements AutoCloseable {

  /** How a worker is registered. */
  enum Way {
    /** With setters, after the start. */
    JAVA,
    /** As JSON over the event bus, asked for its status there too. */
    BUS,
    /** As a static worker in the configuration's file. */
    CONFIGURATION
  }

  /** What is never the same twice. */
  private static final Set<String> OWN =
      Set.of(
          "handle",
          "seq",
          "runId",
          "deadlineAt",
          "registeredAt",
          "startedAt",
          "stateSince",
          "restartAt",
          "restartInMs",
          "at",
          "firstAt");

  private static final String CONTROL = "postmaster.default.control";

  final Vertx vertx = Vertx.vertx();
  final Postmaster postmaster;
  final Watch watch;

  /** What each worker said that it was given, by name; the last run counts. */
  final Map<String, JsonObject> heard = new ConcurrentSkipListMap<>();

  private final Way way;
  private final List<JsonObject> notes = new ArrayList<>();

  Ways(Way way, Path directory, List<JsonObject> workers) throws Exception {
    this.way = way;
    vertx
        .eventBus()
        .<JsonObject>localConsumer(
            Obedient.HEARD, said -> heard.put(said.body().getString("name"), said.body()));
    List<JsonObject> configured = way == Way.CONFIGURATION ? workers : List.of();
    List<String> faults = new ArrayList<>();
    JsonObject file =
        ConfigurationFile.read(vertx, Optional.of(file(directory, configured)), faults);
    Configuration configuration = new Configuration(file, Map.of(), Map.of());
    faults.addAll(configuration.faults());
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(faults.toString());
    }
    PostmasterOptions options = configuration.options();
    postmaster = Postmaster.create(vertx, options);
    watch = Watch.on(postmaster);
    configuration.workers().values().forEach(postmaster::register);
    get(postmaster.start());
    if (way != Way.CONFIGURATION) {
      for (JsonObject worker : workers) {
        register(worker);
      }
    }
  }

  /** The file: JSON is YAML. */
  static Path file(Path directory, List<JsonObject> workers) throws Exception {
    StringBuilder yaml =
        new StringBuilder(
            "libraries: [obedient]\nshutdownTimeout: 5s\njournal: { enabled: false }\n");
    yaml.append("workers:").append(workers.isEmpty() ? " []\n" : "\n");
    workers.forEach(worker -> yaml.append("  - ").append(worker.encode()).append('\n'));
    return Files.writeString(directory.resolve("ways.yaml"), yaml);
  }

  private void register(JsonObject worker) throws Exception {
    if (way == Way.JAVA) {
      get(postmaster.register(spec(worker)));
    } else {
      ask(vertx, "register", worker);
    }
  }

  static JsonObject ask(Vertx vertx, String action, JsonObject body) throws Exception {
    DeliveryOptions headers = new DeliveryOptions().addHeader("action", action);
    Future<JsonObject> reply =
        vertx.eventBus().<JsonObject>request(CONTROL, body, headers).map(m -> m.body());
    return get(reply);
  }

  /** The specification as somebody would write it in Java who means what the JSON says. */
  static WorkerSpec spec(JsonObject json) {
    WorkerSpec spec =
        WorkerSpec.of(
            json.getString("name"), json.getString("library", ""), json.getString("function", ""));
    for (String field : json.fieldNames()) {
      spec = with(spec, field, json.getValue(field));
    }
    return spec;
  }

  private static WorkerSpec with(WorkerSpec spec, String field, Object value) {
    String text = String.valueOf(value);
    return switch (field) {
      case "name", "library", "function" -> spec;
      case "type" -> spec.type(text);
      case "flags" -> spec.flags(texts(value).map(Flag::valueOf).toArray(Flag[]::new));
      case "start" -> spec.startAt(StartTime.valueOf(text));
      case "restart" ->
          text.equals("never") ? spec.neverRestart() : spec.restartAfter(duration(text));
      case "mainArg" -> spec.mainArg(Long.parseLong(text));
      case "args" -> spec.args((JsonObject) value);
      case "notify" -> spec.notify(text);
      case "threading" -> spec.threading(Threading.valueOf(text));
      case "domain" -> spec.domain(text);
      case "ready" -> spec.ready(readiness(text));
      case "startTimeout" -> spec.startTimeout(duration(text));
      case "stop" -> stop(spec, (JsonObject) value);
      case "uncaught" -> spec.uncaught(text.equals("log") ? Uncaught.LOG : Uncaught.FAIL);
      case "critical" -> spec.critical((Boolean) value);
      case "requires" -> spec.requires(texts(value).toArray(String[]::new));
      case "after" -> spec.after(texts(value).toArray(String[]::new));
      default -> throw new IllegalArgumentException(field + " cannot be said in Java");
    };
  }

  private static java.util.stream.Stream<String> texts(Object array) {
    return ((JsonArray) array).stream().map(String.class::cast);
  }

  private static WorkerSpec stop(WorkerSpec spec, JsonObject stop) {
    return spec.stop(
        duration(stop.getString("grace", "10s")), duration(stop.getString("force", "5s")));
  }

  private static Readiness readiness(String text) {
    return switch (text) {
      case "at-once" -> Readiness.AT_ONCE;
      case "said" -> Readiness.SAID;
      default -> Readiness.after(duration(text));
    };
  }

  private static Duration duration(String text) {
    long count = Long.parseLong(text.replaceAll("\\D", ""));
    return switch (text.replaceAll("\\d", "")) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      default -> Duration.ofHours(count);
    };
  }

  // ---- what a script does

  WorkerHandle handle(String name) {
    return postmaster.find(name).orElseThrow();
  }

  /** Waits for the n-th such edge of a worker. */
  Transition edge(String name, String edge, int nth) throws Exception {
    return watch.await(t -> t.name().equals(name) && Watch.edge(t).equals(edge), nth);
  }

  /** Waits until it has begun for the n-th time. */
  void begun(String name, int nth) throws Exception {
    edge(name, "STARTING→RUNNING started", nth);
  }

  void begun(String name) throws Exception {
    begun(name, 1);
  }

  /** Waits until it is in that state for the n-th time. */
  Transition state(String name, String state, int nth) throws Exception {
    return watch.await(
        t -> t.name().equals(name) && t.to().word().equals(state) && t.from() != t.to(), nth);
  }

  void order(String name) throws Exception {
    get(handle(name).signal(Signal.USR1));
  }

  void terminate(String name) throws Exception {
    get(handle(name).terminate());
  }

  void drain(String type) throws Exception {
    get(postmaster.drain(Target.type(type), Optional.empty()));
  }

  void pause(String type) throws Exception {
    get(postmaster.pause(Target.type(type), Optional.empty()));
  }

  void resume(String type) throws Exception {
    get(postmaster.resume(Target.type(type)));
  }

  /** Waits until it is held by that. */
  void untilWaiting(String name, String by) throws Exception {
    until(() -> handle(name).status().waiting().equals(by));
  }

  /** Waits until it has said what it was given. */
  void untilHeard(String name) throws Exception {
    until(() -> heard.containsKey(name));
  }

  /** Waits for something that nothing tells of. */
  private static void until(BooleanSupplier condition) throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    for (int look = 0; !condition.getAsBoolean(); look++) {
      if (look == 4_000 || never.await(5, TimeUnit.MILLISECONDS)) {
        throw new TimeoutException("it never came true");
      }
    }
  }

  /** Keeps how a worker is shown now. */
  void note(String name) throws Exception {
    note(handle(name));
  }

  void note(WorkerHandle handle) throws Exception {
    JsonObject shown =
        way == Way.BUS
            ? ask(vertx, "status", new JsonObject().put("handle", handle.handle().toString()))
            : StatusJson.worker(handle.status());
    JsonObject plain = shown.copy();
    OWN.forEach(plain::remove);
    JsonObject last = plain.getJsonObject("last");
    if (last != null) {
      OWN.forEach(last::remove);
    }
    // Where grace is nothing, a thread that is told leaves before it is interrupted, or after.
    JsonObject exits = plain.getJsonObject("exits");
    exits.put("TERMINATED", exits.getInteger("TERMINATED") + exits.getInteger("KILLED"));
    exits.remove("KILLED");
    if (last != null && "KILLED".equals(last.getString("exit"))) {
      last.put("exit", "TERMINATED");
    }
    notes.add(plain);
  }

  List<JsonObject> notes() {
    return notes;
  }

  /**
   * The edges of each worker. One that ends by itself may have something left to close, or be slow
   * about it: {@code →STOPPING exit} in between is left out.
   */
  Map<String, List<String>> edges() {
    Map<String, List<String>> edges = new TreeMap<>();
    for (Transition seen : watch.seen()) {
      if (seen.own()) {
        continue;
      }
      String edge = Watch.edge(seen);
      List<String> own = edges.computeIfAbsent(seen.name(), name -> new ArrayList<>());
      String last = own.isEmpty() ? "" : own.get(own.size() - 1);
      if (last.endsWith("→STOPPING exit") && edge.startsWith("STOPPING→")) {
        String from = last.substring(0, last.indexOf('→'));
        own.set(own.size() - 1, from + edge.substring(edge.indexOf('→')));
      } else {
        own.add(edge);
      }
    }
    return edges;
  }

  @Override
  public void close() {
    try {
      get(postmaster.close());
      get(vertx.close());
    } catch (Exception failure) {
      throw new AssertionError("the end failed", failure);
    }
  }
}
