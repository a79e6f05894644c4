package dev.postmaster.request;

import dev.postmaster.EntryPoint;
import dev.postmaster.Phase;
import dev.postmaster.Postmaster;
import dev.postmaster.ShutdownMode;
import dev.postmaster.Target;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What can be asked of the postmaster as a whole; see {@link WorkerActions} for threading and
 * errors.
 */
final class PostmasterActions {

  /** How often an attached client renews; it is detached after three times that. */
  static final int RENEW_MS = 30_000;

  private static final int NAME_BYTES_MAX = 95;

  private static final long EXACT_MAX = 1L << 53;

  private static final List<String> TARGETS = List.of("handle", "type", "group", "domain", "all");

  private static final Set<String> FOR_A_TIME =
      Set.of("handle", "type", "group", "domain", "all", "until");

  private final Postmaster postmaster;

  private final int slots;

  PostmasterActions(Postmaster postmaster, int slots) {
    this.postmaster = postmaster;
    this.slots = slots;
  }

  /**
   * {@code {"handle"}}, {@code {"type"}}, {@code {"group"}}, {@code {"domain"}} or {@code {"all":
   * true}}, with {@code until} or none → {@code {"workers"}}. A group is refused by the postmaster,
   * {@code BAD_REQUEST}: there are no groups yet, so that no specification is at fault.
   */
  Future<JsonObject> pause(JsonObject body) {
    Fields fields = new Fields(body, FOR_A_TIME);
    return workers(postmaster.pause(target(fields), until(fields)));
  }

  Future<JsonObject> drain(JsonObject body) {
    Fields fields = new Fields(body, FOR_A_TIME);
    return workers(postmaster.drain(target(fields), until(fields)));
  }

  /** As {@link #pause}, but it is for good: {@code until} would promise what does not come. */
  Future<JsonObject> resume(JsonObject body) {
    Fields fields = new Fields(body, Set.copyOf(TARGETS));
    return workers(postmaster.resume(target(fields)));
  }

  private static Future<JsonObject> workers(Future<Integer> met) {
    return met.map(count -> new JsonObject().put("workers", count));
  }

  private Target target(Fields fields) {
    List<String> given = TARGETS.stream().filter(fields::has).toList();
    if (given.size() != 1) {
      throw fields.bad("target", "is not exactly one of " + TARGETS + " but " + given);
    }
    String kind = given.get(0);
    if (kind.equals("handle")) {
      return Target.of(fields.needHandle(postmaster.epoch(), slots));
    }
    if (kind.equals("all")) {
      fields.needTrue("all");
      return Target.all();
    }
    String name = fields.needText(kind, NAME_BYTES_MAX);
    return switch (kind) {
      case "type" -> Target.type(name);
      case "domain" -> Target.domain(name);
      default -> new Target(Target.Kind.GROUP, name, Optional.empty());
    };
  }

  private static Optional<Instant> until(Fields fields) {
    return fields.number("until", 0, EXACT_MAX).map(Instant::ofEpochMilli);
  }

  /** {@code {"phase"}} → {@code {}}. */
  Future<JsonObject> advance(JsonObject body) {
    Fields fields = new Fields(body, Set.of("phase"));
    return postmaster
        .advance(fields.needWord("phase", List.of(Phase.values()), Phase::word))
        .map(done -> new JsonObject());
  }

  /** {@code {"client"}} or {@code {}} → {@code {"client", "renewMs"}}; a known one renews. */
  Future<JsonObject> attach(JsonObject body) {
    String client =
        new Fields(body, Set.of("client"))
            .text("client", NAME_BYTES_MAX)
            .orElseGet(() -> UUID.randomUUID().toString());
    return postmaster
        .attach(client)
        .map(done -> new JsonObject().put("client", client).put("renewMs", RENEW_MS));
  }

  /** {@code {"client"}} → {@code {}}. */
  Future<JsonObject> detach(JsonObject body) {
    String client = new Fields(body, Set.of("client")).needText("client", NAME_BYTES_MAX);
    return postmaster.detach(client).map(done -> new JsonObject());
  }

  /** {@code {"mode"}} → {@code {"mode"}}, the one in force now; it does not wait for the end. */
  Future<JsonObject> shutdown(JsonObject body) {
    List<ShutdownMode> modes =
        Stream.of(ShutdownMode.values()).filter(mode -> mode != ShutdownMode.NONE).toList();
    ShutdownMode asked =
        new Fields(body, Set.of("mode")).needWord("mode", modes, ShutdownMode::word);
    ShutdownMode before = postmaster.status().shutdown();
    if (before.compareTo(asked) >= 0) {
      return Future.succeededFuture(new JsonObject().put("mode", before.word()));
    }
    postmaster.shutdown(asked);
    return Future.succeededFuture(new JsonObject().put("mode", asked.word()));
  }

  /**
   * {@code {}} → {@code {"entryPoints": [{"library", "function", "description", "schema"}]}}, by
   * library and function.
   */
  Future<JsonObject> entryPoints(JsonObject body) {
    new Fields(body, Set.of());
    JsonArray all = new JsonArray();
    postmaster.entryPoints().forEach((path, point) -> all.add(entryPoint(path, point)));
    return Future.succeededFuture(new JsonObject().put("entryPoints", all));
  }

  private static JsonObject entryPoint(String path, EntryPoint point) {
    // The name of an entry point has no say in where its library's ends.
    String library = path.substring(0, path.length() - point.name().length() - 1);
    return new JsonObject()
        .put("library", library)
        .put("function", point.name())
        .put("description", point.description())
        .put("schema", point.schema());
  }
}
