package dev.postmaster.bus;

import static dev.postmaster.bus.BusLife.spec;
import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.EntryPoint;
import dev.postmaster.ErrorCode;
import dev.postmaster.Flag;
import dev.postmaster.Handle;
import dev.postmaster.Phase;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.Registrar;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Signal;
import dev.postmaster.Target;
import dev.postmaster.WorkerHandle;
import dev.postmaster.WorkerLibrary;
import dev.postmaster.WorkerSpec;
import io.vertx.core.Future;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every code there is: got over the bus with its number, and in Java, or not to be had there. */
class ErrorCodesTest {

  /** Codes of HTTP alone, and those of static registrations, which no message can make. */
  private static final Set<ErrorCode> NEVER_OVER_THE_BUS =
      EnumSet.of(
          ErrorCode.UNAUTHENTICATED,
          ErrorCode.FORBIDDEN,
          ErrorCode.AMBIGUOUS_NAME,
          ErrorCode.STATIC_TOO_LATE,
          ErrorCode.NOTIFY_NOT_ALLOWED);

  /** In Java a worker is a handle that somebody holds, and a bug of ours ends the postmaster. */
  private static final Set<ErrorCode> NEVER_IN_JAVA =
      EnumSet.of(
          ErrorCode.UNAUTHENTICATED,
          ErrorCode.FORBIDDEN,
          ErrorCode.UNKNOWN_WORKER,
          ErrorCode.AMBIGUOUS_NAME,
          ErrorCode.INTERNAL);

  private static final Handle ELSEWHERE =
      Handle.parse("01JDA3K5ZV7Q0000000000000A.0.1").orElseThrow();

  /** How many clients may be attached at one time. */
  private static final int CLIENTS_MAX = 65_536;

  private static final JsonObject ALL = new JsonObject().put("all", true);

  /** Lets a library keep what it was given for the start alone. */
  private static final class Keeper implements WorkerLibrary {

    private Registrar kept;

    @Override
    public String name() {
      return "keeper";
    }

    @Override
    public List<EntryPoint> entryPoints() {
      return List.of();
    }

    @Override
    public void preload(Registrar registrar) {
      kept = registrar;
    }
  }

  private final Keeper keeper = new Keeper();
  private BusLife bus;
  private Postmaster java;

  @BeforeEach
  void start() throws Exception {
    PostmasterOptions options =
        BusLife.options()
            .addLibrary(keeper)
            .setMaxWorkers(2)
            .setMaxParallelWorkers(1)
            .setUniqueNames(true);
    bus = BusLife.started(options);
    java = bus.life.postmaster;
  }

  @AfterEach
  void stop() {
    bus.close();
  }

  @Test
  void theNumbersAreThoseOfTheProtocol() {
    List<ErrorCode> codes = List.of(ErrorCode.values());

    assertEquals(
        List.of(
            4000, 4010, 4030, 4040, 4080, 4090, 4091, 4092, 4093, 4094, 4095, 4096, 4097, 4220,
            4221, 4222, 4290, 5000, 5030, 5031),
        codes.stream().map(ErrorCode::number).toList());
    assertEquals(
        List.of(
            400, 401, 403, 404, 200, 409, 409, 409, 409, 409, 409, 409, 409, 422, 422, 422, 429,
            500, 503, 503),
        codes.stream().map(ErrorCode::http).toList());
  }

  // ---- over the bus

  @ParameterizedTest
  @EnumSource
  void overTheBusItComesWithItsNumberAndOneSentence(ErrorCode code) throws Exception {
    Optional<Future<?>> refused = overTheBus(code);

    assertEquals(NEVER_OVER_THE_BUS.contains(code), refused.isEmpty());
    if (refused.isPresent()) {
      ReplyException failure = assertThrows(ReplyException.class, () -> get(refused.get()));
      assertEquals(ReplyFailure.RECIPIENT_FAILURE, failure.failureType());
      assertEquals(code.number(), failure.failureCode(), failure.getMessage());
      assertTrue(failure.getMessage().matches("\\S.{8,}[^.\\s]"), failure.getMessage());
    }
  }

  private Optional<Future<?>> overTheBus(ErrorCode code) throws Exception {
    String epoch = java.epoch();
    return switch (code) {
      case UNAUTHENTICATED, FORBIDDEN, AMBIGUOUS_NAME -> Optional.empty();
      case STATIC_TOO_LATE, NOTIFY_NOT_ALLOWED -> Optional.empty();
      case BAD_REQUEST -> asked("restart", null);
      case UNKNOWN_WORKER -> asked("status", handle(epoch + ".2.1"));
      case STALE_HANDLE -> asked("terminate", handle(ELSEWHERE.toString()));
      case TIMEOUT ->
          asked("await", handle(bus.running("w")).put("for", "gone").put("timeoutMs", 1));
      case NO_FREE_SLOT -> {
        bus.register("a", "idle");
        bus.register("b", "idle");
        yield asked("register", spec("c", "idle"));
      }
      case PARALLEL_LIMIT -> {
        JsonArray flags = new JsonArray().add("PARALLEL");
        bus.ask("register", spec("a", "idle").put("flags", flags));
        yield asked("register", spec("b", "idle").put("flags", flags));
      }
      case ALREADY_REGISTERED -> {
        bus.register("w", "idle");
        yield asked("register", spec("w", "idle"));
      }
      case NOT_STARTED -> {
        bus.ask("pause", ALL);
        String held = bus.register("w", "idle");
        bus.ask("terminate", handle(held));
        yield asked("await", handle(held).put("for", "started"));
      }
      case NOT_RUNNING -> {
        bus.ask("pause", ALL);
        yield asked("signal", handle(bus.register("w", "idle")).put("signal", "HUP"));
      }
      case INVALID_SPEC -> asked("register", spec("w", "idle").put("restart", "25h"));
      case UNKNOWN_ENTRY_POINT -> asked("register", spec("w", "nosuch"));
      case RATE_LIMITED -> Optional.of(oneWaitTooMany());
      case INTERNAL -> {
        java.entryPoints().get("t/once").schema().put("x", new Object());
        yield asked("entryPoints", null);
      }
      case SHUTTING_DOWN -> {
        deaf();
        bus.ask("shutdown", new JsonObject().put("mode", "fast"));
        yield asked("register", spec("late", "once"));
      }
      case POSTMASTER_DIED -> {
        Optional<Future<?>> wait = asked("await", handle(deaf()).put("for", "gone"));
        bus.ask("shutdown", new JsonObject().put("mode", "immediate"));
        yield wait;
      }
    };
  }

