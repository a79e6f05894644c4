package dev.postmaster.web;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/**
 * The page at {@code /} and its files below {@code /assets/}: a fixed list, read once from the
 * class path, so that no path of a request reaches a file system or a class loader.
 *
 * <p>The page loads its own files and nothing else, takes no text for a script, and is shown in
 * nobody's frame. Its files are the same for everybody and need no role.
 *
 * <p>Threading: immutable.
 */
final class Dashboard {

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types lit-html";

  private static final List<String> OWN =
      List.of(
          "dashboard.css",
          "theme.js",
          "main.js",
          "model.js",
          "history.js",
          "feed.js",
          "replay.js",
          "api.js",
          "actions.js",
          "keys.js",
          "format.js",
          "query.js",
          "page.js",
          "workers.js",
          "lanes.js",
          "detail.js",
          "journal.js",
          "dialogs.js",
          "register.js",
          "rates.js",
          "demo.ndjson");

  /** Of libraries, by their names as WebJars. */
  private static final Map<String, List<String>> LIBRARIES =
      Map.of(
          "lit-html", List.of("lit-html.js"),
          "uplot", List.of("dist/uPlot.iife.min.js", "dist/uPlot.min.css"));

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "ndjson", "application/x-ndjson; charset=utf-8");

  /** A file, its type, and a tag that changes with it. */
  private record Asset(Buffer bytes, String type, String tag) {}

  private final Asset page = read("dashboard/index.html");
  private final Map<String, Asset> assets = new LinkedHashMap<>();

  /** Made once, for all servers: it is the same for all. */
  private static final class Once {
    static final Dashboard MADE = new Dashboard();
  }

  /** The first call reads the files: not for an event loop. */
  static Dashboard get() {
    return Once.MADE;
  }

  private Dashboard() {
    OWN.forEach(name -> assets.put(name, read("dashboard/" + name)));
    LIBRARIES.forEach(
        (library, files) -> {
          String place = "/META-INF/resources/webjars/" + library + '/' + version(library) + '/';
          files.forEach(file -> assets.put(library + '/' + file, read(place + file)));
        });
  }

  /** The version stands in the pom alone. */
  private static String version(String library) {
    Properties properties = new Properties();
    String pom = "/META-INF/maven/org.webjars.npm/" + library + "/pom.properties";
    try (InputStream in = Dashboard.class.getResourceAsStream(pom)) {
      properties.load(in);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
    return properties.getProperty("version");
  }

  private static Asset read(String resource) {
    try (InputStream in = Dashboard.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the class path has no " + resource);
      }
      byte[] bytes = in.readAllBytes();
      String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
      String type = TYPES.get(resource.substring(resource.lastIndexOf('.') + 1));
      return new Asset(Buffer.buffer(bytes), type, '"' + digest.substring(0, 32) + '"');
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every JVM has SHA-256", impossible);
    }
  }

  /** The paths of the files, as they follow {@code /assets/}. */
  Set<String> files() {
    return assets.keySet();
  }

  /** Answers with the page; its links are relative, so that it may be mounted below any path. */
  void page(RoutingContext context, int status) {
    Answers.file(
        context,
        status,
        Map.of("Content-Type", page.type(), "Content-Security-Policy", POLICY),
        page.bytes());
  }

  /** Answers with a file; a browser that has it already is told so. */
  void file(RoutingContext context, String name) {
    Asset asset = assets.get(name);
    boolean known = asset.tag().equals(context.request().getHeader("If-None-Match"));
    Map<String, String> headers =
        Map.of("Content-Type", asset.type(), "Cache-Control", "no-cache", "ETag", asset.tag());
    Answers.file(context, known ? 304 : 200, headers, known ? Buffer.buffer() : asset.bytes());
  }
}
