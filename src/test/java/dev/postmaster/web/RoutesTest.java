package dev.postmaster.web;

import static dev.postmaster.support.Life.get;
import static dev.postmaster.web.Web.assertProblem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.support.Life;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Every route that there is, from the router itself, so that none can be forgotten: each has a
 * role, stands in the table of {@code docs/SECURITY-MODEL.md}, and refuses whoever has less. It is
 * mounted into a server of somebody else's, whose own handler says who is who.
 */
class RoutesTest {

  private static final String USER = "X-User";

  private Life life;
  private Router router;
  private HttpServer server;
  private WebClient client;

  @BeforeEach
  void start() throws Exception {
    life = Life.started();
    WebOptions options =
        new WebOptions()
            .setAllowShutdown(true)
            .setAuthentication(
                context -> {
                  String name = context.request().getHeader(USER);
                  if (name == null) {
                    context.fail(401);
                  } else {
                    ((io.vertx.ext.web.impl.UserContextInternal) context.userContext())
                        .setUser(User.fromName(name));
                    context.next();
                  }
                },
                user -> role(user.subject()));
    router = PostmasterRouter.create(life.vertx, life.postmaster, options);
    Router main = Router.router(life.vertx);
    main.route("/ops/*").subRouter(router);
    server =
        get(
            life.vertx
                .createHttpServer(
                    PostmasterRouter.limits(new io.vertx.core.http.HttpServerOptions()))
                .requestHandler(main)
                .listen(0, "127.0.0.1"));
    client = WebClient.create(life.vertx);
  }

  @AfterEach
  void end() {
    life.close();
  }

  private static Role role(String user) {
    for (Role role : Role.values()) {
      if (role.word().equals(user)) {
        return role;
      }
    }
    return null;
  }

  private record Entry(String path, HttpMethod method, String role) {}

  private List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    for (Route route : router.getRoutes()) {
      if (route.getPath() != null && route.methods() != null && !route.methods().isEmpty()) {
        String role = route.getMetadata(Routes.ROLE);
        assertNotNull(role, () -> route + " has no role");
        route.methods().forEach(method -> entries.add(new Entry(route.getPath(), method, role)));
      }
    }
    assertTrue(entries.size() > 15, () -> "only " + entries);
    return entries;
  }

  private HttpResponse<Buffer> send(Entry entry, Optional<String> user) throws Exception {
    String path = "/ops" + entry.path().replace(":worker", "%230");
    var request = client.request(entry.method(), server.actualPort(), "127.0.0.1", path);
    user.ifPresent(name -> request.putHeader(USER, name));
    return entry.method().equals(HttpMethod.POST)
        ? get(request.sendJsonObject(new JsonObject().put("nonsense", 1)))
        : get(request.send());
  }

  @Test
  void whoeverHasLessThanTheRoleOfARouteIsRefused() throws Exception {
    for (Entry entry : entries()) {
      if (entry.role().equals(Routes.NONE)) {
        continue;
      }
      assertEquals(401, send(entry, Optional.empty()).statusCode(), entry::toString);
      assertEquals(403, send(entry, Optional.of("nobody")).statusCode(), entry::toString);
      for (Role role : Role.values()) {
        int status = send(entry, Optional.of(role.word())).statusCode();
        boolean enough = role.includes(role(entry.role()));
        assertEquals(!enough, status == 401 || status == 403, () -> role + " " + entry);
      }
    }
  }

  @Test
  void everyRouteStandsInTheSecurityModel() throws Exception {
    TreeMap<String, String> expected = new TreeMap<>();
    for (Entry entry : entries()) {
      if (!entry.method().equals(HttpMethod.HEAD)) {
        expected.put(entry.method() + " " + entry.path(), entry.role());
      }
    }
    List<String> rows =
        Files.readAllLines(Path.of("docs/SECURITY-MODEL.md")).stream()
            .filter(line -> line.matches("\\| `(GET|POST|DELETE) .*"))
            .map(line -> line.replaceAll("\\| `([^`]*)` \\| ([a-z]+) \\|.*", "$1: $2"))
            .sorted(Comparator.naturalOrder())
            .toList();

    assertEquals(
        expected.entrySet().stream().map(e -> e.getKey() + ": " + e.getValue()).sorted().toList(),
        rows);
  }

  @Test
  void aMountedRouterFindsItsWay() throws Exception {
    HttpResponse<Buffer> made =
        get(
            client
                .post(server.actualPort(), "127.0.0.1", "/ops/api/v1/workers")
                .putHeader(USER, "operator")
                .sendJsonObject(
                    new JsonObject()
                        .put("name", "s")
                        .put("library", "postmaster")
                        .put("function", "sentinel")
                        .put("args", new JsonObject().put("address", "a"))));

    assertEquals(201, made.statusCode(), made::bodyAsString);
    HttpResponse<Buffer> found =
        get(
            client
                .get(server.actualPort(), "127.0.0.1", made.getHeader("Location"))
                .putHeader(USER, "viewer")
                .send());
    assertEquals("s", found.bodyAsJsonObject().getString("name"));
    assertEquals(
        "operator",
        life.postmaster.transitionsAfter(0).transitions().stream()
            .filter(t -> t.cause().word().equals("registered"))
            .findFirst()
            .orElseThrow()
            .by()
            .word());
    assertProblem(
        404,
        "BAD_REQUEST",
        get(
            client
                .get(server.actualPort(), "127.0.0.1", "/ops/nothing")
                .putHeader(USER, "viewer")
                .send()));
  }

  private HttpResponse<Buffer> show(String path) throws Exception {
    return get(client.get(server.actualPort(), "127.0.0.1", path).putHeader(USER, "viewer").send());
  }
}
