package dev.postmaster.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.postmaster.support.Life;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** The page at {@code /} and its files, as they are sent. */
class DashboardTest {

  private static final Path SOURCE = Path.of("src/main/resources/dev/postmaster/web/dashboard");

  private static final int BUDGET = 100_000;

  private static final int REQUESTS_MAX = 25;

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types lit-html";

  private static final Pattern IMPORT =
      Pattern.compile("\\b(?:from|import)\\s+[\"']([^\"']+)[\"']");

  private static final Set<String> NOT_ASKED_FOR = Set.of("demo.ndjson");

  private static Set<String> files() {
    return Dashboard.get().files();
  }

  @Test
  void thePageHasItsPolicyAndNoOtherAnswerMayLoadAnything() throws Exception {
    try (Web web = Web.started()) {
      HttpResponse<Buffer> page = web.get("/");

      assertEquals(200, page.statusCode());
      assertEquals("text/html; charset=utf-8", page.getHeader("Content-Type"));
      assertEquals(POLICY, page.getHeader("Content-Security-Policy"));
      assertEquals("no-store", page.getHeader("Cache-Control"));
      for (String path : List.of("/assets/main.js", "/api/v1/status", "/assets/nothing.js")) {
        assertEquals(
            "default-src 'none'; frame-ancestors 'none'",
            web.get(path).getHeader("Content-Security-Policy"),
            path);
      }
    }
  }

  @Test
  void everyFileIsSentOnceAndThenOnlyWhenItHasChanged() throws Exception {
    try (Web web = Web.started()) {
      for (String file : files()) {
        HttpResponse<Buffer> first = web.get("/assets/" + file);
        assertEquals(200, first.statusCode(), file);
        assertTrue(first.body().length() > 0, file);
        assertEquals("nosniff", first.getHeader("X-Content-Type-Options"));
        String type = first.getHeader("Content-Type");
        assertTrue(type.startsWith(file.endsWith(".js") ? "text/javascript" : ""), type);

        HttpResponse<Buffer> again =
            web.get(
                "/assets/" + file,
                MultiMap.caseInsensitiveMultiMap().add("If-None-Match", first.getHeader("ETag")));
        assertEquals(304, again.statusCode(), file);
        assertEquals(null, again.body(), file);
      }
    }
  }

  @Test
  void whatIsNotInTheListIsNotThere() throws Exception {
    try (Web web = Web.started()) {
      for (String path :
          List.of(
              "/assets/",
              "/assets/index.html",
              "/assets/../index.html",
              "/assets/..%2findex.html",
              "/assets/%2e%2e/dashboard.css",
              "/assets/lit-html/package.json",
              "/assets/main.js/",
              "/META-INF/resources/webjars/uplot/1.6.30/dist/uPlot.iife.min.js",
              "/dev/postmaster/web/Dashboard.class")) {
        assertEquals(404, web.get(path).statusCode(), path);
      }
    }
  }

  @Test
  void everyFileInTheSourcesIsInTheListAndThePageAsksForEachOfThem() throws Exception {
    Set<String> own =
        names(SOURCE).filter(name -> !name.equals("index.html")).collect(Collectors.toSet());
    Set<String> listed =
        files().stream().filter(file -> !file.contains("/")).collect(Collectors.toSet());
    assertEquals(own, listed);

    String page = Files.readString(SOURCE.resolve("index.html"));
    Set<String> asked = new TreeSet<>();
    Matcher link = Pattern.compile("(?:href|src)=\"assets/([^\"]+)\"").matcher(page);
    while (link.find()) {
      asked.add(link.group(1));
    }
    Set<String> needed = new TreeSet<>(files());
    needed.removeAll(NOT_ASKED_FOR);
    assertEquals(needed, asked, "what is not linked is found late, one after the other");
    assertTrue(asked.size() + 1 < REQUESTS_MAX, asked::toString);
  }

