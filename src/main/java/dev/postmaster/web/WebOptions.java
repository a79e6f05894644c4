package dev.postmaster.web;

import dev.postmaster.health.Findings;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import io.vertx.ext.web.handler.AuthenticationHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * How the web server is set up. Checked by {@link WebServer#bind}.
 *
 * <p>Shape: the keys of {@code http} in the configuration that it knows; the others are left to
 * whoever reads the configuration.
 */
public final class WebOptions {

  /** What a token is made of. */
  static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]{16,512}");

  private String host = "127.0.0.1";
  private int port = 7_432;
  private List<String> allowedHosts = List.of();
  private List<String> allowedOrigins = List.of();
  private int maxConnections = 64;
  private int maxConnectionsPerAddress = 8;
  private boolean allowShutdown;
  private boolean requireTokenForRead;
  private Path tokenFile;
  private String token;
  private Tls tls;
  private AuthenticationHandler authentication;
  private Function<User, Role> roles = user -> null;
  private Duration subscribeTimeout = Duration.ofSeconds(5);
  private Duration heartbeat = Duration.ofSeconds(5);
  private Duration slowLimit = Duration.ofSeconds(30);
  private Duration writeIdle = Duration.ofSeconds(40);
  private Duration requestTime = Duration.ofSeconds(60);
  private int certificateLookMs = 10_000;
  private PrometheusMeterRegistry registry;
  private Duration turnLimit = Findings.TURN_LIMIT;

  /**
   * What TLS needs: a chain of certificates and its key, both PEM. They are read again when they
   * change.
   */
  public record Tls(Path certificate, Path key) {}

  public WebOptions() {}

  public WebOptions(WebOptions other) {
    host = other.host;
    port = other.port;
    allowedHosts = other.allowedHosts;
    allowedOrigins = other.allowedOrigins;
    maxConnections = other.maxConnections;
    maxConnectionsPerAddress = other.maxConnectionsPerAddress;
    allowShutdown = other.allowShutdown;
    requireTokenForRead = other.requireTokenForRead;
    tokenFile = other.tokenFile;
    token = other.token;
    tls = other.tls;
    authentication = other.authentication;
    roles = other.roles;
    subscribeTimeout = other.subscribeTimeout;
    heartbeat = other.heartbeat;
    slowLimit = other.slowLimit;
    writeIdle = other.writeIdle;
    requestTime = other.requestTime;
    certificateLookMs = other.certificateLookMs;
    registry = other.registry;
    turnLimit = other.turnLimit;
  }

  public WebOptions(JsonObject json) {
    host = json.getString("host", host);
    port = json.getInteger("port", port);
    allowedHosts = texts(json, "allowedHosts");
    allowedOrigins = texts(json, "allowedOrigins");
    maxConnections = json.getInteger("maxConnections", maxConnections);
    maxConnectionsPerAddress =
        json.getInteger("maxConnectionsPerAddress", maxConnectionsPerAddress);
    allowShutdown = json.getBoolean("allowShutdown", allowShutdown);
    requireTokenForRead = json.getBoolean("requireTokenForRead", requireTokenForRead);
    tokenFile = path(json, "tokenFile");
    JsonObject pem = json.getJsonObject("tls");
    tls = pem == null ? null : new Tls(path(pem, "certificate"), path(pem, "key"));
  }

  private static List<String> texts(JsonObject json, String key) {
    return json.getJsonArray(key, new JsonArray()).stream().map(String::valueOf).toList();
  }

  private static Path path(JsonObject json, String key) {
    String text = json.getString(key);
    return text == null ? null : Path.of(text);
  }

  private static String text(Path path) {
    return path == null ? null : path.toString();
  }

  /**
   * The JSON form. A token and a handler have none, and neither have the times that are for tests.
   */
  public JsonObject toJson() {
    return new JsonObject()
        .put("host", host)
        .put("port", port)
        .put("allowedHosts", new JsonArray(allowedHosts))
        .put("allowedOrigins", new JsonArray(allowedOrigins))
        .put("maxConnections", maxConnections)
        .put("maxConnectionsPerAddress", maxConnectionsPerAddress)
        .put("allowShutdown", allowShutdown)
        .put("requireTokenForRead", requireTokenForRead)
        .put("tokenFile", text(tokenFile))
        .put(
            "tls",
            tls == null
                ? null
                : new JsonObject()
                    .put("certificate", text(tls.certificate()))
                    .put("key", text(tls.key())));
  }

  /**
   * Looks at every option.
   *
   * @return one line a fault, each with the option's path in the configuration
   */
  public List<String> faults() {
    List<String> faults = new ArrayList<>();
    boolean known = token != null || tokenFile != null || authentication != null;
    if (!isLoopback(host) && (tls == null || !known)) {
      faults.add(
          "http.host: \"" + host + "\" is not a loopback address, and others need TLS and a token");
    }
    if (tls != null && (tls.certificate() == null || tls.key() == null)) {
      faults.add("http.tls: certificate and key are both needed");
    }
    if (token != null && !TOKEN.matcher(token).matches()) {
      faults.add("http.token: is not 16 to 512 visible ASCII characters");
    }
    range(faults, "port", port, 0, 65_535);
    range(faults, "maxConnections", maxConnections, 1, 10_000);
    range(faults, "maxConnectionsPerAddress", maxConnectionsPerAddress, 1, 10_000);
    for (String origin : allowedOrigins) {
      if (!origin.matches("https?://[^/?#\\s]+")) {
        faults.add("http.allowedOrigins: \"" + origin + "\" is not <scheme>://<host>[:<port>]");
      }
    }
    return faults;
  }

  private static void range(List<String> faults, String key, int value, int from, int to) {
    if (value < from || value > to) {
      faults.add("http." + key + ": " + value + " is not between " + from + " and " + to);
    }
  }

  private static boolean isLoopback(String host) {
    return switch (host.toLowerCase(Locale.ROOT)) {
      case "localhost", "::1", "[::1]" -> true;
      default -> host.matches("127(\\.\\d{1,3}){3}");
    };
  }

  public String host() {
    return host;
  }

  /** Where to listen; another than a loopback address needs TLS and a token. */
  public WebOptions setHost(String value) {
    host = value;
    return this;
  }

  public int port() {
    return port;
  }

  /** 0: any free one. */
  public WebOptions setPort(int value) {
    port = value;
    return this;
  }

  public List<String> allowedHosts() {
    return allowedHosts;
  }

  /** Names, without port, that a {@code Host} header may carry beside those of the loopback. */
  public WebOptions setAllowedHosts(List<String> value) {
    allowedHosts = List.copyOf(value);
    return this;
  }

  public List<String> allowedOrigins() {
    return allowedOrigins;
  }

  /** Origins, such as {@code https://ops.example}, that may open the feed beside our own. */
  public WebOptions setAllowedOrigins(List<String> value) {
    allowedOrigins = List.copyOf(value);
    return this;
  }

  public int maxConnections() {
    return maxConnections;
  }

  /** Most feeds and streams of events at one time. */
  public WebOptions setMaxConnections(int value) {
    maxConnections = value;
    return this;
  }

  public int maxConnectionsPerAddress() {
    return maxConnectionsPerAddress;
  }

  /** Most feeds at one time from one address. */
  public WebOptions setMaxConnectionsPerAddress(int value) {
    maxConnectionsPerAddress = value;
    return this;
  }

  public boolean allowShutdown() {
    return allowShutdown;
  }

  /** Whether {@code POST /api/v1/shutdown} is served at all. */
  public WebOptions setAllowShutdown(boolean value) {
    allowShutdown = value;
    return this;
  }

  /** Whether somebody who shows nothing may read: on the loopback, unless it was forbidden. */
  boolean isReadingOpen() {
    return isLoopback(host) && !requireTokenForRead && authentication == null;
  }

  public boolean requireTokenForRead() {
    return requireTokenForRead;
  }

  /** Reading needs a token on the loopback too. */
  public WebOptions setRequireTokenForRead(boolean value) {
    requireTokenForRead = value;
    return this;
  }

  public Optional<Path> tokenFile() {
    return Optional.ofNullable(tokenFile);
  }

  /** Where the token stands, alone; it is read when the port is bound. */
  public WebOptions setTokenFile(Path value) {
    tokenFile = value;
    return this;
  }

  Optional<String> token() {
    return Optional.ofNullable(token);
  }

  /** The token that lets its bearer change everything; without one nobody can. */
  public WebOptions setToken(String value) {
    token = value;
    return this;
  }

  public Optional<Tls> tls() {
    return Optional.ofNullable(tls);
  }

  /** HTTPS instead of HTTP. */
  public WebOptions setTls(Tls value) {
    tls = value;
    return this;
  }

  Optional<AuthenticationHandler> authentication() {
    return Optional.ofNullable(authentication);
  }

  Function<User, Role> roles() {
    return roles;
  }

  /**
   * Leaves it to the embedding service who may do what: instead of tokens and sessions, and for
   * reading too.
   *
   * @param handler goes on with the route for those whom it knows, and fails it for others
   * @param ofUser the role of one; null for none
   */
  public WebOptions setAuthentication(AuthenticationHandler handler, Function<User, Role> ofUser) {
    authentication = handler;
    roles = ofUser;
    return this;
  }

  Optional<PrometheusMeterRegistry> registry() {
    return Optional.ofNullable(registry);
  }

  /**
   * Shows that registry at {@code /metrics}, with everything that whoever gives it has bound there:
   * the server itself binds only what it knows of feeds, and the postmaster is for {@link
   * dev.postmaster.metrics.PostmasterMetrics#bind}, best before its start. Without one the server
   * has its own, and binds in it the postmaster that it serves.
   */
  public WebOptions setRegistry(PrometheusMeterRegistry value) {
    registry = value;
    return this;
  }

  Duration turnLimit() {
    return turnLimit;
  }

  /** How long the postmaster's loop may not have turned before it is not live. */
  WebOptions setTurnLimit(Duration value) {
    turnLimit = value;
    return this;
  }

  Duration subscribeTimeout() {
    return subscribeTimeout;
  }

  /** How long a feed may stay without a subscription. */
  WebOptions setSubscribeTimeout(Duration value) {
    subscribeTimeout = value;
    return this;
  }

  Duration heartbeat() {
    return heartbeat;
  }

  /** Time between two heartbeats. */
  WebOptions setHeartbeat(Duration value) {
    heartbeat = value;
    return this;
  }

  Duration slowLimit() {
    return slowLimit;
  }

  /** How long a viewer may stay behind by more than its queue. */
  WebOptions setSlowLimit(Duration value) {
    slowLimit = value;
    return this;
  }

  int certificateLookMs() {
    return certificateLookMs;
  }

  /** How often the files of the certificate are looked at. */
  WebOptions setCertificateLookMs(int value) {
    certificateLookMs = value;
    return this;
  }

  Duration writeIdle() {
    return writeIdle;
  }

  /** How long a connection may take nothing of what it is sent before it is cut. */
  WebOptions setWriteIdle(Duration value) {
    writeIdle = value;
    return this;
  }

  Duration requestTime() {
    return requestTime;
  }

  /** How long a connection may take to bring its next request. */
  WebOptions setRequestTime(Duration value) {
    requestTime = value;
    return this;
  }
}
