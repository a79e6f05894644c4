package dev.postmaster.runtime;

import static dev.postmaster.support.Life.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.ArgsSchema;
import dev.postmaster.EntryPoint;
import dev.postmaster.ErrorCode;
import dev.postmaster.Postmaster;
import dev.postmaster.PostmasterException;
import dev.postmaster.PostmasterOptions;
import dev.postmaster.Registrar;
import dev.postmaster.WorkerLibrary;
import dev.postmaster.WorkerSpec;
import dev.postmaster.WorkerStatus;
import dev.postmaster.schema.SchemaReader;
import dev.postmaster.support.Life;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Libraries, what may be wrong with them, their static workers and their schemas. */
class LibrariesTest {

  /** One that says of itself whatever a test wants. */
  private record Library(
      Supplier<String> called, Supplier<List<EntryPoint>> points, Consumer<Registrar> atPreload)
      implements WorkerLibrary {

    static Library of(String name, EntryPoint... points) {
      return new Library(() -> name, () -> new ArrayList<>(List.of(points)), registrar -> {});
    }

    Library preloading(Consumer<Registrar> atPreload) {
      return new Library(called, points, atPreload);
    }

    @Override
    public String name() {
      return called.get();
    }

    @Override
    public List<EntryPoint> entryPoints() {
      return points.get();
    }

    @Override
    public void preload(Registrar registrar) {
      atPreload.accept(registrar);
    }
  }

  private static final JsonObject COUNTED =
      new JsonObject()
          .put("properties", new JsonObject().put("count", new JsonObject().put("type", "integer")))
          .put("additionalProperties", false);

  private Vertx vertx;

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private static EntryPoint point(String name, JsonObject schema) {
    return EntryPoint.of(name, "for a test", schema, () -> context -> {});
  }

  private static EntryPoint point(String name) {
    return point(name, new JsonObject());
  }

  private static PostmasterOptions with(WorkerLibrary... libraries) {
    PostmasterOptions options = Life.options();
    List.of(libraries).forEach(options::addLibrary);
    return options;
  }

  private static <T> T fail(String why) {
    throw new IllegalStateException(why);
  }

  private static PostmasterException refused(Future<?> request) {
    return assertThrows(PostmasterException.class, () -> get(request));
  }

  private void assertRefused(PostmasterOptions options, String... faults) {
    String message = refused(Postmaster.create(vertx, options).start()).getMessage();
    for (String fault : faults) {
      assertTrue(message.contains(fault), () -> fault + " is not in: " + message);
    }
    assertEquals(faults.length, message.split("; ").length, message);
  }

  @Test
  void whatIsWrongWithALibraryIsOneFaultOfTheStart() {
    assertRefused(with(Library.of("twice"), Library.of("twice")), "\"twice\" is there twice");
    assertRefused(with(Library.of("postmaster")), "\"postmaster\" is built in");
    assertRefused(Life.options().addLibrary(null), "null was added");
    assertRefused(with(Library.of(null)), "Library, null");
    assertRefused(with(Library.of("")), "has 0 bytes");
    assertRefused(with(Library.of("é".repeat(48))), "has 96 bytes");
    assertRefused(with(Library.of("a/b")), "a control character or a slash");
    assertRefused(with(new Library(() -> fail("nameless"), List::of, registrar -> {})), "nameless");
    assertRefused(
        with(new Library(() -> "lib", () -> null, registrar -> {})),
        "entry points of \"lib\" are null");
    assertRefused(
        with(new Library(() -> "lib", () -> fail("pointless"), registrar -> {})), "pointless");
    assertRefused(with(Library.of("lib", point("fn"), point("fn"))), "\"lib/fn\" is there twice");
    assertRefused(with(Library.of("lib", point("f".repeat(96)))), "has 96 bytes");
    assertRefused(with(Library.of("lib", point("f", null))), "\"f\" has no description, schema");
    assertRefused(Life.options().setLibraries(List.of("examples", "examples")), "named twice");
    assertRefused(with(Library.of("examples")).setLibraries(List.of("examples")), "is there twice");
  }