  @Test
  void everyImportIsAFileOfThePage() throws Exception {
    int imports = 0;
    Map<String, String> texts = texts();
    for (String file : files()) {
      if (!file.endsWith(".js") || file.contains("uPlot")) {
        continue;
      }
      Matcher found = IMPORT.matcher(texts.get(file));
      while (found.find()) {
        Path place = Path.of("/").resolve(file).resolveSibling(found.group(1)).normalize();
        assertTrue(files().contains(place.toString().substring(1)), file + " " + found.group(1));
        imports++;
      }
    }
    assertTrue(imports > 20, "only " + imports);
  }

  @Test
  void thePageIsSmallerThanItsBudget() throws Exception {
    int bytes = zipped(Files.readString(SOURCE.resolve("index.html")));
    for (String text : texts().values()) {
      bytes += zipped(text);
    }
    System.out.println("the page and all its files, compressed: " + bytes + " bytes");
    assertTrue(bytes < BUDGET, () -> "more than " + BUDGET);
  }

  @Test
  void whoHasShownNoTokenGetsThePageToShowItThere() throws Exception {
    try (Web web = Web.started(new WebOptions().setToken(Web.TOKEN).setRequireTokenForRead(true))) {
      HttpResponse<Buffer> page = web.get("/");

      assertEquals(401, page.statusCode());
      assertEquals("Bearer", page.getHeader("WWW-Authenticate"));
      assertEquals("text/html; charset=utf-8", page.getHeader("Content-Type"));
      assertEquals(POLICY, page.getHeader("Content-Security-Policy"));
      assertEquals(200, web.get("/assets/main.js").statusCode());
      Web.assertProblem(401, "UNAUTHENTICATED", web.get("/api/v1/status"));
      assertEquals(200, Life.get(web.bearer(HttpMethod.GET, "/").send()).statusCode());
    }
  }

  @Test
  void itCanBeMountedBelowAPathOfSomebodyElses() throws Exception {
    try (Life life = Life.started()) {
      Router main = Router.router(life.vertx);
      main.route("/ops/*")
          .subRouter(PostmasterRouter.create(life.vertx, life.postmaster, new WebOptions()));
      HttpServer server =
          Life.get(life.vertx.createHttpServer().requestHandler(main).listen(0, "127.0.0.1"));
      WebClient client = WebClient.create(life.vertx);

      for (String path : List.of("/ops/", "/ops/assets/main.js", "/ops/api/v1/status")) {
        assertEquals(
            200,
            Life.get(client.get(server.actualPort(), "127.0.0.1", path).send()).statusCode(),
            path);
      }
      client.close();
    }
  }

  @Test
  void noFileOfThePageIsLongerThanAClassMayBe() throws Exception {
    for (String name : names(SOURCE).filter(name -> name.endsWith(".js")).toList()) {
      int lines = Files.readAllLines(SOURCE.resolve(name)).size();
      assertTrue(lines <= 400, () -> name + " has " + lines + " lines");
    }
  }

  @Test
  void nothingInThePageIsAbsoluteOrInline() throws Exception {
    for (String name : names(SOURCE).toList()) {
      String text = Files.readString(SOURCE.resolve(name));
      String other = text.replace("http://www.w3.org/2000/svg", "").replaceAll("'http', 'ws'", "");
      assertFalse(other.contains("http://") || other.contains("https://"), name);
      assertFalse(text.contains("=\"/") || text.contains("fetch('/"), name);
      assertFalse(
          Pattern.compile("\\sstyle=|innerHTML|eval\\(|unsafeHTML").matcher(text).find(), name);
    }
  }

  private static Stream<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList().stream();
    }
  }

  private static Map<String, String> texts() throws Exception {
    Map<String, String> texts = new TreeMap<>();
    try (Web web = Web.started()) {
      for (String file : files()) {
        texts.put(file, web.get("/assets/" + file).bodyAsString());
      }
    }
    return texts;
  }

  private static int zipped(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
      zip.write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    return bytes.size();
  }
}