  private Optional<Future<?>> asked(String action, JsonObject body) {
    return Optional.of(
        bus.vertx.eventBus().request(BusLife.CONTROL, body, BusLife.headers(action)));
  }

  private static JsonObject handle(String handle) {
    return new JsonObject().put("handle", handle);
  }

  /** One that keeps the end open for a moment. */
  private String deaf() throws Exception {
    JsonObject stop = new JsonObject().put("grace", "5s").put("force", "500ms");
    String handle = bus.ask("register", spec("deaf", "deaf").put("stop", stop)).getString("handle");
    bus.ask("await", handle(handle).put("for", "started"));
    return handle;
  }

  /** The one beyond all those that may wait at one time. */
  private Future<?> oneWaitTooMany() throws Exception {
    JsonObject body = handle(bus.running("w")).put("for", "gone");
    for (int wait = 0; wait < 65_536; wait++) {
      asked("await", body);
    }
    return asked("await", body).orElseThrow();
  }

  // ---- in Java

  @ParameterizedTest
  @EnumSource
  void inJavaItFailsTheFuture(ErrorCode code) throws Exception {
    Optional<Future<?>> refused = inJava(code);

    assertEquals(NEVER_IN_JAVA.contains(code), refused.isEmpty());
    if (refused.isPresent()) {
      PostmasterException failure =
          assertThrows(PostmasterException.class, () -> get(refused.get()));
      assertEquals(code, failure.code(), failure.getMessage());
      assertTrue(failure.getMessage().matches("\\S.{8,}[^.\\s]"), failure.getMessage());
    }
  }

  private Optional<Future<?>> inJava(ErrorCode code) throws Exception {
    Future<?> refused =
        switch (code) {
          case UNAUTHENTICATED, FORBIDDEN, UNKNOWN_WORKER, AMBIGUOUS_NAME, INTERNAL -> null;
          case BAD_REQUEST -> java.advance(Phase.STARTUP);
          case STALE_HANDLE -> java.handle(ELSEWHERE).signal(Signal.HUP);
          case TIMEOUT -> started("w").awaitGone(Duration.ofMillis(1));
          case NO_FREE_SLOT -> {
            started("a");
            started("b");
            yield java.register(of("c"));
          }
          case PARALLEL_LIMIT -> {
            get(java.register(of("a").flags(Flag.PARALLEL)));
            yield java.register(of("b").flags(Flag.PARALLEL));
          }
          case ALREADY_REGISTERED -> {
            started("w");
            yield java.register(of("w"));
          }
          case STATIC_TOO_LATE -> tooLate();
          case NOTIFY_NOT_ALLOWED -> {
            Postmaster other = Postmaster.create(bus.vertx, BusLife.options().setName("other"));
            other.register(of("w").notify("me"));
            yield other.start();
          }
          case NOT_STARTED -> {
            get(java.pause(Target.all(), Optional.empty()));
            WorkerHandle held = get(java.register(of("w")));
            get(held.terminate());
            yield held.awaitStarted();
          }
          case NOT_RUNNING -> {
            get(java.pause(Target.all(), Optional.empty()));
            yield get(java.register(of("w"))).signal(Signal.HUP);
          }
          case INVALID_SPEC -> java.register(of("w").restartAfter(Duration.ofHours(25)));
          case UNKNOWN_ENTRY_POINT -> java.register(WorkerSpec.of("w", "t", "nosuch"));
          case RATE_LIMITED -> oneClientTooMany();
          case SHUTTING_DOWN -> {
            deaf();
            java.shutdown(ShutdownMode.FAST);
            yield java.register(of("late"));
          }
          case POSTMASTER_DIED -> {
            get(java.close());
            yield java.register(of("late"));
          }
        };
    return Optional.ofNullable(refused);
  }

  private static WorkerSpec of(String name) {
    return WorkerSpec.of(name, "t", "idle");
  }

  private WorkerHandle started(String name) throws Exception {
    WorkerHandle handle = get(java.register(of(name)));
    get(handle.awaitStarted());
    return handle;
  }

  private Future<?> tooLate() {
    try {
      keeper.kept.register(of("late"));
      return Future.succeededFuture();
    } catch (PostmasterException refusal) {
      return Future.failedFuture(refusal);
    }
  }

  private Future<?> oneClientTooMany() {
    for (int client = 0; client < CLIENTS_MAX; client++) {
      java.attach("c" + client);
    }
    return java.attach("another");
  }
}