  @Test
  void namesOfNinetyFiveBytesAreTaken() throws Exception {
    String longest = "n".repeat(95);
    Postmaster postmaster =
        get(Postmaster.create(vertx, with(Library.of(longest, point(longest)))).start());

    get(get(postmaster.register(WorkerSpec.of("w", longest, longest))).awaitGone());
    get(postmaster.close());
  }

  @Test
  void allFaultsOfAllLibrariesAreFoundAtOnce() {
    assertRefused(
        with(
                Library.of("a/b"),
                Library.of("lib", point("x", new JsonObject().put("type", "objct")), point("y")),
                Library.of("pre")
                    .preloading(
                        registrar -> {
                          registrar.register(Workers.idle("n").notify("address"));
                          registrar.register(null);
                          registrar.register(WorkerSpec.of("u", "lib", "none"));
                          registrar.register(WorkerSpec.of("p", "postmaster", "publisher"));
                          fail("late");
                        }))
            .setLibraries(List.of("missing")),
        "slash",
        "missing",
        "schema of entry point \"lib/x\", schema.type: \"objct\"",
        "late",
        "registered null",
        "notify",
        "\"lib/none\" is not known",
        "args: ");
  }

  @Test
  void theBuiltInLibraryIsThereUnnamedAndNamed() throws Exception {
    for (List<String> names : List.of(List.<String>of(), List.of("postmaster"))) {
      Postmaster postmaster =
          get(Postmaster.create(vertx, Life.options().setLibraries(names)).start());

      assertEquals(
          Set.of("postmaster/publisher", "postmaster/sentinel"), postmaster.entryPoints().keySet());
      get(postmaster.close());
    }
  }

  @Test
  void preloadedWorkersAreStaticAndHaveTheFirstSlotsInTheirOrder() throws Exception {
    Library first = Library.of("a").preloading(r -> r.register(Workers.idle("a-1")));
    Library second =
        Library.of("b")
            .preloading(
                registrar -> {
                  registrar.register(Workers.idle("b-1"));
                  registrar.register(Workers.idle("b-2"));
                });
    Postmaster postmaster = Postmaster.create(vertx, with(first, second));
    postmaster.register(Workers.idle("own"));

    get(postmaster.start());

    assertEquals(
        List.of("a-1", "b-1", "b-2", "own"),
        postmaster.list().stream().map(WorkerStatus::name).toList());
    get(postmaster.close());
  }

  @Test
  void aRegistrarThatWasKeptIsTooLate() throws Exception {
    AtomicReference<Registrar> kept = new AtomicReference<>();
    Postmaster postmaster =
        get(Postmaster.create(vertx, with(Library.of("lib").preloading(kept::set))).start());

    PostmasterException refusal =
        assertThrows(
            PostmasterException.class, () -> kept.get().register(Workers.idle("too-late")));

    assertEquals(ErrorCode.STATIC_TOO_LATE, refusal.code());
    assertEquals(List.of(), postmaster.list());
    get(postmaster.close());
  }

  @Test
  void argumentsThatBreakTheSchemaAreRefusedWithFieldValueAndRule() throws Exception {
    WorkerSpec wrong = WorkerSpec.of("w", "lib", "fn").args(new JsonObject().put("count", "three"));
    Postmaster postmaster = Postmaster.create(vertx, with(Library.of("lib", point("fn", COUNTED))));
    PostmasterException before = refused(postmaster.register(wrong));
    assertEquals(ErrorCode.INVALID_SPEC, refused(postmaster.start()).code());
    Postmaster started =
        get(Postmaster.create(vertx, with(Library.of("lib", point("fn", COUNTED)))).start());

    PostmasterException after = refused(started.register(wrong));

    for (PostmasterException refusal : List.of(before, after)) {
      assertEquals(ErrorCode.INVALID_SPEC, refusal.code());
      assertTrue(
          refusal.getMessage().startsWith("args.count: \"three\" breaks #/properties/count/type"),
          refusal.getMessage());
    }
    assertEquals(0, started.status().slotsUsed());
    get(get(started.register(wrong.args(new JsonObject().put("count", 3)))).awaitGone());
    get(started.close());
  }

  @Test
  void theSchemaIsLookedAtAfterTheRulesBeforeIt() throws Exception {
    JsonObject wrong = new JsonObject().put("count", "three");
    Postmaster postmaster =
        get(Postmaster.create(vertx, with(Library.of("lib", point("fn", COUNTED)))).start());

    assertEquals(
        ErrorCode.UNKNOWN_ENTRY_POINT,
        refused(postmaster.register(WorkerSpec.of("w", "lib", "other").args(wrong))).code());
    String name =
        refused(postmaster.register(WorkerSpec.of("", "lib", "fn").args(wrong))).getMessage();
    assertTrue(name.startsWith("name: "), name);
    JsonObject large = new JsonObject().put("count", "x".repeat(9_000));
    String size =
        refused(postmaster.register(WorkerSpec.of("w", "lib", "fn").args(large))).getMessage();
    assertTrue(size.contains("8 KiB"), size);
    get(postmaster.close());
    assertEquals(
        ErrorCode.POSTMASTER_DIED,
        refused(postmaster.register(WorkerSpec.of("w", "lib", "fn").args(wrong))).code());
  }

  /** A schema that takes its time on whatever machine: each level is gone through twice. */
  private static JsonObject slow(JsonObject args) {
    for (int levels = 10; levels < 30; levels++) {
      JsonObject definitions = new JsonObject().put("d0", new JsonObject());
      for (int level = 1; level <= levels; level++) {
        JsonObject below = new JsonObject().put("$ref", "#/$defs/d" + (level - 1));
        definitions.put(
            "d" + level, new JsonObject().put("allOf", new JsonArray().add(below).add(below)));
      }
      JsonObject schema =
          new JsonObject()
              .put("$defs", definitions)
              .put(
                  "properties",
                  new JsonObject().put("slow", new JsonObject().put("$ref", "#/$defs/d" + levels)));
      ArgsSchema read = new SchemaReader().read(schema);
      long began = System.nanoTime();
      read.fault(args);
      if (System.nanoTime() - began > 300_000_000) {
        return schema;
      }
    }
    throw new AssertionError("this machine is too fast");
  }

  @Test
  void aSchemaThatTakesItsTimeHoldsUpNobodyButItsCaller() throws Exception {
    JsonObject args = new JsonObject().put("slow", 1);
    JsonObject schema = slow(args);
    Postmaster postmaster =
        get(Postmaster.create(vertx, with(Library.of("lib", point("fn", schema)))).start());
    Thread caller =
        new Thread(() -> postmaster.register(WorkerSpec.of("slow", "lib", "fn").args(args)));
    int servedMeanwhile = 0;

    caller.start();
    while (caller.isAlive()) {
      get(get(postmaster.register(Workers.of("quick", context -> {}))).awaitGone());
      servedMeanwhile += caller.isAlive() ? 1 : 0;
    }

    assertTrue(servedMeanwhile > 1, () -> "nobody was served while " + caller + " was checked");
    get(postmaster.close());
  }

  @Test
  void whatALibraryDoesToItsSchemaLaterHasNoEffect() throws Exception {
    JsonObject schema = COUNTED.copy();
    Postmaster postmaster =
        get(Postmaster.create(vertx, with(Library.of("lib", point("fn", schema)))).start());

    schema.clear();

    JsonObject wrong = new JsonObject().put("other", 1);
    refused(postmaster.register(WorkerSpec.of("w", "lib", "fn").args(wrong)));
    assertEquals(COUNTED, postmaster.entryPoints().get("lib/fn").schema());
    get(postmaster.close());
  }
}
